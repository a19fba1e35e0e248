"""The WordPress plugin against the real service: what readers see, what is sent, and what a fault does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import ArticleNotFound
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.browser.serving import running
from tests.fakes import HashingEncoder

PLUGIN = Path(__file__).resolve().parents[2] / "integrations" / "wordpress" / "semsearch"
PHP = shutil.which("php")
pytestmark = pytest.mark.skipif(PHP is None, reason="no php on this machine (apt-get install php-cli)")

AWAY = "http://127.0.0.1:9"


def site(*commands: dict[str, Any]) -> list[Any]:
    """What came of each command on a site that has the plugin."""
    done = subprocess.run(
        [str(PHP), str(Path(__file__).parent / "wordpress_site.php")],
        input=json.dumps(commands), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout + done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def post(number: int, **values: str) -> dict[str, Any]:
    """A published post about a school."""
    made = {
        "ID": number,
        "post_type": "post",
        "post_status": "publish",
        "post_password": "",
        "post_title": f"School &amp; village {number}",
        "post_content": f"<!-- wp:paragraph --><p>The village school number {number} stays. [gallery]</p>",
        "post_date_gmt": f"2026-01-{number:02d} 08:00:00",
        "post_modified_gmt": f"2026-02-{number:02d} 08:00:00",
        "post_author": "1",
    }
    return {"do": "save", "post": {**made, **values}}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over an empty index."""
    made = Engine(Settings(indexes=tmp_path_factory.mktemp("wordpress")), encoder=HashingEncoder())
    made.ensure()
    made.warm()
    yield made
    made.close()


@pytest.fixture(scope="module")
def settings(engine: Engine) -> Iterator[dict[str, Any]]:
    """The plugin's settings for a service over that index."""
    key = KeyFile(engine.settings.indexes).create("write")[1]
    with running(create_app(engine.settings, engine=engine)) as address:
        value = {"address": address, "key": key, "show": "html", "heading": "Read <on>", "limit": 2}
        yield {"do": "settings", "value": value}


@pytest.mark.parametrize("file", sorted(PLUGIN.rglob("*.php")), ids=lambda file: file.name)
def test_syntax(file: Path) -> None:
    """PHP can read every file."""
    done = subprocess.run([str(PHP), "-l", str(file)], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_life_of_a_post(engine: Engine, settings: dict[str, Any]) -> None:
    """A post is sent as it is published, changed and made private, and shows its list."""
    results = site(settings, post(1), post(2), post(3), {"do": "show", "id": 1})
    article = engine.show("1")
    assert ("School & village 1", "https://blog.example/1", "Local & near") == (
        article.title, article.url, article.section,
    )  # fmt: skip
    assert ("The village school number 1 stays.", ("Ada Marsh",), ("schools",)) == (
        article.body.strip(), article.authors, article.tags,
    )  # fmt: skip
    assert ("https://blog.example/school.jpg", {"categories": ["Parks"]}, "blog.example", "en") == (
        article.image, dict(article.extra), article.source, article.language,
    )  # fmt: skip
    shown = results[-1]
    assert shown.startswith("<p>Post</p><aside")
    assert {"https://blog.example/2", "https://blog.example/3"} == {
        part.partition('"')[0] for part in shown.split('href="')[1:]
    }

    site(settings, post(1), post(1, post_status="draft"))
    with pytest.raises(ArticleNotFound):
        engine.show("1")
    site(settings, post(2), post(2, post_password="secret"))
    with pytest.raises(ArticleNotFound):
        engine.show("2")
    site(settings, post(3), {"do": "delete", "id": 3})
    with pytest.raises(ArticleNotFound):
        engine.show("3")


def test_an_excerpt_that_an_editor_wrote_is_the_lead(engine: Engine, settings: dict[str, Any]) -> None:
    """One that the site cut from the text is none."""
    site(
        settings,
        post(16, post_excerpt="Pupils may stay."),
        post(17, post_excerpt="The village school [&hellip;]"),
    )
    assert "Pupils may stay.\n\nThe village school number 16 stays." == engine.show("16").body
    assert "The village school number 17 stays." == engine.show("17").body


def test_a_post_that_the_site_cannot_give_is_sent_later(engine: Engine, settings: dict[str, Any]) -> None:
    """Its REST interface may be broken for a while."""
    broken, mended = ({"do": "break", "on": on} for on in (True, False))
    state = site(settings, broken, post(18), {"do": "state"})[-1]
    assert (0, [[60, "semsearch_send", [18, 1]]]) == (state["tries"], state["later"])
    with pytest.raises(ArticleNotFound):
        engine.show("18")
    site(settings, broken, post(18), mended, {"do": "cron"})
    assert "School & village 18" == engine.show("18").title


def test_only_the_post_of_the_page_gets_a_list(settings: dict[str, Any]) -> None:
    """Not those of a list of posts on its page, and the post itself once."""
    results = site(
        settings, post(1), post(2), post(3),
        {"do": "show", "id": 2, "page": 1}, {"do": "show", "id": 1}, {"do": "show", "id": 1},
    )  # fmt: skip
    assert [0, 1, 0] == [shown.count("<aside") for shown in results[-3:]]


@pytest.mark.parametrize(
    "values",
    [
        {"post_status": "private"},
        {"post_status": "trash"},
        {"post_status": "pending"},
        {"post_password": "secret"},
        {"post_type": "page"},
    ],
)
def test_taken_out(engine: Engine, settings: dict[str, Any], values: dict[str, str]) -> None:
    """What hides a post takes it out, whether the plugin sent it or a sync took it in; it may come back."""
    for way in ([], [{"do": "unmark"}]):
        site(settings, post(11), *way, post(11, **values))
        with pytest.raises(ArticleNotFound):
            engine.show("11")
    site(settings, post(11, **values), post(11))
    assert "School & village 11" == engine.show("11").title


def test_scheduled(engine: Engine, settings: dict[str, Any]) -> None:
    """A scheduled post is sent when it appears, not before."""
    site(settings, post(12, post_status="future"))
    with pytest.raises(ArticleNotFound):
        engine.show("12")
    site(settings, post(12, post_status="future"), post(12))
    assert "School & village 12" == engine.show("12").title


def test_a_list_is_not_kept_past_the_next_moment(engine: Engine, settings: dict[str, Any]) -> None:
    """For as long as the engine lets caches keep it; less where an article is about to appear."""
    plain = site(settings, post(20), post(21), {"do": "show", "id": 20}, {"do": "state"})[-1]["kept"]
    assert [2 * engine.settings.service.related_cache_seconds] == plain
    due = datetime.now(UTC) + timedelta(seconds=40)
    engine.add_articles([Article("due", "School & village", "The village school stays.", published_at=due)])
    kept = site(settings, post(20), post(21), {"do": "show", "id": 20}, {"do": "state"})[-1]["kept"]
    assert 1 == len(kept)
    assert 1 <= kept[0] <= 40
    engine.delete(["due"])


def test_deleted_without_a_mark(engine: Engine, settings: dict[str, Any]) -> None:
    """A post that a sync took in goes with its post; a draft that nobody sent asks for nothing."""
    site(settings, post(13), {"do": "unmark"}, {"do": "delete", "id": 13})
    with pytest.raises(ArticleNotFound):
        engine.show("13")
    state = site(settings, post(14, post_status="draft"), {"do": "delete", "id": 14}, {"do": "state"})[-1]
    assert 0 == state["tries"]


@pytest.mark.parametrize(
    "values",
    [
        {"post_status": "draft"},
        {"post_status": "private"},
        {"post_status": "future"},
        {"post_password": "x"},
        {"post_type": "page"},
    ],
)
def test_not_sent(engine: Engine, settings: dict[str, Any], values: dict[str, str]) -> None:
    """What readers cannot see, and what is no post, never leaves the site."""
    assert [None] == site(settings, post(9, **values))[1:]
    with pytest.raises(ArticleNotFound):
        engine.show("9")


def test_engine_away(settings: dict[str, Any]) -> None:
    """Without the engine the post is shown as it is, it is left alone for a while, and changes are kept."""
    away = {"do": "settings", "value": {**settings["value"], "address": AWAY}}
    results = site(away, post(4), {"do": "show", "id": 4}, {"do": "show", "id": 4}, {"do": "state"})
    assert [None, "<p>Post</p>", "<p>Post</p>"] == results[1:4]
    assert [[60, "semsearch_send", [4, 1]]] == results[4]["later"]
    assert 1 == results[4]["tries"]


def test_saving_many_without_the_engine(settings: dict[str, Any]) -> None:
    """Only the first of many posts that are saved waits; all are sent again later."""
    away = {"do": "settings", "value": {**settings["value"], "address": AWAY}}
    state = site(away, *(post(number) for number in range(1, 6)), {"do": "state"})[-1]
    assert (1, [1, 2, 3, 4, 5]) == (state["tries"], [args[0] for _, _, args in state["later"]])


def test_without_a_key(settings: dict[str, Any]) -> None:
    """Nothing is sent, marked or kept for later."""
    keyless = {"do": "settings", "value": {**settings["value"], "key": ""}}
    _, marked, state = site(keyless, post(15), {"do": "state"})
    assert (None, 0, []) == (marked, state["tries"], state["later"])


def test_missing_list_is_not_asked_for_twice(settings: dict[str, Any]) -> None:
    """Where the engine does not know a post, readers do not ask again for a minute."""
    state = site(settings, {"do": "show", "id": 99}, {"do": "show", "id": 99}, {"do": "state"})[-1]
    assert 1 == state["tries"]


def test_no_list_before_the_password(settings: dict[str, Any]) -> None:
    """Who may not read the post is not shown what it is about."""
    shown = site(settings, post(1, post_password="secret"), {"do": "show", "id": 1})[-1]
    assert "<p>Post</p>" == shown


def test_leaves_nothing(settings: dict[str, Any]) -> None:
    """Switched off, nothing is sent any more; deleted, its settings, marks and transients are gone."""
    away = {"do": "settings", "value": {**settings["value"], "address": AWAY}}
    assert [] == site(away, post(4), {"do": "deactivate"})[-1]
    assert [[], [], [], []] == site(settings, post(1), away, post(4), {"do": "uninstall"})[-1]


def test_sent_again(engine: Engine, settings: dict[str, Any]) -> None:
    """What could not be sent is sent when the engine is there again; after ten times it is given up."""
    away = {"do": "settings", "value": {**settings["value"], "address": AWAY}}
    site(away, post(5), settings, {"do": "cron"})
    assert "School & village 5" == engine.show("5").title
    cron = [{"do": "cron"}] * 12
    waits = [[wait for wait, _, _ in due] for due in site(away, post(6), *cron)[2:]]
    assert [*([60 * 2**tries] for tries in range(10)), [], []] == waits


def test_wrong_key(engine: Engine, settings: dict[str, Any]) -> None:
    """A key that opens nothing is no end: it is tried again later."""
    wrong = {"do": "settings", "value": {**settings["value"], "key": "wrong"}}
    assert 1 == len(site(wrong, post(7), {"do": "state"})[2]["later"])


def test_widget(settings: dict[str, Any]) -> None:
    """The element is put there with everything escaped, and its script comes from the public address."""
    value = {**settings["value"], "show": "widget", "public": "https://search.example", "events": "1"}
    value["heading"] = '"><script>x</script>'
    shown, state = site({"do": "settings", "value": value}, {"do": "show", "id": 8}, {"do": "state"})[1:]
    assert "<script" not in shown
    assert 'article="8"' in shown
    assert " events>" in shown
    assert ["https://search.example/widget.js"] == state["enqueued"]


def test_settings(settings: dict[str, Any]) -> None:
    """Settings are checked when they are saved; the key never comes back in the page."""
    value = {**settings["value"], "address": "javascript:alert(1)", "show": "x", "limit": "999"}
    saved, page, again, html = site(
        {"do": "settings", "value": value},
        {"do": "page"},
        {"do": "settings", "value": {"key": ""}},
        {"do": "page"},
    )
    assert ("", "html", 20) == (saved["address"], saved["show"], saved["limit"])
    assert settings["value"]["key"] not in page + html
    assert settings["value"]["key"] == again["key"]
    assert "semsearch keys create" in page
    state = site({"do": "settings", "value": value}, {"do": "state"})[1]
    assert ["javascript:alert(1) is no address"] == [one.partition(";")[0] for one in state["wrong"]]
    value = {**value, "address": "", "public": "<img src=x onerror=alert(1)>"}
    state = site({"do": "settings", "value": value}, {"do": "state"})[1]
    assert (
        "&lt;img src=x onerror=alert(1)&gt; is no address"
        == state["wrong"][0].partition(";  ")[0].split("; it")[0]
    )
    forgotten = site(settings, {"do": "settings", "value": {"key": "", "forget": "1"}})[1]
    assert "" == forgotten["key"]


def test_in_another_language(settings: dict[str, Any]) -> None:
    """Every word of the page and the usual heading is translated."""
    page = site(settings, {"do": "translate"}, {"do": "page"})[-1]
    texts = [text.strip() for text in re.sub(r"<[^>]*>", "\n", page).split("\n") if text.strip()]
    assert ["semsearch", "Save"] == [text for text in texts if text != text.upper()]
    value = {**settings["value"], "show": "widget", "heading": "You May Also Like"}
    shown = site({"do": "translate"}, {"do": "settings", "value": value}, {"do": "show", "id": 8})[-1]
    assert 'heading="YOU MAY ALSO LIKE"' in shown
