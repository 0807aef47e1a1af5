"""What people see of a run: recall by edit, false matches, and cost."""

from __future__ import annotations

from collections.abc import Callable

from .. import targets
from ..figures import number, share, show_titled, whole
from ..targets import Target
from .pictures import CHOSE, OTHER
from .results import RADII, AccuracyResults

_OURS = ("plain", "turned", "thorough")


def show(results: AccuracyResults) -> None:
    """Print all of a run."""
    show_parts(results)
    show_recalls(results)
    show_falses(results)
    show_costs(results)
    if not results.quick:
        show_targets(results)


def show_parts(results: AccuracyResults) -> None:
    """Print what was measured on."""
    halves = {CHOSE: "on which the margins were chosen", OTHER: "which chose nothing"}
    cells = [(part.set, halves.get(part.half, part.half), part.pictures) for part in results.parts]
    show_titled(results.about, ("pictures", "half", "number"), cells, ("number",))
    show_titled("", ("left out, for they look like another",), [(results.left_out,)] if results.left_out else [], ())


def show_recalls(results: AccuracyResults) -> None:
    """Print the share of edited pictures that each level finds; of thorough also of each half, and at larger radii."""
    levels = list(dict.fromkeys(one.level for one in results.recalls))
    columns = (
        "group",
        "edit",
        *levels,
        f"thorough, half that {CHOSE}",
        OTHER,
        *(f"at {radius}" for radius in RADII[1:]),
    )
    cells = []
    for group, edit in dict.fromkeys((one.group, one.edit) for one in results.recalls):
        found = [_part(results, group, edit, level) for level in levels]
        halves = [_part(results, group, edit, "thorough", half) for half in (CHOSE, OTHER)]
        wider = [_part(results, group, edit, "thorough", place=place) for place in range(1, len(RADII))]
        cells.append((group, edit, *found, *halves, *wider))
    show_titled(f"recall within {RADII[0]} of 256 bits", columns, cells, columns[2:])


def _part(results: AccuracyResults, group: str, edit: str, level: str, half: str | None = None, place: int = 0) -> str:
    chosen = [
        one
        for one in results.recalls
        if (one.group, one.edit, one.level) == (group, edit, level) and half in (None, one.half)
    ]
    edited = sum(one.pictures for one in chosen)
    return share(sum(one.found[place] for one in chosen) / edited) if edited else "–"


def show_falses(results: AccuracyResults) -> None:
    """Print how many pairs of different pictures match."""
    columns = ("level", "pairs of different pictures", *(f"match within {radius}" for radius in RADII))
    cells = [(one.level, whole(one.pairs), *(whole(count) for count in one.matched)) for one in results.falses]
    show_titled("false matches", columns, cells, columns[1:])


def show_costs(results: AccuracyResults) -> None:
    """Print what a picture takes."""
    plain = results.cost("plain")
    columns = ("what", "codes", "× plain", "ms", "p99 ms", "hashes searched")
    cells = [
        (
            one.title,
            number(one.codes),
            number(plain.timed.ratio_to(one.timed)) if plain else "–",
            number(one.timed.milliseconds),
            number(one.timed.p99 / 1000),
            whole(one.listed) if one.listed else "none",
        )
        for one in results.costs
    ]
    show_titled("one 2 MP JPEG, decoded, hashed and searched", columns, cells, columns[1:])


def _found(*groups: str, edit: str = "", level: str = "thorough") -> Callable[[AccuracyResults], float | None]:
    return lambda results: results.recall(level, groups, OTHER, edit)


def _plain_padding(results: AccuracyResults) -> float | None:
    """Of what is padded in one colour."""
    found = [results.recall("thorough", ("padded",), OTHER, color) for color in ("black", "white", "any colour")]
    known = [one for one in found if one is not None]
    return sum(known) / len(known) if known else None


def _ratio(results: AccuracyResults) -> float | None:
    plain, thorough = results.cost("plain"), results.cost("thorough")
    return plain.timed.ratio_to(thorough.timed) if plain and thorough else None


def _false(results: AccuracyResults) -> float | None:
    return next((float(one.matched[0]) for one in results.falses if one.level == "thorough"), None)


def _pairs(results: AccuracyResults) -> float | None:
    return next((float(one.pairs) for one in results.falses if one.level == "thorough"), None)


TARGETS = (
    Target("mirrored, turned", _found("mirrored", "turned", level="turned"), 0.99),
    Target("padded in one colour", _plain_padding, 0.95),
    Target("letterboxed, black", _found("letterboxed", edit="black"), 0.95),
    Target("pillarboxed, black", _found("pillarboxed", edit="black"), 0.95),
    Target("cropped by 1–3 % on each side", _found("cropped", edit="each side 1–3 %"), 0.85),
    Target("cropped by 3–6 % on each side", _found("cropped", edit="each side 3–6 %"), 0.4),
    Target("false matches within the default radius", _false, 0, False),
    Target("pairs of different pictures", _pairs, 400_000),
    Target("time of thorough × that of plain", _ratio, 3, False),
)
"""On the half that chose nothing."""


def show_targets(results: AccuracyResults) -> None:
    """Print what was to be reached."""
    targets.show_targets("what was to be reached, on the half that chose nothing", TARGETS, results)
