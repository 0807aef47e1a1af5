"""The rules that tell what a power cut would take: contents are synced before names, names before what relies on them."""

from __future__ import annotations

import pytest

from .durability import violations
from .tracing import Point

WRITTEN = [Point("open", "b/.a.new"), Point("write", "b/.a.new")]
SYNCED = [*WRITTEN, Point("fsync", "b/.a.new")]
NAMED = Point("rename", "b/.a.new", "b/a")


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([*SYNCED, NAMED, Point("fsync", "b")], []),
        ([*WRITTEN, NAMED, Point("fsync", "b")], ["2: b/.a.new is renamed while b/.a.new is not synced"]),
        ([*SYNCED, Point("write", "b/.a.new"), NAMED], ["4: b/.a.new is renamed while b/.a.new is not synced"]),
        ([*SYNCED, NAMED], ["at the end: b is not synced"]),
        ([*SYNCED, NAMED, Point("unlink", "b/old"), Point("fsync", "b")], ["4: unlink b/old relies on names in b"]),
        ([*SYNCED, NAMED, Point("rename", "c/.d", "c/d")], ["4: rename c/.d relies on names in b"]),
        ([Point("mkdir", "b"), Point("rename", "c/.d", "c/d")], ["1: rename c/.d relies on names in ."]),
        ([Point("mkdir", "b", failed=True)], []),
        ([Point("mkdir", ".n"), Point("mkdir", ".n/x"), Point("rename", ".n", "n")], ["2: .n is renamed while .n is"]),
    ],
)
def test_the_rules_catch_what_they_are_for(points: list[Point], found: list[str]) -> None:
    violated = violations(points)
    assert all(any(line.startswith(begin) for line in violated) for begin in found)
    assert bool(violated) == bool(found)
