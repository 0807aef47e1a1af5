"""Shapes: how much a partner says in each row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """What the rows of a list have beside hash, media type, labels and two dates, which all have."""

    long_ids: bool
    """Whether ids are 64 hexadecimal digits; otherwise they are decimal numbers, ``10000000`` for row 0."""
    extra: bool
    """Whether there is a column ``extra``: a JSON object with what a partner's case system knows."""


SHAPES = {
    "full": Shape(long_ids=True, extra=True),
    "plain": Shape(long_ids=False, extra=False),
}
"""Name -> shape: ``full`` as a partner with a case system exports its list, ``plain`` as most partners share theirs."""
