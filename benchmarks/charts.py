"""Charts of the speed measurements, from results/*.json to charts/*.svg; needs matplotlib.

python -m benchmarks.charts
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHARTS = HERE / "charts"
OURS, OTHERS, INK = "#0b6e75", "#a9b4bd", "#5b6670"  # read on white and on black


def main() -> None:
    """Draw what there are figures for."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "semsearch",  # the same file for the same figures
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    CHARTS.mkdir(exist_ok=True)
    speed = json.loads((HERE / "results" / "speed.json").read_text())
    if "build" in speed:
        rows = {name: row["tokens_per_second"] for name, row in speed["build"]["systems"].items()}
        _bars("build", "tokens embedded and indexed a second (more is better)", rows)
    if "search" in speed:
        rows = {name: row["p50_ms"] for name, row in speed["search"]["systems"].items()}
        _bars("search", f"search at {speed['search']['articles']:,} articles, p50 ms (less is better)", rows)
    if "http" in speed:
        rows = {
            name: row["requests_per_second"]
            for name, row in speed["http"]["systems"].items()
            if "requests_per_second" in row
        }
        _bars("requests", "searches a second over HTTP (more is better)", rows)
        if "load" in speed["http"]:
            _load(speed["http"]["load"]["streams"])
    _vectors(json.loads((HERE / "results" / "vectors.json").read_text())["results"])


def _bars(name: str, title: str, rows: dict[str, float]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 0.6 + 0.38 * len(rows)), layout="constrained")
    axes = figure.subplots()
    names = list(reversed(rows))
    values = [rows[one] for one in names]
    bars = axes.barh(names, values, color=[OURS if one == "semsearch" else OTHERS for one in names])
    axes.bar_label(bars, fmt="{:,.4g}", padding=4)
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xticks([])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.margins(x=0.12)
    _save(figure, name)


def _load(streams: Sequence[dict[str, Any]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 3.0), layout="constrained")
    axes = figure.subplots()
    sent = [one["sent_per_second"] for one in streams]
    for key, label, style in (("p50_ms", "p50", "-"), ("p99_ms", "p99", "--")):
        axes.plot(sent, [one[key] for one in streams], style, marker="o", color=OURS, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("requests a second that come")
    axes.set_ylabel("ms of those answered")
    axes.set_title("our service under load; what is too much is refused with 503", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _save(figure, "load")


def _vectors(results: Sequence[dict[str, Any]]) -> None:
    """Recall and time of inverted lists by size and by what a filter allows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    recall, time = figure.subplots(1, 2, sharey=True)
    for shade, one in enumerate(row for row in results if row["kind"] == "lists"):
        names = [asked["filter"] for asked in one["filters"]]
        look = {"marker": "o", "linestyle": "none", "color": OURS, "alpha": min(1.0, 0.3 + 0.35 * shade)}
        recall.plot([asked["recall"] for asked in one["filters"]], names, **look)
        label = f"{one['passages']:,} passages"
        time.plot([asked["processor_ms_p50"] for asked in one["filters"]], names, label=label, **look)
    recall.invert_yaxis()
    recall.set_title("recall@10", fontsize=10, loc="left")
    recall.axvline(0.95, color=OTHERS, linewidth=1)
    time.set_title("ms of processor time, p50", fontsize=10, loc="left")
    time.axvline(10, color=OTHERS, linewidth=1)
    figure.legend(*time.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    for axes in (recall, time):
        axes.spines[["top", "right"]].set_visible(False)
    _save(figure, "vectors")


def _save(figure: Any, name: str) -> None:  # noqa: ANN401 - matplotlib is optional
    figure.savefig(CHARTS / f"{name}.svg", transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
