"""Shape: which keys the records of a file have and what stands under them, learned from those that were read singly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .fields import ALIASES, normal_name
from .layout import FIELDS, Layout, Layouts

MAX_KEYS = 256
"""Records of more different keys than these are read one by one."""

_SCALARS = (str, int, float, bool)
_FREE = ("labels", "extra")
"""Fields of ours that are more than one value."""
NOT_SAID = msgspec.Raw(b"")


class Shape:
    """What the records of one file of JSON lines look like so far."""

    def __init__(self, layouts: Layouts) -> None:
        """Nothing is known yet; ``layouts`` says what keys mean."""
        self._layouts = layouts
        self._kinds: dict[str, set[type]] = {}
        self._known = -1
        self._decoder: RecordDecoder | None = None

    def learn(self, record: Mapping[str, object]) -> None:
        """Take note of a record."""
        if len(self._kinds) > MAX_KEYS:
            return
        for key, value in record.items():
            self._kinds.setdefault(key, set()).add(type(value))

    def decoder(self) -> RecordDecoder | None:
        """Decodes records of this shape, and no others; None if such records can only be read one by one."""
        known = sum(len(kinds) + 1 for kinds in self._kinds.values())
        if known != self._known:
            self._known = known
            self._decoder = self._make()
        return self._decoder

    def _make(self) -> RecordDecoder | None:
        names = tuple(self._kinds)
        normal = [normal_name(name) for name in names]
        plain = not any(char in name for name in names for char in '"\\') and all(map(str.isprintable, names))
        # A record with the key of a header may be one; of two keys that mean the same the order would decide.
        if not plain or len(names) > MAX_KEYS or len(set(normal)) < len(names) or "hashmatch" in names:
            return None
        layout = self._layouts.of(names)
        if layout.unclear or not layout.has_hashes:
            return None
        list_stated = "list" in self._layouts.columns
        return RecordDecoder(names, layout, self._required(names, normal), self._kinds, list_stated=list_stated)

    def _required(self, names: tuple[str, ...], normal: list[str]) -> set[str]:
        """Keys without which others would mean something else."""
        required = {column for column in self._layouts.columns.values() if column in names}
        for aliases in ALIASES.values():
            present = [alias for alias in aliases if alias in normal]
            if len(present) > 1:
                required.add(names[normal.index(present[0])])
        return required


class RecordDecoder:
    """Decodes records with known keys, of known types."""

    def __init__(
        self,
        names: tuple[str, ...],
        layout: Layout,
        required: set[str],
        kinds: Mapping[str, set[type]],
        *,
        list_stated: bool,
    ) -> None:
        """A decoder.

        Args:
            names: The keys that a record may have.
            layout: Of records with all of them.
            required: The keys that a record must have.
            kinds: Types of the values that were seen under each key.
            list_stated: Whether the user says which key holds the list.
        """
        self.names = names
        self.list_stated = list_stated
        self.layout = layout
        single = {position for field, position in layout.at.items() if field in FIELDS and field not in _FREE}
        self.json = tuple(position for position in range(len(names)) if position not in single | set(layout.wide))
        """Positions of the keys whose values are left as they stand in the file."""
        hashes = {*layout.wide, layout.at.get("digest", -1)}
        self.plain = frozenset(position for position, name in enumerate(names) if kinds[name] <= {str, type(None)})
        """Positions of the keys under which only text was seen."""
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        for position, name in enumerate(names):
            raw = position in self.json
            # A number is no hash: a record that has one there is read by itself, and rejected.
            kind: Any = msgspec.Raw if raw else _single(kinds[name] & {str} if position in hashes else kinds[name])
            default = () if name in required else (NOT_SAID if raw else None,)
            fields.append((f"f{position}", kind, *default))
        made = msgspec.defstruct(
            "Record",
            fields,
            rename={f"f{position}": name for position, name in enumerate(names)},
            kw_only=True,
            forbid_unknown_fields=True,
            gc=False,
        )
        self._decoder = msgspec.json.Decoder(made)

    def decode(self, content: bytes) -> list[Any] | None:
        """The records of lines, with the fields ``f0``, ``f1``, ... in the order of the names; None if any is odd."""
        try:
            return self._decoder.decode_lines(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
            return None


def _single(kinds: set[type]) -> Any:
    """A type for single values of some types, with null. A number may be either kind, as 1.0 must not become 1."""
    seen = kinds & set(_SCALARS)
    if seen & {int, float}:
        seen |= {int, float}
    annotation: Any = None
    for kind in _SCALARS:
        if kind in seen:
            annotation = kind | None if annotation is None else annotation | kind
    return annotation
