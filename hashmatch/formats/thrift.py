"""Thrift's compact protocol, as far as the metadata of Parquet files need it.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

_MOST_NESTED = 12
_TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 6, 7, 8, 9, 10, 12


class CutShort(ValueError):
    """A structure goes on behind the bytes that were given."""


class Compact:
    """Reads structures; integers, structures and lists within them are kept, texts and fractions are passed over."""

    def __init__(self, content: bytes) -> None:
        """Some bytes that begin with a structure.

        Each method raises ``CutShort`` where they end before it does, and ValueError if it is none.
        """
        self._content = content
        self.at = 0
        """How many bytes were read."""

    def struct(self, depth: int) -> dict[int, object]:
        """The fields of the structure that begins here, by their numbers."""
        if depth > _MOST_NESTED:
            raise ValueError("a structure nested too deeply")
        fields: dict[int, object] = {}
        number = 0
        while (byte := self._byte()) != 0:
            number = number + (byte >> 4) if byte >> 4 else self._integer()
            fields[number] = self._value(byte & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> object:
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind <= _I64:
            return self._integer()
        if kind == _DOUBLE:
            self._skip(8)
        elif kind == _BINARY:
            self._skip(self._varint())
        elif kind in (_LIST, _SET):
            return self._list(depth)
        elif kind == _STRUCT:
            return self.struct(depth + 1)
        else:
            raise ValueError("a structure that is none")
        return None

    def _list(self, depth: int) -> list[object]:
        byte = self._byte()
        count = byte >> 4 if byte >> 4 < 15 else self._varint()
        kind = byte & 15
        # Each takes a byte at least, truth values too.
        if count > len(self._content) - self.at:
            raise CutShort("a structure is cut short")
        return [self._byte() if kind in (_TRUE, _FALSE) else self._value(kind, depth + 1) for _ in range(count)]

    def _byte(self) -> int:
        self._skip(1)
        return self._content[self.at - 1]

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._content):
            raise CutShort("a structure is cut short")

    def _varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise ValueError("a number beyond all measure")

    def _integer(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
