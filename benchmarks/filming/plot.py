"""The picture of a video run: seconds of work for a minute of video, and what is found of each edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..canvas import Bar, load_figure
from ..samplers import FLOOR
from .results import STRANGERS, VideoResults

SETS = ("H.264, 1080p", "VP9, 1080p")
"""What is drawn, a panel each, of the sets that were measured; of others, as of a folder, all."""


SAMPLER_BARS = (
    Bar("vpdq_every", "vpdq, every frame", "#CC79A7"),
    Bar("every", "hashmatch, every frame", "#0072B2"),
    Bar("vpdq_second", "vpdq, one a second", "#E69F00"),
    Bar("framewise", "perception, one a second", "#009E73"),
    Bar("second", "hashmatch, one a second", "#56B4E9"),
    Bar("keyframes", "hashmatch, key frames", "#999999"),
)
"""From slow to fast, in colours that the colour-blind can tell apart."""

SEEKER_BARS = (
    Bar("thorough", "hashmatch, thorough", "#009E73"),
    Bar("ours", "hashmatch", "#0072B2"),
    Bar("known", "hashmatch, vPDQ's rule: 80 % of the known clip", "#56B4E9"),
    Bar("vpdq_index", "python-threatexchange: 80 % of the upload", "#CC79A7"),
)


def seconds(results: VideoResults, name: str) -> dict[Bar, float]:
    """The seconds a minute of each bar that was measured on a set, in the order of ``SAMPLER_BARS``."""
    known = {one.sampler: one.seconds_per_minute for one in results.hashed if one.set == name}
    return {bar: known[bar.name] for bar in SAMPLER_BARS if bar.name in known}


def recalls(results: VideoResults) -> dict[Bar, dict[str, float]]:
    """The recall of each edit, by each seeker that was asked."""
    return {
        bar: found
        for bar in SEEKER_BARS
        if (found := {one.edit: one.recall for one in results.judged_by(bar.name) if one.edit != STRANGERS})
    }


def drawn_sets(results: VideoResults) -> list[str]:
    """The sets that get a panel."""
    return [name for name in results.sets if name in SETS] or results.sets


def draw(results: VideoResults, path: Path) -> None:
    """Draw all that was measured, into a file whose suffix says what kind it is.

    Raises:
        MissingExtra: If matplotlib is not installed.
    """
    names, found = drawn_sets(results), recalls(results)
    figure = load_figure()(figsize=(10, 3.2 * bool(names) + 4.2 * bool(found) + 0.4), layout="constrained")
    rows = iter(figure.subfigures(bool(names) + bool(found) or 1, 1, squeeze=False)[:, 0])
    if names:
        _draw_sets(next(rows), results, names)
    if found:
        _draw_recalls(next(rows), found)
    figure.savefig(path, dpi=160)


def _draw_sets(figure: Any, results: VideoResults, names: list[str]) -> None:
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for panel, name in zip(panels, names, strict=True):
        bars = seconds(results, name)
        drawn = panel.barh(
            [bar.label for bar in bars], list(bars.values()), color=[bar.color for bar in bars], height=0.7
        )
        panel.bar_label(drawn, [f"{value:.3g}" for value in bars.values()], padding=3, fontsize=9)
        for one in results.hashed:
            if (one.set, one.sampler) == (name, FLOOR):
                panel.axvline(
                    one.seconds_per_minute, color="#555555", linestyle="--", linewidth=1.4, label="decoding alone"
                )
        panel.set_xlim(0, 1.18 * max(bars.values(), default=1))
        panel.set_title(name, fontweight="bold")
        panel.set_xlabel("s")
        panel.invert_yaxis()
        if panel is not panels[0]:
            panel.set_yticklabels([])
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].legend(fontsize=9, frameon=False, loc="lower right")
    figure.suptitle("Seconds of work for a minute of video, one core: shorter is faster", fontsize=11)


def _draw_recalls(figure: Any, found: dict[Bar, dict[str, float]]) -> None:
    panel = figure.subplots()
    edits = list(next(iter(found.values())))
    width = 0.8 / len(found)
    for place, (bar, recall) in enumerate(found.items()):
        left = [number - 0.4 + width * (place + 0.5) for number in range(len(edits))]
        panel.bar(left, [recall.get(edit, 0.0) for edit in edits], width, color=bar.color, label=bar.label)
    panel.set_xticks(range(len(edits)), edits, rotation=35, ha="right", fontsize=9)
    panel.set_ylim(0, 1.02)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(fontsize=9, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    figure.suptitle("Share of known clips that is found in edited uploads, one frame a second", fontsize=11)
