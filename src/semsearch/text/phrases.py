"""What is boilerplate on any site: set phrases, links to other stories, a site speaking of itself.

Set phrases and links in English, German, French and Spanish; what a site says in other words or
another language is found by its recurring.
"""

from __future__ import annotations

import re

_MOST_PHRASE = 200  # characters
_MOST_PHRASE_WORDS = 14
_MOST_LINK_WORDS = 30  # of "Read more: <title>"
_MOST_SELF = 3_000  # characters of a paragraph in which a site speaks of itself


def _any_of(lines: str) -> str:
    """One pattern of many, each on a line of its own."""
    return "(?:" + "|".join(line.strip() for line in lines.splitlines() if line.strip()) + ")"


# Both are matched against small letters with single blanks and no punctuation.
_LIST_HEADING = re.compile(
    _any_of(
        r"""
        you (?:may|might) (?:also )?(?:like|enjoy|be interested in)
        (?:related|recommended|more|popular|top|latest|trending|similar|most read|must read) (?:news )?(?:articles?|stories|story|posts?|news|reading|content|links?|topics|coverage|videos?)(?: for you| on this (?:story|topic)| from .{1,40})?
        related|recommended|recommended for you|most read|most popular|most viewed|trending now
        read next|up next|what to read next|see also|also read|in case you missed it|don t miss
        more on this(?: story| topic)?|more from .{1,40}|(?:from )?around the web|editors? s? ?picks
        lesen sie (?:auch|mehr|dazu auch)|mehr zum thema|das könnte (?:sie|dich) (?:auch )?interessieren|auch interessant
        (?:weitere|ähnliche|verwandte|empfohlene) (?:artikel|beiträge|meldungen|nachrichten|themen)|meistgelesen(?:e artikel)?
        (?:à )?lire (?:aussi|également)|sur le même sujet|articles? (?:liés?|similaires?|recommandés?|connexes?)|(?:les )?plus lus
        vous aimerez aussi|(?:à )?voir aussi|dans la même rubrique
        le[ae] también|(?:también )?(?:te|le) puede interesar|(?:noticias|artículos|notas|contenidos?) relacionad[ao]s?
        lo más (?:leído|visto)|más noticias|ver también|te recomendamos
        """  # noqa: E501
    )
)
_PHRASE = re.compile(
    _any_of(
        r"""
        advertisements?|(?:sponsored|promoted|paid)(?: content)?|reuters?
        (?:story|article) continues(?: (?:below|after))?(?: (?:the |this )?(?:ad|advertise?ment))?
        continue reading(?: below)?(?: the main story)?|read (?:more|on|the full (?:story|article))(?: here)?
        click here(?: for more| to read more)?|(?:learn|see|show|load) more|skip to (?:main )?content|back to top
        (?:view |add |post |leave )?(?:all |a )?(?:comments?|reply)(?: \d+)?|join the conversation
        share(?: (?:this|on|via|it))?(?: (?:article|story|post|page|facebook|twitter|x|whatsapp|linkedin|email))*
        (?:print|e ?mail)(?: this)?(?: (?:article|page|story))?|tweet|pin it|copy link|save
        (?:sign up|subscribe|register)(?: now| today| here| free)?
        (?:sign up|subscribe|register)(?: now| today)? (?:for|to) (?:our|the|a|free)(?: \w+){0,4} ?(?:newsletters?|emails?|alerts?|updates?|channel|podcast)(?: (?:for|to|and|so|with|here|now|today)(?: .{1,80})?)?
        log in|sign in|follow us(?: on .{1,40})?|all rights reserved|play video|watch now|listen now|loading
        photo gallery|getty images|(?:posted in|filed under) .{1,40}|end of (?:article|story)
        (?:accept(?: all)?|manage) cookies|(?:this site|we) uses? cookies(?: .{0,80})?
        by using this site you agree .{0,80}|(?:thank you|thanks) for reading
        (?:(?:share|teilen|partager|compartir|facebook|twitter|whatsapp|linkedin|e ?mail|pinterest|reddit|telegram|bluesky|mastodon|threads|copy link|print|x)(?: |$)){2,}
        anzeige|werbung|weiterlesen|mehr lesen|(?:diesen )?(?:artikel|beitrag) (?:teilen|drucken)|teilen|drucken|kommentare|kommentar schreiben
        jetzt (?:abonnieren|anmelden)|(?:(?:unseren|den|zum) )?newsletter (?:abonnieren|bestellen|anmelden)|abonnieren sie (?:unseren|den) (?:\w+ ){0,3}newsletter(?: (?:und|mit|für) .{1,80})?
        melden sie sich (?:für|zu) (?:unserem|unseren|den) (?:\w+ ){0,3}newsletter an(?: (?:und|mit|für) .{1,80})?|alle rechte vorbehalten|folgen sie uns(?: auf .{1,40})?
        (?:alle )?cookies akzeptieren|diese (?:website|seite) (?:verwendet|nutzt) cookies(?: .{0,80})?
        publicité|lire la suite|partager(?: (?:cet|l) article)?(?: sur (?:facebook|twitter|x|whatsapp|linkedin))?|imprimer|laisser un commentaire
        (?:abonnez|inscrivez) vous (?:à|a) (?:notre|la) (?:\w+ ){0,2}(?:newsletter|lettre(?: d information)?)(?: \w+| (?:pour|et|afin) .{1,80})?|tous droits réservés|suivez nous(?: sur .{1,40})?
        (?:tout accepter|accepter (?:tous )?les cookies)|ce site utilise des cookies(?: .{0,80})?
        publicidad|leer más|seguir leyendo|compartir(?: (?:este artículo|esta noticia))?(?: en (?:facebook|twitter|x|whatsapp|linkedin))?|imprimir|deja un comentario
        (?:suscríbete|suscríbase|apúntate) a (?:nuestr[oa]|la|el) (?:\w+ ){0,2}(?:newsletter|boletín)(?: \w+| (?:para|y|con) .{1,80})?|todos los derechos reservados|síguenos(?: en .{1,40})?
        aceptar (?:todas )?(?:las )?cookies|(?:este sitio|esta web) (?:utiliza|usa) cookies(?: .{0,80})?
        """  # noqa: E501
    )
)
_LINK = re.compile(
    _any_of(
        r"""
        read (?:more|also|next|this)|also read|see also|must read|click here|in pictures|you may also like
        related(?: (?:story|stories|articles?|coverage|links?))?|recommended
        more(?: (?:on this|here|stories))?|watch(?: (?:live|more|now))?|don['’]t miss
        lesen sie (?:auch|mehr|dazu auch)|mehr (?:dazu|zum thema)|auch interessant
        (?:à )?lire (?:aussi|également)|sur le même sujet|(?:à )?voir aussi
        le[ae] también|leer más|(?:también )?(?:te|le) puede interesar|ver también
        """
    )
    + r"(?:\s*[:>»|]|\s+[–—])\s*\S",
    re.I,
)

# A site that speaks of itself at the end of a page needs three of these at once.
_SELF_CUES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bis (?:an?|the|your)\b[^.]{0,60}\b(?:place|source|home|destination|platform|website|portal)\b",
        r"\bis (?:an?|the|your)\b[^.]{0,60}\b(?:outlet|publication|newspaper|magazine)\b",
        r"\bwe (?:provide|offer|bring|deliver|publish|cover|strive|aim|are (?:committed|dedicated))\b",
        r"\byou can (?:also |easily |always )*(?:search|find|browse|explore|read|discover|follow)\b",
        r"\b(?:helps? you|stay|keep(?:s|ing)? you)\b[^.]{0,20}\b(?:informed|updated|up[- ]to[- ]date)\b",
        r"\b(?:informative|up[- ]to[- ]date|unbiased|in-depth|credible|trusted|high-quality)\b[^.]{0,40}"
        r"\b(?:news|articles|stories|reporting|journalism|pieces|coverage|content)\b",
        r"\b(?:our|the) (?:readers|mission|website|team of|newsroom|newsletter|audience)\b",
        r"\b(?:explore|browse|discover)\b[^.]{0,40}\b(?:topics|pieces|articles|stories|sections)\b",
    )
)

# Words of notices to the reader: a recurring text that has one needs fewer recurrences to be believed.
_NOTICE = re.compile(
    r"\b"
    + _any_of(
        r"""
        subscri\w+|newsletters?|sign(?:ed)? up|sign in|log in|register|click|follow|download|app store|podcast
        twitter|facebook|instagram|whatsapp|youtube|disqus|share (?:this|on|your)|comments?
        copyright|all rights reserved|reprint\w*|permissions?|may not be|redistributed|rewritten|broadcast
        contributed to this|reporting by|editing by|writing by|compiled by|material from|getty images
        read more|continue reading|also like|check back|developing story|rush transcript
        our (?:readers|website|newsletters?|journalism|app|site|coverage|terms|reporters?|staff|team)
        your (?:inbox|support|email|privacy|browser|comments?|thoughts|donation)
        privacy policy|terms of|cookies?|advertise\w*|sponsored|donat\w+|contact|tips|vote (?:here|now)
        (?:views|opinions) expressed|do not necessarily|was first published|originally (?:appeared|published)
        is an? (?:\w+ ){0,4}(?:columnist|contribut\w+|writer|reporter|correspondent|fellow|editor|author)
        """
    )
    + r"\b|©|@\w|https?:|www\.",
    re.I,
)


def is_phrase(text: str) -> bool:
    """Whether the text as a whole is a set phrase, like "Advertisement" or "Share this article"."""
    words = _words(text)
    return words is not None and (_PHRASE.fullmatch(words) or _LIST_HEADING.fullmatch(words)) is not None


def is_list_heading(text: str) -> bool:
    """Whether titles of other stories may follow: "You May Also Like", "Related stories"."""
    words = _words(text)
    return words is not None and _LIST_HEADING.fullmatch(words) is not None


def is_link(text: str) -> bool:
    """Whether the text leads to another story: "Read more: <its title>"."""
    return _LINK.match(text) is not None and text.count(" ") < _MOST_LINK_WORDS and "\n" not in text


def speaks_of_site(text: str) -> bool:
    """Whether a site tells here what it is good for; only to be asked about the last paragraphs."""
    return len(text) < _MOST_SELF and sum(cue.search(text) is not None for cue in _SELF_CUES) >= 3


def is_notice(text: str) -> bool:
    """Whether the text has words of notices to the reader: subscribe, copyright, contributed to this."""
    return _NOTICE.search(text) is not None or speaks_of_site(text)


def _words(text: str) -> str | None:
    """Small letters and single blanks; None for what is too long to be a set phrase."""
    if len(text) > _MOST_PHRASE or text.count(" ") >= _MOST_PHRASE_WORDS:
        return None
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
