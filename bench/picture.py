"""The one picture: how likes of one video grow with those who like it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

HOT_VIDEO = Path(__file__).parent / "hot-video.svg"

# Between black and white, so that they can be read on either.
INK = "#7a818a"
COLOURS = ("#1f8f5f", "#d1495b", "#b7791f", "#7a818a")
STYLES = ("-", "-", "-", "--")


def draw(curves: Mapping[str, Mapping[int, float]], file: Path) -> None:
    """Draw likes a second by clients, a curve a way to count; the same input, the same bytes."""
    settings = mpl.rc_context(
        {
            # Words stay words, in the reader's own font; ids come from this salt, not from chance.
            "svg.fonttype": "none",
            "svg.hashsalt": "bench",
            "font.family": ["sans-serif"],
            "font.size": 11,
        }
    )
    with settings:
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for number, (name, points) in enumerate(curves.items()):
            clients = sorted(points)
            axes.plot(
                clients,
                [points[count] for count in clients],
                STYLES[number % len(STYLES)],
                color=COLOURS[number % len(COLOURS)],
                marker="o",
                linewidth=2,
                label=name,
            )
        ticks = sorted({count for points in curves.values() for count in points})
        axes.set_xscale("log", base=2)
        axes.set_xticks(ticks, [str(count) for count in ticks])
        axes.set_yscale("log")
        axes.set_xlabel("clients that like one video", color=INK)
        axes.set_ylabel("likes a second", color=INK)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
        axes.tick_params(which="both", color=INK, labelcolor=INK)
        axes.grid(visible=True, axis="y", color=INK, alpha=0.25)
        for side, spine in axes.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(INK)
        axes.legend(frameon=False, labelcolor=INK, loc="best")
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
