"""JSON documents too large to hold: the elements of one array in them, one after the other.

A document is cut at its brackets, found whole pieces at a time, and nothing else of it is looked at. What stands
between two brackets is decoded by whoever asked for it, so an element that is no JSON spoils no other, and
neither depth, nor length, nor a number without end costs more than the element that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import FormatError
from .source import Source

ELEMENT_BYTES = 4 * 1024 * 1024
"""Longest element that is read, in bytes; and the most that may stand around elements."""

_PIECE_BYTES = 256 * 1024
_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:\s*\Z')
_KEY_BYTES = 256
_PAIRS = {ord("{"): ord("}"), ord("["): ord("]")}
_QUOTE, _OPEN, _CLOSE = 1, 2, 3
_MARKS = np.zeros(256, dtype=np.uint8)
_MARKS[list(b'"{[}]')] = (_QUOTE, _OPEN, _OPEN, _CLOSE, _CLOSE)


@dataclass(frozen=True)
class Element:
    """An element of the array."""

    raw: bytes | None
    """Its JSON, not yet decoded; None if it is longer than ``ELEMENT_BYTES``."""
    before: bytes
    """The object around the array, from its brace to the colon before the array."""


def read_elements(source: Source, path: Sequence[str]) -> Iterator[Element]:
    """The elements of an array within a document, wherever they are objects or arrays.

    Args:
        source: The file.
        path: Keys that lead from the document's object to the array. Where the value of one but the last is an
            array, too, each of its objects is looked into: ``("value", "Media")`` is ``value[*].Media[*]``.
            What stands in one of these arrays and is neither object nor array comes as an element as well, as
            much of it as stands together.

    Raises:
        FormatError: If the document has no such array, ends before its end, goes on after it, or holds more than
            ``ELEMENT_BYTES`` without an element.
    """
    cutter = _Cutter(source.name, path)
    for piece in source.chunks(_PIECE_BYTES):
        yield from cutter.cut(piece)
    cutter.finish()


class _Cutter:
    """Cuts a document into elements, piece by piece."""

    def __init__(self, name: str, path: Sequence[str]) -> None:
        self._name = name
        self._path = [key.encode() for key in path]
        self._target = 2 * len(path)
        """Depth of the array; the document's object has depth 1."""
        self._depth = 0
        self._quoted = 0
        self._held: bytes | None = None
        """The end of the last piece if it is half of an escape; None before the first piece."""
        self._open = bytearray()
        """The brackets that are open, down to the elements."""
        self._on = 0
        """How many of them lead to the array."""
        self._text = bytearray()
        """What was read since the last bracket on the path, outside elements."""
        self._before = b""
        self._element: bytearray | None = None
        self._too_long = self._found = self._ended = self._beyond = False

    def cut(self, piece: bytes) -> Iterator[Element]:
        """The elements that end in the next piece of the document."""
        if self._held is None:
            piece = piece.removeprefix(_BOM)
        piece = (self._held or b"") + piece
        self._held = piece[-1:] if (len(piece) - len(piece.rstrip(b"\\"))) % 2 else b""
        piece = piece.removesuffix(self._held)
        start = 0
        for position, level in self._brackets(piece):
            if self._ended:
                break
            yield from self._bracket(piece, start, position, level)
            start = position + 1
        self._keep(piece[start:])

    def finish(self) -> None:
        """See that the document was whole.

        Raises:
            FormatError: If it was not.
        """
        if self._beyond:
            raise FormatError(f"{self._name} goes on after the end of its JSON document")
        if self._open or self._quoted:
            raise FormatError(f"{self._name} is not whole: its JSON document ends before its end")
        if not self._found:
            path = b"[].".join(self._path).decode()
            raise FormatError(f"{self._name} has no array {path!r} with records")

    def _brackets(self, piece: bytes) -> list[tuple[int, int]]:
        """Position and level of each bracket outside strings that is no deeper than an element's own."""
        plain = piece.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
        marks = _MARKS[np.frombuffer(plain, dtype=np.uint8)]
        places = np.flatnonzero(marks)
        marks = marks[places]
        quotes = marks == _QUOTE
        parity = (np.cumsum(quotes) + self._quoted) % 2
        if len(parity):
            self._quoted = int(parity[-1])
        outside = ~quotes & (parity == 0)
        places, marks = places[outside], marks[outside]
        depths = self._depth + np.cumsum(np.where(marks == _OPEN, 1, -1))
        if len(depths):
            self._depth = int(depths[-1])
        levels = depths + (marks == _CLOSE)
        shallow = levels <= self._target + 1
        return list(zip(places[shallow].tolist(), levels[shallow].tolist(), strict=True))

    def _bracket(self, piece: bytes, start: int, position: int, level: int) -> Iterator[Element]:
        bracket = piece[position]
        if self._element is not None:
            self._keep(piece[start : position + 1])
            yield Element(None if self._too_long else bytes(self._element), self._before)
            self._element = None
            self._open.pop()
            return
        self._keep(piece[start:position])
        if bracket in _PAIRS:
            yield from self._opened(bracket, level)
            self._open.append(bracket)
            return
        if not self._open or _PAIRS[self._open.pop()] != bracket:
            raise FormatError(f"{self._name} is not JSON: a bracket closes that was not opened")
        if level == self._on:
            yield from self._between()
            self._on -= 1
            self._ended = level == 1
        else:
            self._text.append(bracket)

    def _opened(self, bracket: int, level: int) -> Iterator[Element]:
        if self._on == self._target:
            yield from self._between()
            self._element, self._too_long = bytearray([bracket]), False
        elif level == self._on + 1 and self._leads_on(bracket, level):
            if level == self._target:
                self._before, self._found = bytes(self._text), True
                self._text.clear()
            yield from self._between()
            self._on = level
            self._text += b"{" if level % 2 else b""
        else:
            self._text.append(bracket)

    def _leads_on(self, bracket: int, level: int) -> bool:
        """Whether the bracket that opens is on the path: an object, or the array of a key."""
        if level % 2:
            return bracket == ord("{") and (level > 1 or not self._text.strip(_BLANKS))
        key = _KEY.search(self._text[-_KEY_BYTES:])
        return bracket == ord("[") and key is not None and key[1] == self._path[level // 2 - 1]

    def _between(self) -> Iterator[Element]:
        """What stands between elements and is none, if anything does; then forget it."""
        if self._on and self._on % 2 == 0 and (rest := bytes(self._text).strip(_BLANKS + b",")):
            yield Element(rest, self._before)
        self._text.clear()

    def _keep(self, text: bytes) -> None:
        if self._ended:
            self._beyond = self._beyond or bool(text.strip(_BLANKS))
        elif self._element is not None:
            self._too_long = self._too_long or len(self._element) + len(text) > ELEMENT_BYTES
            self._element += b"" if self._too_long else text
        elif len(self._text) + len(text) > ELEMENT_BYTES:
            raise FormatError(f"{self._name} holds {ELEMENT_BYTES} bytes without a record")
        else:
            self._text += text
