"""What people see of a run: tables on standard output, ratios first."""

from __future__ import annotations

from collections.abc import Callable

from .. import targets
from ..figures import number, share, show_titled
from ..targets import Target
from .results import FEW_BITS, HashingResults

_COLUMNS = ("what", "× threatexchange", "ms", "images/s", "median ms", "p99 ms")


def show_set(results: HashingResults, name: str) -> None:
    """Print what was measured on one set."""
    cells = [
        (
            one.title,
            number(results.ratio(name, one.hasher, "threatexchange")),
            number(one.timed.milliseconds),
            number(1000 / one.timed.milliseconds),
            number(one.timed.median / 1000),
            number(one.timed.p99 / 1000),
        )
        for one in results.hashed
        if one.set == name
    ]
    show_titled(name, _COLUMNS, cells, _COLUMNS[1:])
    missing = [(one.hasher, one.reason) for one in results.absences if one.set == name]
    show_titled("", ("not measured", "why"), missing, ())
    drifts = [(len(one.distances), one.fast, share(one.few), one.most) for one in results.drifts if one.set == name]
    columns = ("pictures of quality 50 on", "decoded fast", f"at most {FEW_BITS} bits off", "most bits off")
    show_titled("", columns, drifts, columns)


def show_spreads(results: HashingResults) -> None:
    """Print what a second worker is worth."""
    columns = ("pictures", "files", "two workers × one", "images/s of one", "images/s of two")
    cells = [
        (
            one.set,
            one.files,
            number(one.ratio),
            number(1e6 / one.one.us_per_query),
            number(1e6 / one.two.us_per_query),
        )
        for one in results.spreads
    ]
    show_titled("workers, fast", columns, cells, columns[1:])


def _ratio(set: str, hasher: str, other: str) -> Callable[[HashingResults], float | None]:
    return lambda results: results.ratio(set, hasher, other)


def _spread(set: str) -> Callable[[HashingResults], float | None]:
    return lambda results: next((one.ratio for one in results.spreads if one.set == set), None)


TARGETS = (
    Target("fast × python-threatexchange, 12 MP JPEG", _ratio("12 MP JPEG", "fast", "threatexchange"), 12),
    Target("fast × python-threatexchange, 2 MP JPEG", _ratio("2 MP JPEG", "fast", "threatexchange"), 3.5),
    Target("time of fast × that of the draft decode, 12 MP JPEG", _ratio("12 MP JPEG", "draft", "fast"), 1.15, False),
    Target("decoded pixels × pdqhash, 12 MP", _ratio("12 MP JPEG", "pixels", "pdqhash"), 7),
    Target("decoded pixels × pdqhash, 2 MP", _ratio("2 MP JPEG", "pixels", "pdqhash"), 7),
    Target("decoded pixels × pdqhash, 1 MP", _ratio("1 MP JPEG", "pixels", "pdqhash"), 7),
    Target("two workers × one, 12 MP JPEG", _spread("12 MP JPEG"), 1.7),
    Target("two workers × one, 256 × 256 JPEG", _spread("256 × 256 JPEG"), 1.7),
)


def show_targets(results: HashingResults) -> None:
    """Print what was to be reached."""
    targets.show_targets("what was to be reached", TARGETS, results)
