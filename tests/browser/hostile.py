"""Articles whose every field means harm, or is merely odd."""

from __future__ import annotations

from datetime import UTC, datetime

from semsearch.articles import Article

SCRIPT = "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
AT = datetime(2020, 2, 2, 8, tzinfo=UTC)  # older than the sample, so that its first page stays its own

HOSTILE = [
    Article(
        id=f"evil/{SCRIPT}?#%",
        title=f"Wicked heading {SCRIPT}",
        body=f"Wicked body {SCRIPT}\n\n</p></article><style>*{{display:none}}</style>{{{{ 7*7 }}}}",
        url="javascript:document.title='broken'",
        section=SCRIPT,
        authors=(SCRIPT, "\"' onclick=alert(1)"),
        tags=(SCRIPT,),
        language='en" onload="alert(1)',
        source=SCRIPT,
        image="javascript:alert(1)",
        published_at=AT,
    ),
    Article(
        id="rtl",
        title="ערב טוב: הספרייה נפתחת מחדש",
        body="הספרייה העירונית נפתחה מחדש אחרי שלוש שנים.\n\nהקוראים חזרו.",
        language="he",
        section="תרבות",
        url="https://news.example/rtl",
        published_at=AT,
    ),
    Article(
        id="override",
        title="Wicked \u202egnitirw desrever\u202c heading",
        body="A text with marks that turn the writing around.",
        published_at=AT,
    ),
    Article(
        id="emoji",
        title="🏳️‍🌈👩‍👩‍👧‍👦 Zoo opens 🦒",
        body="The giraffe house 🦒🦒 opened on a sunny day ☀️.",
        section="Local 🏠",
        published_at=AT,
    ),
    Article(
        id="long-title",
        title="Endless heading " + "word after word " * 10 + "Donaudampfschifffahrtsgesellschaft" * 4,
        body="A text under a heading of three hundred characters.",
        section="S" * 120,
        authors=tuple(f"Author Number {n}" for n in range(20)),
        published_at=AT,
    ),
    Article(id="undated", title="Undated heading", body="Nobody knows when this undated text was written."),
    Article(
        id="untitled",
        body="A text that never had a heading, written by nobody in particular.",
        published_at=AT,
    ),
]
