"""NCMEC: the hash sharing interface, version 2, of the National Center for Missing & Exploited Children.

::

    <queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
      <images count="2" maxTimestamp="...">
        <image><member id="42">...</member><timestamp>...</timestamp><id>...</id><classification>A1</classification>
          <fingerprints><md5>...</md5><pdq>...</pdq></fingerprints></image>
        <deletedImage><member id="42">...</member><id>...</id><timestamp>...</timestamp></deletedImage>
      </images>
      <videos ...>...</videos>
      <paging><next>...</next></paging>
    </queryResult>

Described at report.cybertip.org/hashsharing/v2/documentation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, iterparse  # type: ignore[import-untyped]

from ..errors import FormatError, InvalidValue
from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .ncmec_entries import entry_claim, local_name, rank_of_entry, source_id_of
from .newest import Newest
from .skipped import OLDER, Skipped
from .source import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ENTRY_BYTES = 8 * 1024 * 1024
"""Longest entry that is read, in bytes."""

ENTRY_ELEMENTS = 250_000
"""Most elements that one entry may have."""

MAX_DEPTH = 32
"""How deep elements may be nested; entries nest eight deep."""

_PIECE_BYTES = 64 * 1024
_ROOT = "queryResult"
_PAGING = "paging"
_ENTRY_DEPTH = 3


class Ncmec(ListFormat):
    """NCMEC's hash sharing, version 2.

    Versions of an entry that a newer one in the file replaces are counted in the header ``skipped``.
    """

    name = "ncmec"
    mode = Mode.UPDATE
    suffix = ".xml"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins like XML, with the answer to a query for entries."""
        head = source.head
        return head.lstrip()[:1] == b"<" and b"/hashsharing/v" in head and _ROOT.encode() in head

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows of all entries, numbered from 1. The file is read twice: entries come in no order of time.

        Raises:
            FormatError: If it is no XML, no answer to a query for entries, or declares entities.
        """
        newest = Newest(_versions(source))
        chunk, skipped, number = Chunk(source.name, self.name), Skipped(), 0
        for entry, size in _Entries(source):
            number += 1
            source_id = None
            try:
                source_id = source_id_of(entry)
                if newest.outranked(source_id, rank_of_entry(entry)):
                    skipped.add(OLDER)
                else:
                    entry_claim(number, entry, options.algorithms).add_to(chunk, size, options.algorithms)
            except InvalidValue as error:
                chunk.reject(number, str(error), source_id=source_id)
            if chunk.full:
                yield chunk.take()
        if header := skipped.header():
            chunk.add_header(header)
        chunk.in_form = chunk.in_form or not number
        yield chunk.finish()


def _versions(source: Source) -> Iterator[tuple[str, int]]:
    """Id and rank of each entry."""
    for entry, _ in _Entries(source):
        try:
            yield source_id_of(entry), rank_of_entry(entry)
        except InvalidValue:
            # It becomes a reject at its turn.
            continue


class _Entries:
    """The entries of a file, each forgotten when the next is asked for."""

    def __init__(self, source: Source) -> None:
        self._name = source.name
        self._pieces = source.chunks(_PIECE_BYTES)
        self._bytes = self._elements = 0
        """Read since the last entry."""
        self._open: list[Element] = []
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """The next piece of the file, for the parser, whatever size it asks for."""
        piece = next(self._pieces, b"")
        self._bytes += 0 if self._ended else len(piece)
        if self._bytes > ENTRY_BYTES + _PIECE_BYTES:
            raise FormatError(f"{self._name} holds more than {ENTRY_BYTES} bytes without an entry that ends")
        return piece

    def __iter__(self) -> Iterator[tuple[Element, int]]:
        """Each entry, and about how many bytes it takes."""
        try:
            for event, element in iterparse(self, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    self._begin(element)
                    continue
                self._open.pop()
                if len(self._open) == _ENTRY_DEPTH - 1 and local_name(self._open[-1]) != _PAGING:
                    yield element, self._bytes
                if 0 < len(self._open) < _ENTRY_DEPTH:
                    del self._open[-1][:]
                    self._bytes = self._elements = 0
                self._ended = not self._open
        except DefusedXmlException:
            raise FormatError(f"{self._name} declares entities or a document type, which no list needs") from None
        except ParseError as error:
            raise FormatError(self._torn(error)) from None
        except FormatError:
            raise
        except (LookupError, ValueError) as error:
            raise FormatError(f"{self._name} is XML in an encoding that cannot be read: {error}") from None

    def _begin(self, element: Element) -> None:
        if not self._open and local_name(element) != _ROOT:
            name = local_name(element)[:60]
            raise FormatError(f"{self._name} is no answer of NCMEC to a query for entries: it is a {name!r}")
        self._open.append(element)
        self._elements += 1
        if len(self._open) > MAX_DEPTH or self._elements > ENTRY_ELEMENTS:
            raise FormatError(f"{self._name} is nested deeper, or divided further, than entries of NCMEC are")

    def _torn(self, error: Exception) -> str:
        """Why the parser gave up."""
        if not self._ended:
            return f"{self._name} cannot be read as XML: {error}"
        for _ in self._pieces:
            # A file that cannot be unpacked is worse than one that goes on.
            pass
        return (
            f"{self._name} goes on after its end, as pages do that were joined: import each page as a file of its own"
        )


NCMEC = Ncmec()
