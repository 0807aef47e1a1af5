"""Heat map: the picture of an overlap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .durable import output
from .errors import InvalidValue, MissingExtra
from .results import HashOverlap, Overlap

KINDS = ("png", "svg", "pdf")
"""What can be drawn, by the file's ending."""

MOST_LISTS = 100
"""Of more nobody could read a picture."""

_CELL = 0.52
"""Inches of a cell's side."""
_LEAST = 3.2
"""Inches of the matrix's side at least, so that the title has something to stand over."""
_EMPTY = "#E4E4E4"
"""Of what has no share: a list against itself, and lists without hashes."""


def check_drawing(path: Path) -> None:
    """Raise unless a picture can be drawn into that file.

    Raises:
        InvalidValue: If its ending is none of ``KINDS``.
        MissingExtra: If matplotlib is not installed.
    """
    _kind(path)
    _figure()


def draw_overlap(overlap: Overlap, path: Path) -> None:
    """Draw what all algorithms together share: rows and columns are lists, a cell the share of the row's hashes.

    Args:
        overlap: What to draw.
        path: Where to; written atomically. Its ending says what kind of picture it is.

    Raises:
        InvalidValue: If the ending is none of ``KINDS``, or there are more than ``MOST_LISTS`` lists.
        MissingExtra: If matplotlib is not installed.
    """
    kind = _kind(path)
    if len(overlap.lists) > MOST_LISTS:
        raise InvalidValue(f"{len(overlap.lists)} lists are too many for a picture: it can show {MOST_LISTS}")
    figure = _figure()(figsize=(1, 1))
    side = max(_LEAST, _CELL * len(overlap.lists))
    panel = figure.add_axes((0, 0, side, side))
    image = panel.imshow(_shares(overlap.total), cmap="cividis", vmin=0, vmax=100)
    panel.set_facecolor(_EMPTY)
    _write_numbers(panel, overlap.total, _CELL * len(overlap.lists) / side, _within(overlap))
    _name_lists(panel, overlap)
    bar = figure.colorbar(image, cax=figure.add_axes((side + 0.25, 0, 0.18, side)))
    bar.set_label("% of the row's hashes", fontsize=9)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8, length=0)
    panel.set_title(_title(overlap), loc="left", fontsize=min(16, max(9, side)), pad=12, linespacing=1.4)
    with output(path) as stream:
        figure.savefig(stream, format=kind, dpi=150, bbox_inches="tight", pad_inches=0.2)


def percent(share: float | None) -> str:
    """A share in whole percent, at most three signs wide: ``0`` and ``100`` are exact, None is a dash."""
    if share is None:
        return "–"
    if 0 < share < 0.01:
        return "<1"
    if 0.99 < share < 1:
        return ">99"
    return f"{100 * share:.0f}"


def _kind(path: Path) -> str:
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise InvalidValue(f"{path} does not end in one of {', '.join(f'.{one}' for one in KINDS)}")
    return kind


def _figure() -> Any:
    """The class of pictures; not through ``pyplot``, which keeps them and asks for a display."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtra("drawing a heat map needs matplotlib: pip install hashmatch[plot]") from error
    return Figure


def _within(overlap: Overlap) -> bool:
    """Whether near hashes were looked for at all."""
    return any(own.radius for own in overlap.algorithms.values())


def _shares(total: HashOverlap) -> npt.NDArray[np.float64]:
    """Percent within radius, masked where there is no share to show."""
    lists = range(len(total.hashes))
    shares = [[None if row == column else total.share(row, column) for column in lists] for row in lists]
    percents = 100 * np.array(shares, dtype=np.float64).reshape(len(lists), len(lists))
    return np.ma.masked_invalid(percents)


def _write_numbers(panel: Any, total: HashOverlap, line: float, near: bool) -> None:
    """Write each share into its cell; within radius above, exactly beneath.

    ``line`` is the part of a cell's height that both lines take together.
    """
    for row in range(len(total.hashes)):
        for column in range(len(total.hashes)):
            share = total.share(row, column)
            if row == column or share is None:
                continue
            color = "black" if share > 0.55 else "white"
            style = {"ha": "center", "va": "center", "color": color}
            panel.text(column, row - 0.16 * line * near, percent(share), fontsize=9, **style)
            if near:
                exact = percent(total.share(row, column, near=False))
                panel.text(column, row + 0.24 * line, exact, fontsize=7, **style)


def _name_lists(panel: Any, overlap: Overlap) -> None:
    places = range(len(overlap.lists))
    rows = [f"{name}  ({count:,})" for name, count in zip(overlap.lists, overlap.total.hashes, strict=True)]
    panel.set_yticks(places, [row.replace(",", " ") for row in rows], fontsize=9)
    panel.set_xticks(places, overlap.lists, fontsize=9, rotation=90)
    panel.set_ylabel("of this list's hashes …", fontsize=9)
    panel.set_xlabel("… how many this list holds", fontsize=9)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    edges = np.arange(len(overlap.lists) + 1) - 0.5
    panel.set_xticks(edges, minor=True)
    panel.set_yticks(edges, minor=True)
    panel.grid(which="minor", color="white", linewidth=1.5)
    panel.tick_params(which="minor", length=0)


def _title(overlap: Overlap) -> str:
    radii = ", ".join(f"{name} {own.radius} bits" for name, own in overlap.algorithms.items() if own.radius)
    near = f"above and in colour: within radius ({radii}); beneath: exactly" if radii else "exactly: equal hashes"
    return "\n".join(
        (
            "Overlap of hash lists: % of the row's different hashes that the column's list holds",
            near,
            f"in brackets: different hashes of the list, of {', '.join(overlap.algorithms) or 'no algorithm'}",
            f"snapshot {', '.join(overlap.snapshots)}",
        )
    )
