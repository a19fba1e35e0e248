"""The text of WordPress posts: what builders, plugins and blocks put around it goes, its words stay."""

# ruff: noqa: E501 - texts as sites write them

from __future__ import annotations

import base64
import time
from urllib.parse import quote

import pytest

from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile
from semsearch.sources.report import Report
from semsearch.sources.wordpress.elementor import elementor_html
from semsearch.sources.wordpress.excerpts import written_lead
from semsearch.sources.wordpress.feed_entry import cleaned_record, is_wordpress_feed
from semsearch.sources.wordpress.rest_post import record_from_post
from semsearch.sources.wordpress.text import wordpress_line, wordpress_text
from semsearch.sources.wxr import WordPressExport

RAW = base64.b64encode(quote("<script>track(7)</script><p>The map shows the old quay.</p>").encode()).decode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(
            '[vc_row][vc_column width="1/2"][vc_column_text]Seven trams[/vc_column_text][/vc_column]'
            '[vc_column width="1/2"][vc_column_text]Drivers agreed[/vc_column_text][/vc_column][/vc_row]',
            "Seven trams\n\nDrivers agreed",
            id="columns side by side",
        ),
        pytest.param(
            "<p>[vc_column width=&#8221;1/2&#8243;]Seven trams[/vc_column][vc_column]Drivers agreed[/vc_column]</p>",
            "Seven trams\n\nDrivers agreed",
            id="curly quotes as the site makes them",
        ),
        pytest.param(
            f"<p>Before.</p>[vc_raw_html]{RAW}[/vc_raw_html][vc_raw_js]{RAW}[/vc_raw_js]<p>After.</p>",
            "Before.\n\nThe map shows the old quay.\n\nAfter.",
            id="base64",
        ),
        pytest.param(
            "<p>Before.</p>[vc_raw_html]no base64 at all![/vc_raw_html]<p>After.</p>",
            "Before.\n\nAfter.",
            id="base64 that is none",
        ),
        pytest.param(
            '[et_pb_button button_text="The plan [PDF, 2 MB]" url="x"][/et_pb_button]'
            '[et_pb_blurb title="Who pays? [update]"]<p>The town pays.</p>[/et_pb_blurb]',
            "Who pays? [update]\n\nThe town pays.",
            id="brackets in attributes",
        ),
        pytest.param(
            "<p>[ux_text title=&#8220;A [new] pier&#8221;]The pier grows.[/ux_text]</p>",
            "The pier grows.",
            id="brackets in curly attributes",
        ),
        pytest.param(
            "[one_half]Left text[/one_half][one_half_last]Right text[/one_half_last]",
            "Left text\n\nRight text",
            id="halves",
        ),
        pytest.param(
            '[panel title="Who"]The pilots[/panel][panel title="When"]On Friday[/panel]',
            "Who\n\nThe pilots\n\nWhen\n\nOn Friday", id="panels with titles",
        ),
        pytest.param("[pane]Masons[/pane][pane]Engineers[/pane]", "Masons\n\nEngineers", id="unknown, side by side"),
        pytest.param("[dropcap]O[/dropcap]nly one ship came.", "Only one ship came.", id="drop cap"),
        pytest.param("[fancy]O[/fancy]nly one ship came.", "Only one ship came.", id="unknown drop cap"),
        pytest.param("Rates[fn id=2]rose again.", "Rates rose again.", id="glued by an unknown one"),
        pytest.param(
            'The clerk [Eva Lund] wrote: "[They] came [sic]", see [2], [he said], [a]. [applause]',
            'The clerk [Eva Lund] wrote: "[They] came [sic]", see [2], [he said], [a]. [applause]',
            id="words of the text",
        ),
        pytest.param("<p>Thank you.</p>\n<p>[laughter]</p>", "Thank you.\n\n[laughter]", id="stage directions"),
        pytest.param("<p>Text.</p>\n<p>[newsbar]</p>\n<p>More.</p>", "Text.\n\nMore.", id="alone in its line"),
        pytest.param("Write [[gallery]] to show pictures.", "Write [gallery] to show pictures.", id="escaped"),
        pytest.param("See [the plan](https://a.example/x).", "See [the plan](https://a.example/x).", id="Markdown"),
        pytest.param("Text.\n\n[caption id='a_1' width='300']<img src='/a.jpg'> The quay.[/caption]\n\nMore.",
                     "Text.\n\nThe quay.\n\nMore.", id="caption"),
        pytest.param("The ship.\n\n[outer][inner a=1]Deep text[/inner][/outer]", "The ship.\n\nDeep text", id="nested"),
        pytest.param("Alpha.\n\nhttps://video.example/watch?v=1\n\nOmega.", "Alpha.\n\nOmega.", id="embedded address"),
    ],
)  # fmt: skip
def test_shortcodes(content, text):
    """Words that a reader sees, in their order, apart where the page shows them apart."""
    assert text == wordpress_text(content)


@pytest.mark.parametrize(
    ("written", "language", "text"),
    [
        ("[:en]The pier.[:de]Der Steg.[:]", "de", "Der Steg."),
        ("[:en]The pier.[:de]Der Steg.[:]", "de-AT", "Der Steg."),
        ("[:en]The pier.[:de]Der Steg.[:]", "fr", "The pier."),
        ("<!--:en-->The pier.<!--:--><!--:de-->Der Steg.<!--:-->", "de", "Der Steg."),
        ("{:en}The pier.{:}{:de}Der Steg.{:}", "en", "The pier."),
        ("[:de]Der Steg.[:] 2026", "de", "Der Steg. 2026"),
        ("A smile [:] and no marks", "de", "A smile [:] and no marks"),
    ],
)
def test_one_language_of_several(written, language, text):
    """Of qTranslate's marks the site's language is read, in texts and in titles."""
    assert text == wordpress_text(written, language)
    assert text == wordpress_line(written, language)


@pytest.mark.parametrize(
    "box",
    [
        '<div class="sharedaddy sd-block"><h3 class="sd-title">Share this:</h3><ul><li>Facebook</li></ul></div>',
        '<div class="a2a_kit addtoany_list"><a>Facebook</a><a>Mail</a></div>',
        '<div id="jp-relatedposts" class="x"><h3>Related</h3><p>Other story</p></div>',
        '<div class="wp-block-query is-layout-flow"><ul class="wp-block-post-template"><li><h2>Other story</h2>'
        "<p>Its text</p></li></ul></div>",
        '<ul class="wp-block-latest-posts__list wp-block-latest-posts"><li><a>Other story</a></li></ul>',
        '<blockquote class="wp-embedded-content"><p><a href="/x">Other story</a></p></blockquote>',
        '<div class="wp-block-buttons"><div class="wp-block-button"><a>Subscribe now</a></div></div>',
        '<form action="/x"><label>Your address</label></form>',
        '<p style="display: none">Nobody sees this</p>',
        '<div hidden>Nobody sees this</div>',
        "<p>Share this:</p>",
        '<!-- wp:query {"queryId":1} --><div class="x"><!-- wp:post-title /--><p>Other story</p></div><!-- /wp:query -->',
        '<!-- wp:latest-posts {"postsToShow":3} /-->',
        '<!-- wp:buttons --><div><!-- wp:button --><div><a>Subscribe now</a></div><!-- /wp:button --></div><!-- /wp:buttons -->',
    ],
)  # fmt: skip
def test_boxes(box):
    """What is not the post goes; what stands before and after it stays, and stays apart."""
    assert "The pier is open.\n\nBoats may land." == wordpress_text(
        f"<p>The pier is open.</p>{box}<p>Boats may land.</p>"
    )


def test_two_elements_side_by_side_are_apart_and_the_mark_of_a_footnote_is_not_glued():
    """Columns of blocks; a number that leads to a note."""
    html = (
        '<div class="wp-block-columns"><div class="wp-block-column">Left</div><div class="wp-block-column">Right</div></div>'
        '<p>Costs<sup data-fn="a" class="fn"><a href="#a">1</a></sup> rose. CO<sub>2</sub> fell.</p>'
    )
    assert "Left\n\nRight\n\nCosts rose. CO2 fell." == wordpress_text(html)


def test_a_parser_takes_no_word_in_angle_brackets_away():
    """Tickers stay where a box makes the text be parsed as HTML."""
    assert "Shares of <IBM.N> rose, 3 < 4 & more." == wordpress_text(
        "<p>Shares of <IBM.N> rose, 3 < 4 &amp; more.</p><form>x</form>"
    )


def test_attributes_of_a_block_may_hold_the_end_of_a_comment():
    """As old plugins wrote them."""
    content = '<!-- wp:acf/x {"data":{"a":"one --> two"}} /--><!-- wp:paragraph --><p>Text.</p><!-- /wp:paragraph -->'
    assert "Text." == wordpress_text(content)


@pytest.mark.parametrize(
    "text",
    [
        "[a " * 200_000, '[a x="' * 100_000, '[a x="[b]" ' * 60_000, "[box]" * 100_000, "[vc_btn]" * 100_000,
        "<!-- wp:query -->" * 50_000, '<!-- wp:x {"a":' * 50_000, "[:en]" * 100_000, "<form>" * 50_000,
        '="a" ' * 100_000, "[x " + '="a" ' * 100_000, "[[a]" * 100_000, "[vc_row" * 100_000,
    ],
    ids=lambda text: text[:18],
)  # fmt: skip
def test_a_hostile_text_takes_no_longer_than_a_good_one(text):
    """Twice as much takes about twice as long."""

    def seconds(given):
        begun = time.thread_time()  # of this thread alone: others of the process may be busy
        wordpress_text(given)
        written_lead(given, given, "The pier.")
        return time.thread_time() - begun

    def least(given):
        return min(seconds(given) for _ in range(3))

    assert least(text) < 3.2 * least(text[: len(text) // 2]) + 0.3


BODY = (
    "The night ferry will sail again from the first of May, the shipping line said in Varberg on Monday. "
    "Its captain has twenty years on that route behind her.\n\nThe ferry at the quay. Photo: Eva Lund\n\n"
    "Tickets cost as much as they did before the fire, and cyclists sail free of charge until the end of June. "
    "Two hundred berths were added."
)


@pytest.mark.parametrize(
    ("excerpt", "lead"),
    [
        pytest.param(
            "<p>The night ferry will sail again from the first of May, the shipping line said in Varberg on "
            "Monday. Its captain has twenty years on that route behind her. Tickets cost as much as they [&hellip;]</p>",
            "", id="a caption is only in the body",
        ),
        pytest.param(
            '<p>The night ferry will sail again from the first of May&hellip; <a class="more-link" href="x">Continue '
            'reading <span class="screen-reader-text">Night ferry</span></a></p>',
            "", id="more link of a theme",
        ),
        pytest.param(
            '<p>The night ferry will sail again from the first of May &hellip; <a href="https://a.example/ferry/">'
            "Hela artikeln</a></p>",
            "", id="more link in any language, to the post itself",
        ),
        pytest.param("The night ferry will sail again from the first of … Zum Artikel Nachtfähre", "", id="text after it"),
        pytest.param("<p>The night ferry will sail again from the first of May. Read more »</p>", "", id="known words"),
        pytest.param("<p>Six years after the fire a ship is back.</p>", "Six years after the fire a ship is back.",
                     id="hand-written"),
        pytest.param(
            '<p>Six years after the fire a ship is back. <a href="https://a.example/ferry/#more-3">Läs hela</a></p>',
            "Six years after the fire a ship is back.", id="hand-written with a link",
        ),
        pytest.param("<p>The ferry is free until June.</p>", "The ferry is free until June.",
                     id="few words that stand in order by chance"),
        pytest.param("<p>Captain, berths and bicycles: what awaits those who sail from Varberg in May…</p>",
                     "Captain, berths and bicycles: what awaits those who sail from Varberg in May…", id="with dots"),
        pytest.param("<p>[vc_row][vc_column]The night ferry will sail again from the first [&hellip;]</p>", "",
                     id="cut among shortcodes"),
        pytest.param("", "", id="none"),
    ],
)  # fmt: skip
def test_automatic_excerpts_are_no_lead(excerpt, lead):
    """What an editor wrote is one."""
    assert lead == written_lead(excerpt, "", BODY, url="https://a.example/ferry/")


def test_an_automatic_excerpt_of_a_short_post():
    """It is made of whole paragraphs, without the caption between them; other words are a lead."""
    body = "The ship left.\n\nPhoto: Eva Lund\n\nIt came back."
    assert "" == written_lead("<p>The ship left. It came back.</p>", "", body)
    assert "The ship came back." == written_lead("The ship came back.", "", body)


def test_an_automatic_excerpt_without_blanks():
    """Chinese and Japanese are cut between characters."""
    body = "渡船将于五月一日重新启航。\n\n图为渡船停靠码头。\n\n票价与火灾前相同，骑自行车的人免费乘船。"
    assert "" == written_lead("渡船将于五月一日重新启航。票价与火灾前相同，骑自行[&hellip;]", "", body)
    assert "六年之后船又回来了。" == written_lead("六年之后船又回来了。", "", body)


def test_the_texts_of_elementor():
    """Headings and paragraphs in their order, no buttons and no lists of posts."""
    data = (
        '[{"elType":"section","elements":[{"elType":"column","elements":['
        '{"elType":"widget","widgetType":"heading","settings":{"title":"The pier"}},'
        '{"elType":"widget","widgetType":"text-editor","settings":{"editor":"<p>It grows.</p>"}},'
        '{"elType":"widget","widgetType":"button","settings":{"text":"Subscribe"}},'
        '{"elType":"widget","widgetType":"accordion","settings":{"tabs":[{"tab_title":"Who?","tab_content":"We."}]}}'
        "]}]}]"
    )
    assert "The pier\n\nIt grows.\n\nWho?\n\nWe." == wordpress_text(elementor_html(data))
    assert "" == elementor_html("{broken") == elementor_html("[" * 100_000)


def test_names_of_terms_are_decoded_wherever_they_stand():
    """Section, tags, other categories, authors."""
    names = {"category": ["Wind &amp; Weather", "Arts &amp; Crafts"], "post_tag": ["Q&amp;A"]}
    record = record_from_post(
        {
            "id": 5,
            "title": {"rendered": "Storm &#8211; again"},
            "content": {"rendered": "<p>Wind.</p>"},
            "_embedded": {
                "author": [{"name": "Lund &amp; Sons"}],
                "wp:term": [[{"taxonomy": kind, "name": one} for one in names[kind]] for kind in names],
            },
        }
    )
    assert ("Storm – again", "Wind & Weather", ["Q&A"], ["Lund & Sons"]) == tuple(
        record[name] for name in ("title", "section", "tags", "authors")
    )
    assert {"categories": ["Arts & Crafts"]} == record["extra"]


def test_an_entry_of_a_feed_reads_as_the_post_does():
    """No shortcodes, no excerpt as lead, no line of a plugin at the end."""
    end = '<p>The post <a href="https://a.example/ferry/">Night ferry</a> appeared first on <a href="/">Gazette</a>.</p>'
    entry = {
        "title": "Night ferry &#8211; back",
        "body": "".join(f"<p>{part}</p>" for part in BODY.split("\n\n")) + f"<p>[bar_code id=2]</p>{end}",
        "lead": f"<p>The night ferry will sail again from the first of May, the shipping line said [&hellip;]</p>\n{end}",
        "url": "https://a.example/ferry/",
        "tags": ["Uncategorized", "Ships"],
    }
    cleaned = cleaned_record(entry)
    assert ("Night ferry – back", BODY, ["Ships"]) == (cleaned["title"], cleaned["body"], cleaned["tags"])
    assert "lead" not in cleaned
    form = (
        '<form action="/wp-login.php?action=postpass" class="post-password-form"><p>Your password:</p></form>'
    )
    locked = cleaned_record({"title": "Protected: Plan", "body": form, "lead": "There is no excerpt."})
    assert {"title": "Protected: Plan", "status": "password"} == locked
    assert is_wordpress_feed({"generator": "https://wordpress.org/?v=6.8.1"})
    assert not is_wordpress_feed({"generator": "Ghost 5.1"})


WXR = """<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Gazette</title><language>de-DE</language>
<wp:wxr_version>1.2</wp:wxr_version>
{}</channel></rss>"""


def item(number, kind, content, more="", status="publish"):
    """One item of an export."""
    return (
        f"<item><title>Item {number}</title><content:encoded><![CDATA[{content}]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>{more}</item>"
    )


def test_an_export_gives_what_stands_after_its_post(tmp_path):
    """Pictures, blocks that many posts share, and captions of a gallery come later than the post that needs them."""
    thumbnail = (
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value></wp:postmeta>"
    )
    category = '<category domain="category" nicename="x"><![CDATA[Wind &amp; Wetter]]></category>'
    post = '<p>Der Pier.</p><!-- wp:block {"ref":8} /-->[gallery ids="9"]<p>[:en]Open.[:de]Offen.[:]</p>'
    picture = (
        "<excerpt:encoded><![CDATA[Das Ufer.]]></excerpt:encoded>"
        "<wp:attachment_url>https://a.example/ufer.jpg</wp:attachment_url>"
    )
    file = tmp_path / "export.xml"
    items = [
        item(1, "post", post, thumbnail + category),
        item(8, "wp_block", "<!-- wp:paragraph --><p>Gezeiten auf Seite neun.</p><!-- /wp:paragraph -->"),
        item(9, "attachment", "", picture, "inherit"),
    ]
    file.write_text(WXR.format("".join(items)), "utf-8")
    (article,) = WordPressExport(InputFile(file, "export.xml"), FieldMap({})).articles(Report())
    assert "Der Pier.\n\nGezeiten auf Seite neun.\n\nDas Ufer.\n\nOffen." == article.body
    assert ("https://a.example/ufer.jpg", "Wind & Wetter") == (article.image, article.section)
