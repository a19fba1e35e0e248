"""Addresses of one page in one form."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from semsearch.text import canonical_url, same_page_key

CLEAN = "https://news.example/2024/03/school-closes"


@pytest.mark.parametrize(
    "written",
    [
        CLEAN,
        f"{CLEAN}?utm_source=feed&utm_medium=rss&UTM_Campaign=a%20b",
        f"{CLEAN}?fbclid=IwAR0x&gclid=1&gclsrc=aw.ds&msclkid=2&mc_cid=3&mc_eid=4&igshid=5",
        f"{CLEAN}?at_medium=RSS&at_campaign=KARANGA",
        f"{CLEAN}?CMP=Share_iOSApp_Other",
        f"{CLEAN}?smid=tw-share#comments",
        f"{CLEAN}?xtor=RSS-3208&wt_mc=rss.red&ns_source=twitter&__twitter_impression=true",
        f"{CLEAN}#:~:text=the%20council",
        f"{CLEAN}?",
        f"{CLEAN}/amp",
        f"{CLEAN}/amp/?utm_source=x",
        f"{CLEAN}.amp",
        f"{CLEAN}?amp",
        f"{CLEAN}?outputType=amp",
        f"{CLEAN}?amp=1&utm_content=1",
        f"{CLEAN};jsessionid=1A2B3C?utm_term=x",
        "HTTPS://News.Example:443/2024/03/school-closes",
        "https://editor:secret@news.example/2024/03/school-closes",
        "https://news.example/2024/03/school%2Dcloses",
        "https://www.google.com/amp/s/news.example/2024/03/school-closes/amp",
        "https://www.google.co.uk/amp/s/news.example/2024/03/school-closes",
        "https://news-example.cdn.ampproject.org/c/s/news.example/2024/03/school-closes?amp=1",
        f"  {CLEAN}\n",
    ],
)
def test_forms_of_one_page_have_one_address(written: str) -> None:
    """Trackers, anchors, AMP forms, sessions, ports and passwords do not make another address."""
    assert CLEAN == canonical_url(written)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/?p=1234",
        "https://news.example/story.php?id=7&page=2",
        "https://news.example/story.php?page=2&id=7",
        "https://news.example/story?b=2&a=1&a=0",
        "https://news.example/read?cid=77&source=archive&ref=front",
        "https://news.example/guitars/amp",
        "https://news.example/amp",
        "https://news.example/champ-2024",
        "https://news.example/2024/the-best-amp-under-100",
        "https://news.example/a/",
        "http://news.example:8080/a-1",
        "http://[::1]/a-1",
        "https://news.example/caf%C3%A9?q=a+b%26c",
        "https://news.example/café",
        "https://news.example/a?attic=1&utmost=2&amplify=1",
        "/local/school-closes?page=2",
        "mailto:desk@news.example",
        "tag:news.example,2024:1",
        "https://[broken/a",
        "not an address",
        "",
    ],
)
def test_what_tells_the_page_stays(url: str) -> None:
    """Parameters that mean something, their order, a last slash and the scheme stay as they are."""
    assert url == canonical_url(url)


def test_a_path_on_the_own_site_loses_its_trackers() -> None:
    """A path is treated as an address is."""
    assert "/local/school-closes?page=2" == canonical_url("/local/school-closes?utm_source=x&page=2#top")


@pytest.mark.parametrize(
    "twin",
    [
        "http://www.news.example/2024/03/school-closes/",
        "https://m.news.example/2024/03/school-closes?utm_source=x",
        "https://amp.news.example/2024/03/school-closes",
        "https://news.example/amp/2024/03/school-closes",
        "https://www.news.example/2024/03/school-closes/index.html",
    ],
)
def test_twins_share_a_key(twin: str) -> None:
    """Mirrors for telephones, with and without www, slash or index page are one page."""
    assert "news.example/2024/03/school-closes" == same_page_key(CLEAN) == same_page_key(twin)


def test_other_pages_have_other_keys() -> None:
    """A key never forgets what tells two pages apart."""
    urls = [CLEAN, CLEAN + "-again", "https://m.example/2024/03/school-closes", "/2024/03/school-closes",
            "https://news.example/?p=1", "https://news.example/?p=2"]  # fmt: skip
    assert len(urls) == len({same_page_key(url) for url in urls})


def test_the_order_of_parameters_makes_no_other_page() -> None:
    """Keys are compared with their parameters in one order."""
    assert same_page_key("https://n.example/?b=2&a=1") == same_page_key("https://n.example/?a=1&b=2")


PARTS = st.sampled_from(
    """https:// http:// HTTP:// www.google.com/amp/s/ x.cdn.ampproject.org/c/s/ a.example / // amp .amp /amp
    -1 ? & amp=1 utm_source=x id=7 # @ :443 : %2d %25 % ;jsessionid=1 .. . é [ ] m. www. \\""".split()
)


@example("https://:443")
@given(st.lists(PARTS, max_size=14).map("".join) | st.text(max_size=60))
def test_a_settled_address_is_never_changed_again(url: str) -> None:
    """Both forms are fixed points, whatever came in."""
    once = canonical_url(url)
    assert once == canonical_url(once)
    assert same_page_key(url) == same_page_key(once)


def test_a_path_never_becomes_a_link_to_another_site() -> None:
    """What is cut out of a path leaves no two slashes at its start, which would name a host."""
    assert "/other.example" == canonical_url("/;jsessionid=1/other.example")


def test_an_endless_address_is_left_alone() -> None:
    """What is longer than any address is not taken apart."""
    url = "https://www.google.com/amp/s/" * 100_000
    assert url == canonical_url(url)
