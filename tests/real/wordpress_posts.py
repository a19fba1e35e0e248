"""The posts of the site of the tour, each with the text that readers should find."""

# ruff: noqa: E501 - markup as editors and plugins write it

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

BLOCK = "<!-- wp:paragraph --><p>Tide tables are printed on page nine.</p><!-- /wp:paragraph -->"
RAW = base64.b64encode(
    quote("<p>The raw plan of the quay.</p><script>SECRETSCRIPT()</script>").encode()
).decode()


@dataclass(frozen=True)
class Row:
    """A post to insert; ``text`` is what stays of its content, ``feed`` that in the feed where it differs."""

    title: str
    content: str
    text: str
    excerpt: str = ""
    lead: str = ""
    shown_title: str = ""
    status: str = "publish"
    password: str = ""
    type: str = "post"
    date: str = "2026-03-04 10:00:00"
    categories: tuple[str, ...] = ("Harbour",)
    tags: tuple[str, ...] = ()
    author: str = "Eva Lund"
    sticky: bool = False
    picture: bool = False
    comment: str = ""
    then: str = ""
    feed: str | None = None

    def values(self) -> dict[str, Any]:
        """What the site is told."""
        return asdict(self)


def paragraphs(*texts: str) -> str:
    """Blocks of paragraphs, as the editor saves them."""
    return "\n\n".join(f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->" for text in texts)


def _ordinary() -> list[Row]:
    """News as it comes day by day: blocks and classic, with and without a lead, in several sections."""
    things = "ferry lighthouse school library dredger sawmill regatta bakery railway observatory".split()
    sections = (("Harbour",), ("Arts & Crafts", "Town"), ("Town",), ("Sport <3", "Harbour"))
    authors = ("Eva Lund", "Åke O'Brien", "Strand & Sons", "李 明")
    rows = []
    for number in range(60):
        thing = things[number % 10]
        texts = [
            f"The {thing} opens again on day {number} of the year, the council of Sandhamn said.",
            f"Repairs took {number + 3} weeks, and nobody who lives near the {thing} could sleep while hammers fell from dawn until the evening bell rang over the bay.",
            f"Chair of the council Maja Ek called it case {number * 17} of good work done by hand.",
            "Whoever wants to see it may come on Sunday with children, grandparents and dogs, for coffee will be poured until the pot is empty.",
        ]
        lead = f"Number {number} in our series: what becomes of the {thing}." if number % 6 == 0 else ""
        rows.append(
            Row(
                f"The {thing} & its neighbours, part {number}",
                paragraphs(*(text.replace("&", "&amp;") for text in texts))
                if number % 3
                else "\n\n".join(texts),
                "\n\n".join(texts),
                excerpt=lead,
                lead=lead,
                date=f"20{20 + number % 7}-0{number % 9 + 1}-1{number % 10} 0{number % 10}:30:00",
                categories=sections[number % 4],
                tags=(thing, "Q&A") if number % 2 else (),
                author=authors[number % 4],
                picture=number % 5 == 0,
                comment="SECRETCOMMENT I disagree." if number % 9 == 0 else "",
            )
        )
    return rows


_LAYOUT = (
    paragraphs("A new lock was opened by the pilot.")
    + '\n\n<!-- wp:heading --><h2 class="wp-block-heading">Less mud</h2><!-- /wp:heading -->'
    '\n\n<!-- wp:list --><ul class="wp-block-list"><!-- wp:list-item --><li>Nine barges waited</li><!-- /wp:list-item --><!-- wp:list-item --><li>One sank</li><!-- /wp:list-item --></ul><!-- /wp:list -->'
    '\n\n<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph --><p>We dig every week.</p><!-- /wp:paragraph --><cite>The pilot</cite></blockquote><!-- /wp:quote -->'
    '\n\n<!-- wp:image {"id":{image_id}} --><figure class="wp-block-image"><img src="{image}" alt="SECRETALT"/><figcaption class="wp-element-caption">The gates at dawn</figcaption></figure><!-- /wp:image -->'
    '\n\n<!-- wp:embed {"url":"https://www.youtube.com/watch?v=abcdefghijk","type":"video","providerNameSlug":"youtube"} --><figure class="wp-block-embed is-type-video"><div class="wp-block-embed__wrapper">\nhttps://www.youtube.com/watch?v=abcdefghijk\n</div></figure><!-- /wp:embed -->'
    '\n\n<!-- wp:table --><figure class="wp-block-table"><table><thead><tr><th>Year</th><th>Barges</th></tr></thead><tbody><tr><td>2025</td><td>812</td></tr></tbody></table></figure><!-- /wp:table -->'
    '\n\n<!-- wp:code --><pre class="wp-block-code"><code>tide[0] = low</code></pre><!-- /wp:code -->'
    '\n\n<!-- wp:buttons --><div class="wp-block-buttons"><!-- wp:button --><div class="wp-block-button"><a class="wp-block-button__link wp-element-button" href="/x">SECRETBUTTON Subscribe</a></div><!-- /wp:button --></div><!-- /wp:buttons -->'
    '\n\n<!-- wp:latest-posts {"postsToShow":3,"displayPostContent":true} /-->'
    '\n\n<!-- wp:columns --><div class="wp-block-columns"><!-- wp:column --><div class="wp-block-column"><!-- wp:paragraph --><p>Left of cranes</p><!-- /wp:paragraph --></div><!-- /wp:column --><!-- wp:column --><div class="wp-block-column"><!-- wp:paragraph --><p>Right of tugs</p><!-- /wp:paragraph --></div><!-- /wp:column --></div><!-- /wp:columns -->'
    '\n\n<!-- wp:html --><script>var SECRETSCRIPT = 1;</script><style>.SECRETSTYLE{}</style><iframe src="https://example.org/" title="SECRETFRAME"></iframe><p style="display:none">SECRETHIDDEN</p><!-- /wp:html -->'
    '\n\n<!-- wp:block {"ref":{block}} /-->\n\n' + paragraphs("So ends the tale of the lock.")
)
_QUERY = (
    paragraphs("The pier stays shut.")
    + '<!-- wp:query {"queryId":1,"query":{"perPage":4,"postType":"post","inherit":false}} --><div class="wp-block-query"><!-- wp:post-template --><!-- wp:post-title {"isLink":true} /--><!-- wp:post-excerpt /--><!-- /wp:post-template --></div><!-- /wp:query -->'
    + paragraphs("Nobody knows for how long.")
)
_BUILDER = (
    '[vc_row css=".a{b:c}"][vc_column width="1/2"][vc_column_text]Masons from Penn[/vc_column_text][/vc_column]'
    '[vc_column width="1/2"][vc_column_text]Engineers from Graz[/vc_column_text]'
    f"[vc_raw_html]{RAW}[/vc_raw_html][/vc_column][/vc_row]\n\n"
    '[et_pb_button button_text="SECRETBUTTON [PDF]" button_url="/x"][/et_pb_button]'
    "They met [sic] at noon, see [1], [he said].\n\n[gone_plugin id=4]\n\n[box]Inside a box[/box] of words."
)
_PICTURED = (
    paragraphs(
        "The old crane fell into the basin on Friday night while nobody was working near it, the harbour office said."
    )
    + '\n\n<!-- wp:image {"id":{image_id}} --><figure class="wp-block-image"><img src="{image}" alt=""/><figcaption class="wp-element-caption">Divers on Saturday. Photo: Eva Lund</figcaption></figure><!-- /wp:image -->\n\n'
    + paragraphs(
        "Divers will look at the wreck as soon as the wind drops, and until then the eastern gate stays closed for all ships that draw more than three metres.",
        "The insurer has sent two people, who took photographs from the quay for an hour and left without a word to anybody.",
    )
)
_SPECIAL = [
    Row("Blocks of all kinds", _LAYOUT, "A new lock was opened by the pilot. Less mud Nine barges waited One sank We dig every week. The pilot The gates at dawn Year Barges 2025 812 tide[0] = low Left of cranes Right of tugs Tide tables are printed on page nine. So ends the tale of the lock."),
    Row("A list of other posts", _QUERY, "The pier stays shut. Nobody knows for how long."),
    Row("A page builder that is gone", _BUILDER, "Masons from Penn Engineers from Graz The raw plan of the quay. They met [sic] at noon, see [1], [he said]. Inside a box of words."),
    Row("A captioned picture", _PICTURED, "The old crane fell into the basin on Friday night while nobody was working near it, the harbour office said. Divers on Saturday. Photo: Eva Lund Divers will look at the wreck as soon as the wind drops, and until then the eastern gate stays closed for all ships that draw more than three metres. The insurer has sent two people, who took photographs from the quay for an hour and left without a word to anybody."),
    Row("[:en]The bilingual pier[:de]Der zweisprachige Steg[:]", "[:en]Both read it.[:de]Beide lesen es.[:]", "Both read it.", shown_title="The bilingual pier"),
    Row("Go on below", paragraphs("Above the fold.") + "\n\n<!-- wp:more --><!--more Go on--><!-- /wp:more -->\n\n" + paragraphs("Below it."), "Above the fold. Below it."),
    Row("Classic fold", "Above the line.\n<!--more-->\nBelow the line.", "Above the line. Below the line."),
    Row("Three pages", "First page of the ferry.\n<!--nextpage-->\nSecond page of it.\n<!--nextpage-->\nThird page of it.", "First page of the ferry. Second page of it. Third page of it.", feed="First page of the ferry."),
    Row("Old caption", '[caption id="attachment_{image_id}" align="alignnone" width="320"]<img src="{image}" width="320" height="180" alt="" /> The mast in 1953[/caption]\n\nIt stood for sixty years.', "The mast in 1953 It stood for sixty years."),
    Row("A gallery", "Before it.\n\n[gallery ids=\"{image_id}\"]\n\nAfter it.", "Before it. Photo of quay 1 After it.", feed="Before it. After it."),
    Row("A post within a post", "Read this too:\n\n{first}\n\nThank you.", "Read this too: Thank you."),
    Row("Fish &amp; chips: “dear” &lt; 5", "R&amp;D costs &pound;5 &mdash; it&rsquo;s &lt;cheap&gt;&hellip;", "R&D costs £5 — it’s <cheap>…", shown_title="Fish & chips: “dear” < 5"),
    Row("A title with <em>stress</em>", "Trams ring twice.", "Trams ring twice.", shown_title="A title with stress"),
    Row("Погода в порту", "Сегодня в порту идёт дождь.", "Сегодня в порту идёт дождь.", categories=("Международное",)),
    Row("港の天気", "今日は雨です。", "今日は雨です。"),
    Row("أخبار الميناء", "افتتح الميناء اليوم.", "افتتح الميناء اليوم."),
    Row("Waves 🌊 at the pier", "Three metres 🌊 high.", "Three metres 🌊 high."),
    Row("", "A post without a title on the mayor of the island.", "A post without a title on the mayor of the island."),
    Row("Only a title: mayor resigns", "", ""),
    Row("A lead with markup", "The body is another matter and speaks of trams.", "The body is another matter and speaks of trams.", excerpt="The <strong>lead</strong> &amp; more.", lead="The lead & more."),
    Row("A lead that opens the text", "The trams stop at nine.\n\nThen they go home.", "The trams stop at nine. Then they go home.", excerpt="The trams stop at nine."),
    Row("House rules", "Always first: the rules of the house.", "Always first: the rules of the house.", sticky=True),
    Row("Nobody chose a category", "Text without one.", "Text without one.", categories=()),
    Row("Four categories", "Text in four.", "Text in four.", categories=("Uncategorized", "Sport <3", "Town", "Harbour")),
    Row("When the clock jumped", "Half past two never came.", "Half past two never came.", date="2026-03-29 02:30:00"),
    Row("From the year of the moon", "A giant leap over the bay.", "A giant leap over the bay.", date="1969-07-20 22:17:00"),
    Row("A long read", "\n\n".join(f"Paragraph {n} tells of cranes, ships and those who worked there." for n in range(200)), " ".join(f"Paragraph {n} tells of cranes, ships and those who worked there." for n in range(200))),
]  # fmt: skip
PUBLIC = [*_ordinary(), *_SPECIAL]
PENDING = Row(
    "Waited for the editor",
    "SECRETPENDING until it appears.",
    "SECRETPENDING until it appears.",
    status="pending",
    date="2024-01-05 08:00:00",
)
SCHEDULED = Row(
    "Waits for its hour",
    "SECRETSCHEDULED until it appears.",
    "SECRETSCHEDULED until it appears.",
    status="future",
    date="2099-01-05 08:00:00",
)
HIDDEN = [
    PENDING,
    SCHEDULED,
    Row("SECRET private", "SECRETPRIVATE", "", status="private"),
    Row("Behind a password", "SECRETPASSWORD body", "", password="sesame", excerpt="SECRETPASSWORD lead"),
    Row("SECRET draft", "SECRETDRAFT", "", status="draft"),
    Row("SECRET trash", "SECRETTRASH", "", then="trash"),
    Row("SECRET page", "SECRETPAGE", "", type="page"),
    Row("SECRET event", "SECRETEVENT", "", type="event"),
]  # fmt: skip
