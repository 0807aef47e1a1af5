"""The picture of a run: µs per query against the number of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .canvas import load_figure
from .contenders import BASELINE, OURS, Way
from .results import Row
from .workloads import BITS, RADIUS


@dataclass(frozen=True)
class Line:
    """How one contender, asked in one way, is drawn."""

    contender: str
    way: Way
    label: str
    color: str
    marker: str
    dashed: bool = False


LINES = (
    Line("faiss_multihash", Way(64), "FAISS IndexBinaryMultiHash", "#E69F00", "s"),
    Line(BASELINE, Way(256), "FAISS IndexBinaryFlat", "#555555", "D"),
    Line("pdq_index", Way(), "python-threatexchange PDQIndex", "#CC79A7", "^"),
    Line("usearch_hnsw", Way(), "usearch HNSW", "#009E73", "v", dashed=True),
    Line(OURS, Way(), "hashmatch, one query a call", "#0072B2", "o"),
    Line(OURS, Way(20_000), "hashmatch, 20 000 a call", "#56B4E9", "o"),
)
"""From slow to fast, in colours that the colour-blind can tell apart; what may miss answers is dashed."""

Curve = list[tuple[int, float]]
"""(codes, µs per query), ascending."""


def curves(rows: Iterable[Row], distribution: str) -> dict[Line, Curve]:
    """What there is to draw of a distribution: the lines that were measured, and their points."""
    mine = [row for row in rows if row.distribution == distribution]
    drawn = {
        line: sorted(
            (row.n, row.timed.us_per_query) for row in mine if (row.contender, row.way) == (line.contender, line.way)
        )
        for line in LINES
    }
    return {line: curve for line, curve in drawn.items() if curve}


def label_of(line: Line, rows: Iterable[Row], distribution: str) -> str:
    """The line's label, with the recall if it missed answers."""
    recalls = [
        row.verdict.recall
        for row in rows
        if (row.contender, row.way, row.distribution) == (line.contender, line.way, distribution)
    ]
    least = min(recalls)
    return line.label if least == 1 else f"{line.label} (recall {least:.2f})"


def draw(rows: Iterable[Row], path: Path) -> None:
    """Draw each distribution in a panel of its own, into a file whose suffix says what kind it is.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    rows = list(rows)
    distributions = list(dict.fromkeys(row.distribution for row in rows))
    figure = load_figure()(figsize=(5.6 * len(distributions), 5.6), layout="constrained")
    panels = figure.subplots(1, len(distributions), sharey=True, squeeze=False)[0]
    for panel, distribution in zip(panels, distributions, strict=True):
        _draw_panel(panel, rows, distribution)
    panels[0].set_ylabel("µs per query")
    figure.suptitle(f"Everything within {RADIUS} of {BITS} bits, one thread: lower is faster", fontsize=11)
    figure.savefig(path, dpi=160)


def _draw_panel(panel: Any, rows: list[Row], distribution: str) -> None:
    drawn = curves(rows, distribution)
    for line, curve in drawn.items():
        panel.plot(
            *zip(*curve, strict=True),
            color=line.color,
            marker=line.marker,
            markersize=6,
            linewidth=2.6 if line.contender == OURS else 1.6,
            linestyle="--" if line.dashed else "-",
            label=label_of(line, rows, distribution),
        )
    sizes = sorted({n for curve in drawn.values() for n, _ in curve})
    panel.set(xscale="log", yscale="log", xlabel="codes in the index")
    panel.set_title(f"{distribution} codes", fontweight="bold")
    panel.set_xticks(sizes, [_short(size) for size in sizes])
    panel.minorticks_off()
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,g}".replace(",", " "))
    panel.grid(color="#DDDDDD", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    # Below, where no curve can run into it.
    panel.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)


def _short(size: int) -> str:
    """A number of codes as on an axis: ``"100 k"``, ``"10 M"``."""
    for unit, name in ((10**6, " M"), (10**3, " k")):
        if size >= unit:
            return f"{size / unit:g}{name}"
    return str(size)
