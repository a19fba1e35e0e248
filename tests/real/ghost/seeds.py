# ruff: noqa: E501 - markup is long
"""Posts of every kind and state for a Ghost: what readers see of each stands beside it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.real.ghost.system import OWNER, Ghost

WRITERS = {"mara": "Mara O'Shea", "jun": "淳 村上", "smith": "Smith & Daughters"}
PICTURE = "https://pictures.example/crane.png"


@dataclass(frozen=True)
class Seed:
    """A post as it is written, and ``says``: its public words in order. ``hidden`` ones nobody may find."""

    title: str
    says: str
    html: str | None = None
    nodes: tuple[dict[str, object], ...] = ()
    lead: str = ""
    tags: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    more: dict[str, object] = field(default_factory=dict)
    visibility: str = "public"
    status: str = "published"

    @property
    def is_public(self) -> bool:
        """Whether readers find the post at all."""
        return self.status == "published"


def _paragraph(words: str) -> dict[str, object]:
    text = {
        "type": "extended-text",
        "text": words,
        "format": 0,
        "detail": 0,
        "mode": "normal",
        "style": "",
        "version": 1,
    }
    return {
        "type": "paragraph",
        "children": [text],
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "version": 1,
    }


def _card(kind: str, **fields: object) -> dict[str, object]:
    return {"type": kind, "version": 1, **fields}


def _bookmark(number: int, site: str = "https://far.example") -> dict[str, object]:
    about = {
        "title": f"Link {number}",
        "description": f"About number {number}.",
        "publisher": "Far",
        "author": "",
        "icon": "",
        "thumbnail": "",
    }
    return _card("bookmark", url=f"{site}/{number}", metadata=about, caption="")


def _picture(caption: str) -> dict[str, object]:
    return _card(
        "image",
        src=PICTURE,
        width=320,
        height=180,
        title="",
        alt="ALTWORDS",
        caption=caption,
        cardWidth="wide",
        href="",
    )


_SIGNUP = _card(
    "signup", alignment="left", backgroundColor="#eee", buttonColor="accent", buttonText="BOXWORDS", buttonTextColor="#fff",
    disclaimer="BOXWORDS", header="BOXWORDS", labels=[], layout="regular", subheader="BOXWORDS", successMessage="BOXWORDS",
    textColor="#000", backgroundSize="cover", backgroundImageSrc="", swapped=False,
)  # fmt: skip
_CAPTIONS = (
    "Cranes stand still at six.",
    "A pilot climbs aboard.",
    "Rope dries on the rail.",
    "Gulls follow the dredger.",
)
_LATER = {"published_at": "2026-03-02T08:30:00.000Z"}

SEEDS = (
    Seed("Pilots strike on Monday", "The pilots will strike on Monday. Ferries sail.", "<p>The pilots will strike on Monday.</p><p>Ferries sail.</p>",
         tags=("Port", "Work & Pay"), writers=("mara",), lead="Ships wait outside."),
    Seed("Two hands", "Both wrote half.", "<p>Both wrote half.</p>", tags=("Town",), writers=("jun", "mara")),
    Seed("Salt & pepper: “now” — 3 < 4", "S&P fell £2 — it’s <low>.", "<p>S&amp;P fell &pound;2 &mdash; it&rsquo;s &lt;low&gt;.</p>",
         tags=("Q&A",), writers=("smith",)),
    Seed("No tag", "The bell is silent.", "<p>The bell is silent.</p>"),
    Seed("Inner tag only", "The well is open.", "<p>The well is open.</p>", tags=("#desk",)),
    Seed("港の朝", "船が出ます。", "<p>船が出ます。</p>", tags=("港",), more={"slug": "minato"}),
    Seed("Flood 🌊 at the mole", "Water 🌊 everywhere.", "<p>Water 🌊 everywhere.</p>"),
    Seed("Headline alone", "", ""),
    Seed("Moon year", "Written long ago.", "<p>Written long ago.</p>", more={"published_at": "1968-12-24T20:00:00.000Z"}),
    Seed("Twin", "The first twin.", "<p>The first twin.</p>"),
    Seed("Twin", "The second twin.", "<p>The second twin.</p>"),
    Seed("With a picture", "The crane is red.", "<p>The crane is red.</p>", more={"feature_image": PICTURE}),
    Seed("Forms of text", "Lead in. Head of part First item. Second item. Said so. CAPTION of it echo 1 Last words.",
         f"<p>Lead in.</p><h2>Head of part</h2><ul><li>First item.</li><li>Second item.</li></ul><blockquote>Said so.</blockquote>"
         f"<figure class='kg-card kg-image-card kg-card-hascaption'><img src='{PICTURE}' class='kg-image' alt='ALTWORDS'>"
         "<figcaption>CAPTION of it</figcaption></figure><pre><code>echo 1</code></pre><p>Last words.</p>"),
    Seed("Box of markup", "Before it. Words in a box. After it.",
         "<p>Before it.</p><!--kg-card-begin: html--><div><script>var CODEWORDS;</script><style>.CODEWORDS{}</style>"
         "<p>Words in a box.</p><iframe src='https://far.example/x'>FRAMEWORDS</iframe></div><!--kg-card-end: html--><p>After it.</p>"),
    Seed("Cards", "Cards begin. Take note. Open me Inside it. Link 7 About number 7. Far With stress. x = 1 Cards end.", nodes=(
        _paragraph("Cards begin."), _card("callout", calloutText="<p>Take note.</p>", calloutEmoji="", backgroundColor="blue"),
        _card("toggle", heading="Open me", content="<p>Inside it.</p>"),
        _card("button", buttonText="BOXWORDS", alignment="center", buttonUrl="https://far.example/s"),
        _bookmark(7), _card("markdown", markdown="With **stress**."), _card("codeblock", code="x = 1", language="python", caption=""),
        _SIGNUP, _card("email", html="<p>SECRETLETTER</p>"), _paragraph("Cards end."))),
    Seed("In four pictures", " ".join(("One day.", *_CAPTIONS)), nodes=(_paragraph("One day."), *map(_picture, _CAPTIONS)), more=_LATER),
    Seed("A list", " ".join(_CAPTIONS), f"<!--kg-card-begin: html--><ul>{''.join(f'<li>{one}</li>' for one in _CAPTIONS)}</ul><!--kg-card-end: html-->", more=_LATER),
    Seed("Tides", "Day High Monday 05:10 Tuesday 05:58",
         "<!--kg-card-begin: html--><table><tr><th>Day</th><th>High</th></tr><tr><td>Monday</td><td>05:10</td></tr>"
         "<tr><td>Tuesday</td><td>05:58</td></tr></table><!--kg-card-end: html-->", more=_LATER),
    Seed("Five links", "Read on: " + " ".join(f"Link {n} About number {n}. Far" for n in range(1, 6)),
         nodes=(_paragraph("Read on:"), *map(_bookmark, range(1, 6))), more=_LATER),
    Seed("Long", " ".join(f"Line {n} of the log." for n in range(1, 201)), "".join(f"<p>Line {n} of the log.</p>" for n in range(1, 201))),
    Seed("For members", "", "<p>SECRETMEMBER one.</p><p>SECRETMEMBER two.</p>", visibility="members", tags=("Club",)),
    Seed("For members, with a lead", "", "<p>SECRETMEMBER three.</p>", visibility="members", lead="All may read this."),
    Seed("For payers", "", "<p>SECRETPAID.</p>", visibility="paid"),
    Seed("Half of it", "All may read so far.", nodes=(_paragraph("All may read so far."), _card("paywall"), _paragraph("SECRETREST.")), visibility="members"),
    Seed("SECRETDRAFT", "", "<p>SECRETDRAFT.</p>", status="draft"),
    Seed("SECRETFUTURE", "", "<p>SECRETFUTURE.</p>", status="scheduled"),
)  # fmt: skip


def plant(site: Ghost) -> None:
    """Write all seeds into a fresh site, with a page, a post that was withdrawn, and one that was deleted."""
    _hire(site)
    for number, seed in enumerate(SEEDS):
        _write(site, seed, datetime(2026, 4, 1, 9, tzinfo=UTC) + timedelta(hours=number))
    gone = _write(site, Seed("SECRETGONE", "", "<p>SECRETGONE.</p>"), datetime(2026, 4, 3, tzinfo=UTC))
    site.ask("DELETE", f"posts/{gone['id']}/")
    back = _write(site, Seed("SECRETBACK", "", "<p>SECRETBACK.</p>"), datetime(2026, 4, 3, tzinfo=UTC))
    site.ask(
        "PUT", f"posts/{back['id']}/", {"posts": [{"status": "draft", "updated_at": back["updated_at"]}]}
    )
    site.ask(
        "POST",
        "pages/?source=html",
        {"pages": [{"title": "PAGEWORDS", "html": "<p>PAGEWORDS</p>", "status": "published"}]},
    )


def _write(site: Ghost, seed: Seed, when: datetime) -> dict[str, object]:
    if seed.status == "scheduled":
        when = datetime.now(UTC) + timedelta(days=20)
    post: dict[str, object] = {
        "title": seed.title, "status": seed.status, "visibility": seed.visibility,
        "published_at": f"{when:%Y-%m-%dT%H:%M:%S}.000Z", "tags": [{"name": tag} for tag in seed.tags],
        "authors": [{"slug": writer} for writer in seed.writers] or [{"email": OWNER["email"]}],
        **({"custom_excerpt": seed.lead} if seed.lead else {}), **seed.more,
    }  # fmt: skip
    if seed.nodes:
        root = {
            "type": "root",
            "children": list(seed.nodes),
            "direction": "ltr",
            "format": "",
            "indent": 0,
            "version": 1,
        }
        post["lexical"] = json.dumps({"root": root})
    else:
        post["html"] = seed.html
    source = "" if seed.nodes else "?source=html"
    made = site.ask("POST", f"posts/{source}", {"posts": [post]})
    return made["posts"][0]  # type: ignore[index, no-any-return]


def _hire(site: Ghost) -> None:
    """Make the other writers: staff are invited by mail, an import makes them without."""
    users = [
        {"id": slug, "name": name, "slug": slug, "email": f"{slug}@example.org", "password": f"{slug}-quay-and-crane", "status": "active"}
        for slug, name in WRITERS.items()
    ]  # fmt: skip
    data = {
        "db": [
            {"meta": {"exported_on": int(time.time() * 1000), "version": "5.130.0"}, "data": {"users": users}}
        ]
    }
    site.ask_as_owner(
        "POST", "db/", files={"importfile": ("staff.json", json.dumps(data), "application/json")}
    )
    for _ in range(100):  # an import goes on after its answer
        there = {user["slug"] for user in site.ask_as_owner("GET", "users/?limit=all")["users"]}  # type: ignore[attr-defined]
        if there >= WRITERS.keys():
            return
        time.sleep(0.2)
    raise AssertionError("the writers are not there after the import")
