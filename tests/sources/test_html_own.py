# ruff: noqa: E501 - markup is long
"""The text of a page is that of its own article: never of another one, of a box, or of what nobody sees."""

from __future__ import annotations

import pytest

from semsearch.sources.html_page import read_html
from tests.sources.test_html_page import STORY, TEXT, article_of, json_ld

TEASERS = "".join(
    f'<article class="post-card"><a href="/{n}/"><h2 class="post-card-title">Other story {n}</h2>'
    f"<p>OTHERTEXT of the story with number {n}, which is long enough to be taken for an article by itself, "
    f"and says a good deal about bakers and their bread.</p></a><time datetime='2019-01-0{n}'>old</time></article>"
    for n in range(1, 5)
)


def themed(
    content, *, body="", title="Lock opens", head="", header="", behind="", marks="gh-content gh-canvas"
):
    """A page as blog systems make it: heading, text element, and cards of other articles behind."""
    return (
        f"<!doctype html><html lang=en><head><title>{title} – The Gazette</title>{head}</head><body class='{body}'>"
        f"<header><a rel=home href=/>The Gazette</a></header><main><article class='post'><header><h1>{title}</h1>{header}"
        f"</header><section class='{marks}'>{content}</section>{behind}</article></main>"
        f"<aside class='read-more-wrap'>{TEASERS}</aside><footer>All rights reserved.</footer></body></html>"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>Two words.</p>", "Two words."),
        ("<ul><li>First barge</li><li>Second barge</li></ul>", "First barge\n\nSecond barge"),
        (
            "<table><tr><th>Day</th><th>High</th></tr><tr><td>Monday</td><td>06:12</td></tr></table>",
            "Day High\n\nMonday 06:12",
        ),
        (
            "<p>A day.</p><figure><img src=a.png><figcaption>The gate at dawn.</figcaption></figure>",
            "A day.\n\nThe gate at dawn.",
        ),
        ("<div class=kg-card><div class=kg-callout-text>Bring boots.</div></div>", "Bring boots."),
        ("<p>今日は雨です。</p>", "今日は雨です。"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("marks", ["gh-content gh-canvas", "entry-content", "articleBody", "td-post-content"])
def test_a_short_story_is_never_replaced_by_a_teaser(content, expected, marks):
    """Whatever it is made of: the cards of other articles are on every page, and they are longer."""
    assert expected == article_of(themed(content, marks=marks)).body


@pytest.mark.parametrize("wrapper", ["", "<main>{}</main>", "<div id=page><div id=wrap>{}</div></div>"])
def test_a_page_without_an_article_of_its_own_has_no_text(wrapper):
    """A page of teasers is no article, and that is said."""
    read = read_html(
        f"<html><body>{(wrapper or '{}').format(TEASERS)}</body></html>", url="https://a.example/", place="p"
    )
    assert ("", False) == (read.record.get("body", ""), read.is_article)
    assert ["no text of the page's own article was found; left empty"] == [
        note.problem for note in read.notes
    ]


QUERY = (
    "<div class='wp-block-query'><ul class='wp-block-post-template'><li class='wp-block-post hentry'>"
    "<h2 class='wp-block-post-title'><a href=/other>Other news</a></h2><div class='wp-block-post-date'>"
    "<time datetime='2018-02-03T10:00:00Z'>then</time></div><div class='entry-content wp-block-post-content'>"
    "<p>OTHERTEXT a whole post inside a list, as long as the one that the page is about, or longer.</p></div>"
    "</li></ul></div>"
)
OURS = (
    "<aside class='semsearch-related'><h2>You May Also Like</h2><ol><li><a href=/x>OTHERTEXT goats</a>"
    "<span class='semsearch-related-date'><time datetime='2018-01-01'>2018</time></span></li></ol></aside>"
)


@pytest.mark.parametrize(
    "box", [QUERY, OURS, "<div class='wp-block-latest-posts'><a href=/y>OTHERTEXT</a></div>"]
)
@pytest.mark.parametrize("place", ["inside", "behind", "before"])
def test_lists_of_other_posts_give_no_text_and_no_date(box, place):
    """In the text itself, behind the article, or before it: also our own list."""
    html = (
        "<html><head><title>Lock opens – Gazette</title></head><body class='single wp-theme'><main>"
        f"{box if place == 'before' else ''}<div class='wp-block-group'><h1 class='wp-block-post-title'>Lock opens</h1>"
        f"<div class='entry-content wp-block-post-content'>{STORY}{box if place == 'inside' else ''}</div></div>"
        f"{box if place == 'behind' else ''}</main></body></html>"
    )
    found = article_of(html, "https://gazette.example/2026/05/lock/")
    assert (TEXT, None, "Lock opens") == (found.body, found.published_at, found.title)


def test_a_block_theme_without_text_gives_none():
    """WordPress writes no text element for an empty post: what else is in the main part is not it."""
    html = (
        "<html><head><title>Mayor resigns – Gazette</title></head><body class='single'><main>"
        "<div class='wp-block-group'><h1 class='wp-block-post-title'>Mayor resigns</h1><p>Written by </p><p>in</p>"
        "</div><h2>More posts</h2></main></body></html>"
    )
    read = read_html(html, url="https://gazette.example/x", place="p")
    assert ("Mayor resigns", "", True) == (read.record["title"], read.record.get("body", ""), read.is_told)


@pytest.mark.parametrize(
    ("times", "day"),
    [
        ("<time datetime=2026-03-01>1 March</time>", 1),
        ("<time class='entry-date published updated' datetime=2026-03-05>5</time>", 5),
        ("<time class=updated datetime=2026-03-09>9</time><time datetime=2026-03-02>2</time>", 2),
        ("<span class=wp-block-post-date__modified-date><time datetime=2026-03-09>9</time></span>", None),
        ("", None),
    ],
)
def test_the_date_is_the_one_of_the_article(times, day):
    """Never that of a card, a comment or the text, and not that of a change."""
    story = f"{STORY}<p>It shut on <time datetime=1999-01-01>New Year</time>, as people remember well.</p>"
    comments = (
        "<div id=comments><li class=comment><time datetime=2020-01-01>c</time><p>I read this.</p></li></div>"
    )
    found = article_of(themed(story, header=times, behind=comments))
    assert day == (found.published_at and found.published_at.day)
    assert "I read this" not in found.body


WALL = (
    "<aside class='gh-post-upgrade-cta'><div><h2>This post is for subscribers only</h2><a href=#/portal/signup>Join now"
    "</a><p><small>Already have an account? <a href=#/portal/signin>Sign in</a></small></p></div></aside>"
)
PLAIN_WALL = "<div class=box9><p>Subscribe now to continue reading.</p><a href=/login>Sign in</a></div>"
GERMAN_WALL = (
    "<div class=x1><h3>Dieser Artikel ist exklusiv für Abonnenten</h3><a href=/abo>Jetzt abonnieren</a></div>"
)


@pytest.mark.parametrize("wall", [WALL, PLAIN_WALL, GERMAN_WALL])
@pytest.mark.parametrize("public", ["", "<p>The first lines are for all.</p>"])
def test_of_a_walled_story_the_public_part_counts(wall, public):
    """The wall is no text, and that there is one is kept; without a public part the text is empty."""
    read = read_html(themed(public + wall), url=None, place="p")
    expected = "The first lines are for all." if public else ""
    assert (expected, False) == (read.record.get("body", ""), read.record["extra"]["isAccessibleForFree"])
    assert bool(public) is not bool(read.notes)


@pytest.mark.parametrize(
    "told",
    [
        "Drivers will <a href=/union>join the strike</a> to keep pressure on the port.",
        "The union said it would sign up members to continue <a href=/talks>the talks</a>.",
        "The club is <a href=/club>for members only</a>, and the council wants it open.",
    ],
)
def test_a_story_about_members_is_no_wall(told):
    """Words of a wall in a sentence with a link to something else."""
    read = read_html(themed(f"<p>{told}</p>{STORY}"), url=None, place="p")
    assert 4 == read.record["body"].count("\n\n") + 1
    assert "extra" not in read.record


def test_what_is_stated_for_payers_alone_is_not_taken():
    """Neither the part of the page that JSON-LD names, nor its articleBody."""
    stated = {
        "@type": "NewsArticle", "headline": "Lock opens", "isAccessibleForFree": "False",
        "articleBody": "PAIDWORDS " * 300,
        "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".for-payers"},
    }  # fmt: skip
    content = "<p>Open words.</p><div class=for-payers><p>PAIDWORDS are here.</p></div>"
    assert "Open words." == article_of(themed(content, head=json_ld(stated))).body


def test_a_password_form_is_no_text_and_hides_the_article():
    """As the REST interface and exports do."""
    form = (
        "<form class='post-password-form' method=post><p>This content is password protected.</p>"
        "<p><label>Password: <input name=post_password type=password></label><input type=submit value=Enter></p></form>"
    )
    read = read_html(themed(f"<p>Please enter a password to view.</p>{form}"), url=None, place="p")
    assert ("", "password") == (read.record.get("body", ""), read.record["status"])
    assert TEXT == article_of(themed(STORY, behind=form)).body


def test_all_who_are_shown_as_authors_are_taken():
    """Where the head states the first alone."""
    head = json_ld({"@type": "Article", "headline": "Lock opens", "author": {"name": "Ann O&#x27;Dea"}})
    names = "<h4 class=author-name><a href=/author/a/>Ann O'Dea</a>, <a href=/author/b/>Bo Lind</a></h4>"
    assert ("Ann O'Dea", "Bo Lind") == article_of(themed(STORY, head=head, header=names)).authors


def test_the_primary_tag_of_ghost_is_the_section():
    """Its tags are all tags, with their signs."""
    head = '<meta name=generator content="Ghost 5.1"><meta property="article:tag" content="Arts &amp; Crafts, old">'
    head += '<meta property="article:tag" content="Local">'
    found = article_of(themed(STORY, head=head))
    assert ("Arts & Crafts, old", ("Arts & Crafts, old", "Local")) == (found.section, found.tags)


def test_categories_are_no_tags():
    """As block themes mark them: the first is the section, others are kept, the one that stands for none is not."""
    terms = (
        "<div class='taxonomy-category wp-block-post-terms'><a rel=tag href=/c/u>Uncategorized</a>"
        "<a rel=tag href=/c/h>Harbour</a><a rel=tag href=/c/s>Sport</a></div>"
        "<div class='taxonomy-post_tag wp-block-post-terms'><a rel=tag href=/t/q>quay</a></div>"
    )
    found = article_of(themed(STORY, behind=terms, marks="entry-content"))
    assert ("Harbour", ("quay",), ["Sport"]) == (found.section, found.tags, found.extra["categories"])


def card(number, host="https://elsewhere.example"):
    """A bookmark card."""
    return (
        f"<figure class='kg-card kg-bookmark-card'><a class='kg-bookmark-container' href='{host}/{number}'>"
        f"<div class=kg-bookmark-title>Read {number}</div><div class=kg-bookmark-description>About {number}.</div></a></figure>"
    )


def test_a_roundup_keeps_all_its_cards():
    """Also one of the site's own articles; a single card to another of its articles is none."""
    for host in ("https://elsewhere.example", ""):
        body = article_of(themed("<p>Good reads:</p>" + "".join(card(n, host) for n in range(1, 6)))).body
        assert [f"Read {n}" for n in range(1, 6)] == [
            part for part in body.split("\n\n") if part[:4] == "Read"
        ]
    assert TEXT == article_of(themed(STORY + card(1, ""))).body
    assert f"{TEXT}\n\nRead 1\n\nAbout 1." == article_of(themed(STORY + card(1))).body


def test_the_picture_of_the_site_is_not_the_article_s():
    """One that the head offers for sharing, but the stated article does not name and the page does not show."""
    stated = {
        "@type": "Article",
        "headline": "Lock opens",
        "publisher": {"name": "G"},
        "datePublished": "2026-01-01",
    }
    shared = '<meta property="og:image" content="https://g.example/cover.jpg">'
    assert article_of(themed(STORY, head=json_ld(stated) + shared)).image is None
    for shown in ("<img src='/s/w1/cover-300x200.jpg'>", "<img srcset='/cover.jpg 2x'>"):
        found = article_of(themed(shown + STORY, head=json_ld(stated) + shared))
        assert "https://g.example/cover.jpg" == found.image
    own = stated | {"image": "https://g.example/own.jpg"}
    assert "https://g.example/own.jpg" == article_of(themed(STORY, head=json_ld(own) + shared)).image


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("costs rose<sup>1</sup> again", "costs rose again"),
        ("costs<sup><a href='#fn1'>1</a></sup> rose", "costs rose"),
        ("“They rose.”<a href='#note-2'><sup>[2]</sup></a>", "“They rose.”"),
        ("costs<sup id=a data-fn=x class=fn><a href='#x' id='x-link'>3</a></sup> rose", "costs rose"),
        ("5 m<sup>2</sup> of 10<sup>6</sup>", "5 m2 of 106"),
        ("the 18<sup>th</sup> of CO<sub>2</sub>", "the 18th of CO2"),
        ("A note. <a href='#ref1' role=doc-backlink>↩︎</a>", "A note."),
    ],
)
def test_footnote_marks_do_not_stick_to_words(marked, expected):
    """Powers, units and ordinals stay as they are."""
    assert expected == article_of(themed(f"<p>{marked}</p>")).body


@pytest.mark.parametrize(
    "unseen",
    [
        "<p hidden>UNSEEN</p>",
        "<div style='color: red; display:none'><p>UNSEEN</p></div>",
        "<span aria-hidden=true>UNSEEN</span>",
        "<template><p>UNSEEN</p></template>",
        "<noscript><p>UNSEEN</p></noscript>",
        "<iframe src=/x>UNSEEN</iframe>",
        "<object data=/x><p>UNSEEN</p></object>",
        "<video src=/x>UNSEEN</video>",
        "<!-- UNSEEN -->",
        "<div class='kg-card kg-signup-card'><h2>UNSEEN</h2><form><input name=mail><button>UNSEEN</button></form></div>",
        "<div class=wp-block-buttons><div class=wp-block-button><a class=wp-block-button__link>UNSEEN</a></div></div>",
        "<a class=btn href=/s>UNSEEN</a>",
        "<p class=screen-reader-text>UNSEEN</p>",
        "<h3>Read more</h3><ul><li><a href=/1>UNSEEN</a></li></ul>",
        "<div class=page-links>Pages: <a class=post-page-numbers href=2/>2</a></div>",
    ],
)
def test_what_nobody_reads_as_the_story_is_no_text(unseen):
    """Hidden elements, fallbacks of embedded things, boxes and buttons: the text around them stays whole."""
    assert TEXT == article_of(themed(unseen + STORY)).body
    first, rest = STORY.split("</p>", 1)
    assert TEXT == article_of(themed(f"{first}</p>{unseen}{rest}")).body


@pytest.mark.parametrize(
    "name", ["newsletter-story", "comment", "comment-body", "comments", "subscribe-post", "sidebar-main"]
)
@pytest.mark.parametrize(
    "frame",
    [
        "<main><article><h1>Lock opens</h1><div class='{}'>{}</div></article></main>",
        "<main><h1>Lock opens</h1><div class='{}'>{}</div></main>",
        "<div class='{}'><h1>Lock opens</h1>{}</div>",
        "<article class='{}'><h1>Lock opens</h1>{}</article>",
        "<main><article><h1>Lock opens</h1><div class='entry-content'><div class='{}'>{}</div></div></article></main>",
    ],
)
def test_a_story_under_a_misleading_name_is_kept(name, frame):
    """Short as it is; a box of that name beside another text goes."""
    html = f"<html><head><title>Lock opens</title></head><body>{frame.format(name, STORY)}</body></html>"
    assert TEXT == article_of(html).body


def test_a_title_without_tags():
    """Tags that are written out in what the head states are no part of it; a page without a title has none."""
    head = json_ld({"@type": "Article", "headline": "Lock &lt;em&gt;opens&lt;/em&gt; &amp; shuts"})
    assert "Lock opens & shuts" == article_of(themed(STORY, head=head)).title
    untitled = f"<html><head><title>The Gazette</title></head><body><a rel=home href=/>The Gazette</a><main><div class=entry-content>{STORY}</div></main>"
    assert ("", TEXT) == (article_of(untitled).title, article_of(untitled).body)


def test_a_lead_above_the_text_comes_first_and_once():
    """As themes show a hand-written excerpt."""
    lead = "<p class='gh-article-excerpt'>In short: the lock opens.</p>"
    assert f"In short: the lock opens.\n\n{TEXT}" == article_of(themed(STORY, header=lead)).body


def test_control_characters_cost_nothing_else():
    """As references in the markup, which the parser gives and does not take back."""
    assert (
        "Bell rings at noon."
        == article_of(themed("<p>Bell&#7; rings&#x1;<script>x</script> at noon.</p>")).body
    )


def test_the_stated_article_is_the_one_with_the_page_s_title():
    """Cards of other articles may state theirs, and say more."""
    other = {
        "@type": "NewsArticle",
        "headline": "Other",
        "datePublished": "2001-01-01",
        "author": "X",
        "articleBody": "y",
    }
    own = {"@type": "NewsArticle", "headline": "Lock opens", "datePublished": "2026-03-04"}
    found = article_of(themed(STORY, head=json_ld(other) + json_ld(own)))
    assert ("Lock opens", 2026) == (found.title, found.published_at.year)


def test_a_text_in_several_elements_is_taken_whole():
    """As page builders cut it, each part in a frame of its own."""
    parts = "".join(
        f"<div class=row><div class='rich-text article-text'>{part}</p></div></div>"
        for part in STORY.split("</p>")[:-1]
    )
    html = f"<html><head><title>Lock opens</title></head><body><article><h1>Lock opens</h1>{parts}</article></body></html>"
    assert TEXT == article_of(html).body


def test_a_live_report_keeps_its_entries():
    """They are article elements too, and their headings lead to themselves."""
    entries = "".join(
        f"<article id=e{n}><h2><a href='#e{n}'>At {n} o'clock</a></h2><p>The water stands at {n} metres.</p></article>"
        for n in (9, 8)
    )
    body = article_of(themed(f"<p>It rains.</p>{entries}", marks="entry-content")).body
    assert (
        "It rains.\n\nAt 9 o'clock\n\nThe water stands at 9 metres.\n\nAt 8 o'clock\n\nThe water stands at 8 metres."
        == body
    )


def test_a_marked_element_beside_the_story_does_not_hide_it():
    """A summary that is named like the text: the paragraphs around it are the story."""
    told = [
        f"Paragraph {n} tells at some length how the lock was built, by whom, and what it cost the town in the end."
        for n in range(4)
    ]
    story = "".join(f"<p>{one}</p>" for one in told)
    html = (
        "<html><head><title>Lock opens</title></head><body><article><h1>Lock opens</h1>"
        f"<div class='post-content'>In short.</div><div>{story}</div></article></body></html>"
    )
    body = article_of(html).body
    assert told == [part for part in body.split("\n\n") if part in told]


def test_a_paragraph_named_teaser_is_the_lead():
    """In many systems it is; a box of that name is another article."""
    html = themed(
        STORY,
        header="<p class=teaser>It took nine years.</p>",
        behind="<div class=teaser><a href=/o>OTHERTEXT</a></div>",
    )
    assert f"It took nine years.\n\n{TEXT}" == article_of(html).body
    assert (
        f"It took nine years.\n\n{TEXT}"
        == article_of(themed(f"<p class=teaser>It took nine years.</p>{STORY}")).body
    )


def test_a_story_for_browsers_without_scripts_is_read():
    """Where it stands nowhere else."""
    html = f"<html><head><title>Lock opens</title></head><body><div id=app></div><noscript><article><h1>Lock opens</h1>{STORY}</article></noscript></body></html>"
    assert TEXT == article_of(html).body
