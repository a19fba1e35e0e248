"""Progress tells how long it will take, and does not flood a log."""

from types import SimpleNamespace

from semsearch_cli.progress import EVERY, ProgressReport


class Clock:
    """A clock that is set by the test."""

    now = 100.0

    def __call__(self) -> float:
        """The time that the test has set."""
        return self.now


def step(stage, done, total=None, note=""):
    """One step as the engine reports it."""
    return SimpleNamespace(stage=stage, done=done, total=total, note=note, seconds=0.0)


def report(clock, **kwargs):
    """A report where there is no terminal."""
    return ProgressReport(terminal=False, clock=clock, **kwargs)


def announcements(capsys):
    """The lines that say how long encoding will take."""
    return [line for line in capsys.readouterr().err.splitlines() if "will take about" in line]


def test_says_at_once_how_long_encoding_takes(capsys):
    """After the first measured chunk one line gives total, time and rate, once."""
    clock = Clock()
    with report(clock, goes_on="I go on.") as progress:
        progress(step("read", 12_000, 12_000))
        clock.now += 64
        progress(step("embed", 256, 12_000))
        clock.now += 64
        progress(step("embed", 512, 12_000))
    expected = "Encoding 12,000 articles will take about 49 min at 4.0 a second. I go on."
    assert [expected] == announcements(capsys)


def test_says_it_again_where_it_takes_more_than_twice_as_long(capsys):
    """A build that goes on runs fast through what it knows; once it encodes, the true time is said."""
    clock = Clock()
    with report(clock, goes_on="I go on.") as progress:
        progress(step("read", 12_000, 12_000))
        for done in range(256, 3073, 256):
            clock.now += 2
            progress(step("embed", done, 12_000))
        for done in range(3328, 4097, 256):
            clock.now += 64
            progress(step("embed", done, 12_000))
    first, second = announcements(capsys)
    assert "Encoding 12,000 articles will take about 92 s at 128 a second. I go on." == first
    assert "Encoding 12,000 articles will take about 36 min more at 4.0 a second." == second


def test_a_short_job_is_not_announced(capsys):
    """Nobody needs to be told that something takes two seconds."""
    clock = Clock()
    with report(clock) as progress:
        progress(step("embed", 0, 100))
        clock.now += 1
        progress(step("embed", 50, 100))
    assert "" == capsys.readouterr().err


def test_no_more_than_one_line_in_a_while_without_a_terminal(capsys):
    """Hundreds of steps in 20 seconds are a handful of lines in a log."""
    clock = Clock()
    with report(clock) as progress:
        for done in range(1, 641):
            clock.now += 1 / 32  # exact in binary
            progress(step("read", done))
    lines = capsys.readouterr().err.splitlines()
    assert int(20 / EVERY) == len(lines)
    assert lines[0].startswith("Reading articles: 161 articles (32 a second)")


def test_a_line_names_count_total_rate_time_left_and_note(capsys):
    """Everything that a person wants to know of long work stands in its line."""
    clock = Clock()
    with report(clock) as progress:
        progress(step("write", 0, 300))
        clock.now += EVERY
        progress(step("write", 100, 300, note="news\x1b[2J.jsonl"))
    first = capsys.readouterr().err.splitlines()[0]
    assert "Writing the index: 100 of 300 articles (20 a second, 10 s left, news\ufffd[2J.jsonl)" == first


def test_bar_on_a_terminal_names_stage_and_counts(capsys):
    """On a terminal the stages are bars on standard error; nothing is on standard output."""
    clock = Clock()
    with ProgressReport(terminal=True, clock=clock) as progress:
        progress(step("read", 7))
        progress(step("embed", 0, 10))
        clock.now += 2
        progress(step("embed", 10, 10))
    out, err = capsys.readouterr()
    assert "" == out
    assert "Encoding" in err
    assert "10/10" in err


def test_other_work_can_be_followed_too(capsys):
    """Work that is not the engine's names its own title and unit."""
    clock = Clock()
    with report(clock) as progress:
        progress.advance("Searching", "queries", 0, 50)
        clock.now += EVERY
        progress.advance("Searching", "queries", 5, 50)
    assert "Searching: 5 of 50 queries (1.0 a second, 45 s left)" in capsys.readouterr().err


def test_the_end_of_a_stage_is_its_last_step(capsys):
    """Encoding that reports only when its first chunk is done is not counted as reading."""
    clock = Clock()
    with report(clock) as progress:
        progress(step("read", 0))
        clock.now += 6
        progress(step("read", 100, 100))
        clock.now += 50
        progress(step("embed", 100, 100))
    lines = capsys.readouterr().err.splitlines()
    assert "Reading articles: 100 articles in 6.0 s" in lines
    assert "Encoding: 100 articles in 50 s" in lines
