"""The tables of "Speed against other systems" in benchmarks/README.md, from results/*.json.

python -m benchmarks.speed_table            # prints them
python -m benchmarks.speed_table --write    # puts them between the marks in README.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
BEGIN, END = "<!-- figures: speed_table.py -->", "<!-- end of figures -->"
TXTAI, HYBRID, PLAIN = "txtai", "txtai hybrid", "sentence-transformers + FAISS"
Figures = dict[str, Any]


def main() -> None:
    """Print or write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    text = "\n".join(_lines(_read("speed"), _read("startup"), _read("floor")))
    if not parser.parse_args().write:
        print(text)
        return
    before, rest = README.read_text("utf-8").split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}", "utf-8")


def _read(name: str) -> Figures:
    path = HERE / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _lines(speed: Figures, startup: Figures, floor: Figures) -> Iterator[str]:
    yield from _goals(speed)
    for name, write in (("build", _build), ("search", _search), ("http", _http), ("quality", _quality)):
        if name in speed:
            yield from write(speed[name])
    if startup:
        yield from _startup(startup)
    if floor:
        yield from _floor(floor)


def _goals(speed: Figures) -> Iterator[str]:
    """What was to be reached, in the words of ratios within one run."""
    rows: list[tuple[str, float, float]] = []
    if "build" in speed:
        build = speed["build"]["systems"]
        for unit, least in (("tokens", 4.0), ("articles", 2.0)):
            for kind, words in (("second", "of wall time"), ("processor_second", "of processor time")):
                ratio = _ratio(build, f"{unit}_per_{kind}", TXTAI)
                rows.append((f"build: {unit} a second {words}, times txtai's", least, ratio))
        ratio = _ratio(build, "tokens_per_processor_second", PLAIN)
        rows.append(("build: tokens a processor second, times plain sentence-transformers'", 3.0, ratio))
    if "rebuild" in speed:
        rebuild = speed["rebuild"]
        ratio = rebuild["first_seconds"] / rebuild["again_seconds"]
        rows.append((f"a build of {rebuild['articles']:,} articles, times one with nothing new", 50.0, ratio))
    if "http" in speed:
        http = speed["http"]["systems"]
        for rival in (TXTAI, HYBRID):
            rows.append((f"HTTP p50: {rival}'s, times ours", 5.0, 1 / _ratio(http, "p50_ms", rival)))
            ratio = _ratio(http, "requests_per_second", rival)
            rows.append((f"requests a second, times {rival}'s", 5.0, ratio))
        several = [name for name in http if name.endswith(" workers")]
        if len(several) == 2:  # ours and txtai's
            ours, theirs = (http[name]["requests_per_second"] for name in several)
            rows.append((f"requests a second of {several[0]}, times {several[1]}", 5.0, ours / theirs))
    yield "| wanted | at least | measured | |"
    yield "| --- | --: | --: | --- |"
    for words, least, ratio in rows:
        yield f"| {words} | {least:g} | {ratio:.1f} | {'met' if ratio >= least else '**not met**'} |"
    if "load" in speed.get("http", {}):
        half = next(one for one in speed["http"]["load"]["streams"] if one["percent"] == 50)
        ratio = half["p99_ms"] / half["p50_ms"]
        met = "met" if ratio <= 4 else "**not met**"
        yield f"| p99 at half of the highest load, times p50 | at most 4 | {ratio:.1f} | {met} |"


def _ratio(rows: Figures, key: str, rival: str) -> float:
    return float(rows["semsearch"][key]) / float(rows[rival][key])


def _build(part: Figures) -> Iterator[str]:
    heads = ("articles/s", "tokens", "tokens/s", "processor s", "tokens/processor s", "peak MB", "disk MB")
    keys = (
        *("articles_per_second", "tokens", "tokens_per_second", "processor_seconds"),
        *("tokens_per_processor_second", "peak_mb", "disk_mb"),
    )
    yield from _head(f"Building {part['articles']:,} articles, half of them headlines", part)
    yield from _table("system", heads, keys, part["systems"])


def _search(part: Figures) -> Iterator[str]:
    heads = ("p50 ms", "p95 ms", "p99 ms", "resident MB", "disk MB")
    keys = ("p50_ms", "p95_ms", "p99_ms", "resident_mb", "disk_mb")
    yield from _head(f"Searching {part['articles']:,} articles within the process", part)
    yield from _table("system", heads, keys, part["systems"])


def _http(part: Figures) -> Iterator[str]:
    heads = ("p50 ms", "p95 ms", "p99 ms", "requests/s", "processor ms a request", "resident MB")
    keys = (
        *("p50_ms", "p95_ms", "p99_ms", "requests_per_second"),
        *("processor_ms_per_request", "resident_mb"),
    )
    yield from _head(f"Searching {part['articles']:,} articles over HTTP", part)
    yield from _table("server", heads, keys, part["systems"])
    if "load" in part:
        load = part["load"]
        yield ""
        yield (
            "Our service under a rising stream of requests; its highest load is "
            f"{load['highest']['answered_per_second']} requests/s "
            f"({load['connections']} clients without a pause)."
        )
        yield ""
        yield "| percent of it | sent/s | answered/s | p50 ms | p99 ms | refused (503) | with Retry-After |"
        yield "| --: | --: | --: | --: | --: | --: | --: |"
        for one in load["streams"]:
            refused = one["statuses"].get("503", 0)
            yield (
                f"| {one['percent']} | {one['sent_per_second']} | {one['answered_per_second']} "
                f"| {one['p50_ms']} | {one['p99_ms']} | {refused} | {one.get('retry_after', 0)} |"
            )


def _quality(part: Figures) -> Iterator[str]:
    names = [name for name in part if isinstance(part[name], dict)]
    systems = {system: {name: part[name][system] for name in names} for system in part[names[0]]}
    yield from _head("nDCG@10", part)
    yield from _table("system", names, names, systems)


def _startup(figures: Figures) -> Iterator[str]:
    yield from _head(f"From nothing to an answer, {figures['articles']:,} articles", figures)
    yield from _table("", ("seconds", "processor seconds"), ("seconds", "processor_seconds"), figures["ways"])


def _floor(figures: Figures) -> Iterator[str]:
    whole = figures["milliseconds"]["all"]
    rows = {
        part: {
            "ms": spent,
            "share": f"{100 * spent / whole:.0f}%",
            "limit": figures["limits"].get(part, ""),
        }
        for part, spent in figures["milliseconds"].items()
    }
    title = f"Where a search's processor time goes, {figures['articles']:,} articles"
    yield from _head(title, figures)
    yield from _table("part", ("ms", "share", "limit ms"), ("ms", "share", "limit"), rows)


def _head(title: str, part: Figures) -> Iterator[str]:
    yield ""
    yield f"{title} (commit {part['revision']}, {part['processor']}):"
    yield ""


def _table(first: str, heads: Sequence[str], keys: Sequence[str], rows: dict[str, Figures]) -> Iterator[str]:
    yield f"| {first} | {' | '.join(heads)} |"
    yield f"| --- |{' --: |' * len(heads)}"
    for name, row in rows.items():
        yield f"| {name} | {' | '.join(str(row.get(key, '')) for key in keys)} |"


if __name__ == "__main__":
    main()
