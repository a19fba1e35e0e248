"""`semsearch articles sync` against a WordPress site on loopback."""

from __future__ import annotations

import pytest

from semsearch.errors import IndexBusy, SettingsInvalid
from semsearch.settings import load_settings
from semsearch_cli.sync import watched
from tests.sources.remote.servers import Reply, Waits, serving
from tests.sources.remote.wordpress_site import WordPressSite


@pytest.fixture
def site():
    """A site of seven posts."""
    made = WordPressSite()
    made.fill(7)
    return made


@pytest.fixture
def server(site, home):
    """The site served, and named in semsearch.toml."""
    with serving(site.answer) as made:
        site.origin = made.url
        table = f'kind = "wordpress"\nurl = "{made.url}"\nallow_private = true\nrate = 1000\n'
        (home / "semsearch.toml").write_text(f"[sources.site]\n{table}", "utf-8")
        yield made


def test_the_first_sync_makes_the_index(server, site, call):
    """Counts in a line; a search finds the posts."""
    outcome = call("articles", "sync")
    assert (0, "site: 7 added, 0 changed, 0 unchanged, 0 deleted, 0 rejected; in") == (
        outcome.code,
        outcome.out.rpartition(" in ")[0] + " in",
    )
    hits = call("search", "road number 3", "--format", "json").json()["hits"]
    assert "3" in [hit["id"] for hit in hits]
    assert "localhost" in call("articles", "show", "3").out


def test_json_has_one_object_a_source(server, site, call):
    """With every count, and nothing else on standard output."""
    call("articles", "sync")
    site.delete(2)
    (report,) = call("articles", "sync", "site", "--format", "json").json()["sources"]
    assert ("site", 0, 1, None) == (report["source"], report["added"], report["deleted"], report["fault"])


def test_a_source_that_fails_is_exit_1_and_the_others_are_taken(server, site, call, home):
    """The table says which."""
    with serving(lambda request: Reply(404)) as other, (home / "semsearch.toml").open("a") as file:
        table = f'kind = "feed"\nurl = "{other.url}/feed"\nallow_private = true\n'
        file.write(f"[sources.agency]\n{table}")
        file.flush()
        outcome = call("articles", "sync")
    assert 1 == outcome.code
    assert "source 'agency'" in outcome.err
    assert "404" in outcome.err
    assert "failed" in outcome.out
    assert 0 == call("articles", "show", "3").code


def test_a_refused_mass_deletion_is_exit_1(server, site, call):
    """And --allow-mass-delete does it."""
    call("articles", "sync")
    site.posts.clear()
    outcome = call("articles", "sync")
    assert (1, True) == (outcome.code, "--allow-mass-delete" in outcome.err)
    assert "7 deleted" in call("articles", "sync", "--allow-mass-delete").out


def test_full_reads_everything_again(server, site, call):
    """All unchanged."""
    call("articles", "sync")
    assert "7 unchanged" in call("articles", "sync", "--full").out


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("", "no source is set"),
        ("[sources.site]\nkind = 'wordpress'\n", "has no url"),
        ("[sources.site]\nkinds = 'wordpress'\n", "did you mean 'kind'"),
        ("[sources.site]\nrate = 'fast'\n", "sources.site.rate"),
        ("[sources]\nsite = 1\n", "must be a table [sources.site]"),
        ("[sources.'a b']\nkind = 'feed'\n", "letters, digits"),
        ("[sources.site]\nfields = {title = 1}\n", "sources.site.fields.title"),
    ],
)
def test_settings_that_cannot_work_are_exit_1_with_the_way_out(call, home, toml, said):
    """Before anything is made."""
    (home / "semsearch.toml").write_text(toml, "utf-8")
    outcome = call("articles", "sync")
    assert (1, "") == (outcome.code, outcome.out)
    assert said in outcome.err
    assert not (home / "indexes").exists()


def test_settings_of_sources_are_read(home):
    """Every type of value."""
    (home / "semsearch.toml").write_text(
        "[sources.db]\nkind = 'sql'\nurl = 'sqlite:///x.db'\nquery = 'SELECT 1'\ndeletes = true\nrate = 2\n"
        "fields = {title = 'headline'}\n"
    )
    source = load_settings().sources["db"]
    assert ("sql", True, 2.0, {"title": "headline"}) == (
        source.kind,
        source.deletes,
        source.rate,
        source.fields,
    )


def test_watching_goes_on_after_faults_with_longer_and_longer_waits(capsys):
    """Twice as long after each, as before once it is good again; wrong settings end it."""
    waits, outcomes = Waits(), iter([True, False, False, IndexBusy("busy"), True, SettingsInvalid("wrong")])

    def look(*, again):
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with pytest.raises(SettingsInvalid):
        watched(look, 60.0, waits.sleep)
    assert [60.0, 120.0, 240.0, 480.0, 60.0] == waits.slept
    assert "busy" in capsys.readouterr().err


def test_watching_waits_an_hour_at_most():
    """However long a site is down; and never less than was asked for."""
    waits = Waits()

    def look(*, again):
        if waits.now > 100_000:
            raise SettingsInvalid("end")
        return False

    with pytest.raises(SettingsInvalid):
        watched(look, 60.0, waits.sleep)
    assert 3600.0 == max(waits.slept)


def test_watching_says_what_happened_and_nothing_else(server, site, call, monkeypatch):
    """A line for the first look, then one only where something changed."""
    happens = iter([lambda: None, lambda: site.write("New", "<p>Words</p>"), lambda: None])

    def sleep(seconds):
        step = next(happens, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr("semsearch_cli.sync.watched.__defaults__", (sleep,))
    outcome = call("articles", "sync", "--watch", "60")
    assert 130 == outcome.code
    assert ["site: 7 added", "site: 1 added"] == [line.partition(",")[0] for line in outcome.out.splitlines()]
    assert "Stopped." in outcome.err
