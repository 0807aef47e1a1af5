"""The picture of an accuracy run: recall against radius, a panel for each group of edits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..canvas import load_figure
from .results import CURVE, RADII, AccuracyResults

ACROSS = 5
"""Panels side by side."""


@dataclass(frozen=True)
class Line:
    """How one level is drawn."""

    level: str
    label: str
    color: str
    dashes: str = "-"


LINES = (
    Line("thorough", "hashmatch, thorough", "#0072B2"),
    Line("turned", "hashmatch, turned", "#56B4E9"),
    Line("plain", "hashmatch, plain", "#009E73"),
    Line("pdqhash", "pdqhash", "#CC79A7", "--"),
    Line("perception", "perception PDQHash", "#D55E00", ":"),
    Line("imagehash", "imagehash phash, radius × 4", "#E69F00", "-."),
)
"""In colours that the colour-blind can tell apart."""


def curves(results: AccuracyResults, group: str) -> dict[Line, list[float]]:
    """The share found within each of ``CURVE``, over all pictures, of each line that was measured."""
    drawn = {}
    for line in LINES:
        own = [one for one in results.curves if (one.group, one.level) == (group, line.level)]
        edited = sum(one.pictures for one in own)
        if edited:
            drawn[line] = [sum(one.found[place] for one in own) / edited for place in range(len(CURVE))]
    return drawn


def draw(results: AccuracyResults, path: Path) -> None:
    """Draw each group in a panel of its own, into a file whose suffix says what kind it is.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    groups = list(dict.fromkeys(one.group for one in results.curves))
    down = -(-len(groups) // ACROSS)
    figure = load_figure()(figsize=(2.7 * ACROSS, 2.3 * down + 0.9), layout="constrained")
    panels = figure.subplots(down, ACROSS, squeeze=False, sharex=True, sharey=True).ravel()
    for panel, group in zip(panels, groups, strict=False):
        _draw_panel(panel, group, curves(results, group))
    for panel in panels[len(groups) :]:
        panel.set_visible(False)
    figure.suptitle("Share of edited pictures found, against the radius in bits of 256: higher is better", fontsize=11)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(LINES), fontsize=9, frameon=False)
    figure.savefig(path, dpi=160)


def _draw_panel(panel: Any, group: str, drawn: dict[Line, list[float]]) -> None:
    for line, found in drawn.items():
        panel.plot(CURVE, found, line.dashes, color=line.color, label=line.label, linewidth=1.5)
    panel.axvline(RADII[0], color="#999999", linewidth=0.8)
    panel.set_title(group, fontweight="bold", fontsize=10)
    panel.set_ylim(-0.02, 1.02)
    panel.spines[["top", "right"]].set_visible(False)
