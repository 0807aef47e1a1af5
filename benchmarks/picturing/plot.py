"""The picture of a hashing run: milliseconds a picture, ours beside others', and the decoder alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..canvas import Bar, load_figure
from .results import HashingResults

SETS = ("12 MP JPEG", "2 MP JPEG", "256 × 256 JPEG")
"""What is drawn, a panel each, of the sets that were measured; of others, as of a folder, all."""


BARS = (
    Bar("perception", "perception PDQHash", "#009E73"),
    Bar("threatexchange", "python-threatexchange PDQ", "#CC79A7"),
    Bar("imagehash", "imagehash phash (64 bits)", "#E69F00"),
    Bar("exact", "hashmatch PDQ, exact", "#0072B2"),
    Bar("fast", "hashmatch PDQ, fast", "#56B4E9"),
)
"""From slow to fast, in colours that the colour-blind can tell apart."""

FLOORS = (("full", "Pillow decodes", ":"), ("draft", "Pillow decodes luma, reduced", "--"))
"""Drawn as lines: nobody can be on the left of them who decodes like that."""


def heights(results: HashingResults, name: str) -> dict[Bar, float]:
    """The milliseconds of each bar that was measured on a set, in the order of ``BARS``."""
    known = {one.hasher: one.timed.milliseconds for one in results.hashed if one.set == name}
    return {bar: known[bar.name] for bar in BARS if bar.name in known}


def drawn_sets(results: HashingResults) -> list[str]:
    """The sets that get a panel."""
    measured = list(dict.fromkeys(one.set for one in results.hashed))
    return [name for name in measured if name in SETS] or measured


def draw(results: HashingResults, path: Path) -> None:
    """Draw each set in a panel of its own, into a file whose suffix says what kind it is.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    names = drawn_sets(results)
    figure = load_figure()(figsize=(4.6 * len(names) + 1.4, 3.6), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        _draw_panel(panel, results, name, labelled=panel is panels[0])
    figure.suptitle("Milliseconds from a file to its hash, one thread: shorter is faster", fontsize=11)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(FLOORS), fontsize=9, frameon=False)
    figure.savefig(path, dpi=160)


def _draw_panel(panel: Any, results: HashingResults, name: str, *, labelled: bool) -> None:
    bars = heights(results, name)
    drawn = panel.barh([bar.label for bar in bars], list(bars.values()), color=[bar.color for bar in bars], height=0.7)
    panel.bar_label(drawn, [f"{value:.3g}" for value in bars.values()], padding=3, fontsize=9)
    known = {one.hasher: one.timed.milliseconds for one in results.hashed if one.set == name}
    for hasher, label, dashes in FLOORS:
        if hasher in known:
            panel.axvline(known[hasher], color="#555555", linestyle=dashes, linewidth=1.4, label=label)
    panel.set_xlim(0, 1.18 * max(bars.values(), default=1))
    panel.set_title(name, fontweight="bold")
    panel.set_xlabel("ms")
    panel.invert_yaxis()
    if not labelled:
        panel.set_yticklabels([])
    panel.spines[["top", "right"]].set_visible(False)
