"""Entries: what a partner says under one id, cut to what a row can carry."""

from __future__ import annotations

from collections.abc import Mapping

from .json_text import canonical

REMAINDER_BYTES = 30_000
"""Most that is kept of an entry's other fields, in bytes of JSON. A row that says more would not be taken at all."""

_LEFT_OUT_BYTES = 2_000
_NAMED = 20
_NAME_CHARACTERS = 60


def remainder(fields: Mapping[str, object]) -> str | None:
    """What an entry says beside what we know, as ``extra`` holds it; None if there is nothing.

    A hash is worth more than what stands beside it: partners send along every property of a file and every case that
    it was seen in. Where the fields are longer than ``REMAINDER_BYTES`` the shortest stay, and ``left_out`` names
    the others, or the first of them.

    Raises:
        InvalidValue: If a field is nested too deeply.
    """
    if not fields:
        return None
    whole = canonical(fields)
    if len(whole) <= REMAINDER_BYTES // 4 or len(whole.encode()) <= REMAINDER_BYTES:
        return whole
    sizes = {name: len(canonical({name: value}).encode()) for name, value in fields.items()}
    kept: dict[str, object] = {}
    left_out: list[str] = []
    room = REMAINDER_BYTES - _LEFT_OUT_BYTES
    for name in sorted(fields, key=lambda name: (sizes[name], name)):
        room -= sizes[name]
        if room >= 0:
            kept[name] = fields[name]
        else:
            left_out.append(name[:_NAME_CHARACTERS])
    return canonical({**kept, "left_out": left_out[:_NAMED]})
