"""One form for the addresses under which one page is known: trackers, AMP twins, anchors.

Two forms, for two uses. ``canonical_url`` is still a link: nothing goes that the page may need.
``same_page_key`` is for comparing alone: it also forgets what sites vary without meaning it.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_LONGEST = 8_000  # characters; what is longer is no address of an article and is left as it is

# Parameters that tell who sent the reader. From the documentation of Google Analytics and Ads, Meta,
# Microsoft, X, TikTok, LinkedIn, Yandex, Matomo, Mailchimp, HubSpot, Marketo, AT Internet and Webtrekk,
# and from what the large news sites put into shared links. Names that some site also uses to say which
# page is meant (id, p, cid, source, ref, page) are not among them.
_TRACKING = re.compile(
    r"""
    (?:utm|mtm|matomo|piwik|pk|hsa|stm|itm|at|ns|vero|oly|trk|_hs|__hs|fb_action|fb|guce)_\w+
    |fbclid|gclid|gclsrc|dclid|gbraid|wbraid|srsltid|_g[al]|gad_\w+|msclkid|twclid|ttclid|li_fat_id
    |yclid|ysclid|_openstat|igshid?|igsh|mc_[ce]id|_hsenc|_hsmi|hsctatracking|__hs[a-z]{2}|mkt_tok|_ke|epik
    |wickedid|rb_clickid|s_cid|s_kwcid|ef_id|xtor|wt_(?:mc|zmc)(?:[._]\w+)?|wt\.mc_\w+|ref_src|ref_url|referrer
    |cmp|cmpid|icmp|ito|smid|smtyp|ncid|sr_share|share_id|guccounter|traffic_source|recirc|taid|spm|_branch_\w+
    |phpsessid|jsessionid|aspsessionid\w*|replytocom|__twitter_impression|twitter_impression|amp_js_v|amp_gsa
    |usqp|aoh
    """,
    re.I | re.X,
)
_AMP_PARAMETER = re.compile(r"amp(?:=(?:1|true)?)?|(?:output|outputtype|view|format)=amp", re.I)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.I)
# Only behind what looks like the name of an article: /guitars/amp may be a page about amplifiers.
_AMP_ENDING = re.compile(r"(?:/amp(?:\.html?)?|\.amp(?P<kept>\.html?)?)/?\Z", re.I)
_ARTICLE_NAME = re.compile(r"[-_\d]")
# Copies of AMP pages that Google keeps; "s" says that the page itself is served by https.
_AMP_CACHE = re.compile(
    r"https?://(?:[\w.-]+\.cdn\.ampproject\.org/[acvw]|(?:www\.)?google(?:\.[a-z]{2,3}){1,2}/amp)/(s/)?"
    r"([\w-]+(?:\.[\w-]+)+(?:[/?#].*)?)\Z",
    re.I | re.S,
)
_PORTS = {"http": ":80", "https": ":443"}
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MIRROR = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)\Z", re.I)


def canonical_url(url: str) -> str:
    """The address without what does not tell which page is meant; still a link, never changed twice.

    Gone are tracking parameters, anchors, session ids, default ports, user names and passwords, the
    AMP form of an article and Google's copy of it; scheme and host are in small letters. Everything
    else stays as written: other parameters and their order, a last slash, http and https. A path on the
    own site is treated alike. What is no such address is given back unchanged.
    """
    url = url.strip()
    while len(url) <= _LONGEST:
        settled = _settled(url)
        if settled == url:
            break
        url = settled
    return url


def same_page_key(url: str) -> str:
    """What two addresses of one page have in common; for comparing, not for linking.

    ``canonical_url`` without scheme, without ``www.``, ``m.`` or ``amp.`` before the host, without any
    part ``amp``, a last slash or ``index.html``, the parameters in the order of the alphabet.
    """
    parts = _split(canonical_url(url))
    if parts is None:
        return url.strip()
    _, host, path, query = parts
    host = _MIRROR.sub("", host, count=1)
    path = _INDEX_PAGE.sub("/", re.sub(r"/amp(?=/)", "", path, flags=re.I)).rstrip("/")
    return f"{host}{path}" + ("?" + "&".join(sorted(query.split("&"))) if query else "")


def _settled(url: str) -> str:
    """One round; a page inside a page inside a page takes several."""
    if cached := _AMP_CACHE.match(url):
        return ("https://" if cached[1] else "http://") + cached[2]
    parts = _split(url)
    if parts is None:
        return url
    scheme, host, path, query = parts
    path = _without_amp(_SESSION.sub("", path))
    kept = [
        parameter
        for parameter in query.split("&")
        if parameter
        and not _TRACKING.fullmatch(parameter.partition("=")[0])
        and not _AMP_PARAMETER.fullmatch(parameter)
    ]
    if not host:  # "/;sid=1/other.example" must not become a link to another site
        path = "/" + path.lstrip("/")
    return urlunsplit((scheme, host, path or "/", "&".join(kept), ""))


def _without_amp(path: str) -> str:
    ending = _AMP_ENDING.search(path)
    if ending is None or not _ARTICLE_NAME.search(path[: ending.start()].rpartition("/")[2]):
        return path
    return path[: ending.start()] + (ending["kept"] or "")


def _split(url: str) -> tuple[str, str, str, str] | None:
    """Scheme, host with port, path and query; None for what is neither a web address nor a path."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:  # brackets of an address that is none
        return None
    is_path = not parts.scheme and not host and url.startswith("/") and not url.startswith("//")
    if not is_path and not (parts.scheme in _PORTS and host):
        return None
    host = host.removesuffix(_PORTS.get(parts.scheme, "")).rstrip(".")
    if not host and not is_path:  # a port and nothing else
        return None
    return parts.scheme, host, _ESCAPED.sub(_plain, parts.path), _ESCAPED.sub(_plain, parts.query)


def _plain(match: re.Match[str]) -> str:
    """An escape that stands for itself is written plainly, others in capitals (RFC 3986, section 6.2.2)."""
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
