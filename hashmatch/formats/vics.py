"""VICS: the data model of Project VIC, in which hash sets and cases of child abuse investigations travel as JSON.

::

    {"@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media",
     "value": [{"MediaID": 1, "Category": 1, "MD5": "...", "SHA1": "...", "AlternativeHashes": [...]}, ...]}

A case (``#Cases``) holds its files one level down, as ``value[*].Media[*]``. Versions up to 1.3 call the context
``odata.metadata``. The specification is shared under agreement alone; its shape is known from tools that read it.
Files run to gigabytes, so they are read as a stream.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec

from ..errors import FormatError, InvalidValue
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .json_document import first_keys
from .json_stream import ELEMENT_BYTES, Element, read_elements
from .json_text import OBJECT, decode
from .newest import Newest
from .source import Source
from .vics_media import Case, is_categorised, media_claim, source_id_of


class _Media(msgspec.Struct):
    """What is needed to see which files were categorised."""

    MD5: Any = None
    Category: Any = None


_MEDIA = msgspec.json.Decoder(_Media)
_CONTEXT = re.compile(rb'"@?odata\.(?:metadata|context)"\s{0,9}:\s{0,9}"([^"]{0,900})"')
_MODEL = re.compile(r"datamodels/(\d+\.\d+)\.xml(?:/(\w+))?.*#(media|cases)$", re.IGNORECASE)
_CONTEXT_BYTES = 1024
"""No context takes more, with its key."""
_OF_MEDIA = frozenset({"MediaID", "MD5", "Category"})
_PATHS = {"media": ("value",), "cases": ("value", "Media")}


class Vics(ListFormat):
    """Hash sets and cases of Project VIC and CAID."""

    name = "vics"
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with the context of a VICS hash set or case, or with media as VICS describes them."""
        context, keys = _context(source.head), first_keys(source.head)
        known = bool(keys & {"@odata.context", "odata.metadata"})
        said = known and "projectvic" in context.lower() and _MODEL.search(context) is not None
        return said or ("value" in keys and keys >= _OF_MEDIA)

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A row for each hash of each file that we know; files are numbered from 1. The file is read twice.

        Raises:
            FormatError: If it does not say that it is VICS, or the file is not one whole JSON document.
        """
        model = _MODEL.search(_context(source.head) or _late_context(source))
        if model is None:
            raise FormatError(f"{source.name} is not in the format {self.name}: no context of VICS stands in it")
        version = "/".join(part for part in model.groups()[:2] if part)
        path = _PATHS[model[3].lower()]
        categorised = Newest(_categorised(source, path))
        chunk, case, number = Chunk(source.name, self.name), Case(version), 0
        for element in read_elements(source, path):
            number += 1
            case = case.moved_to(element.before)
            _add(chunk, number, element, case, categorised, options.algorithms)
            if chunk.full:
                yield chunk.take()
        chunk.in_form = chunk.in_form or not number
        yield chunk.finish()


def _context(head: bytes) -> str:
    """What a file says it holds; empty if it does not. A slash may be written behind a backslash."""
    found = _CONTEXT.search(head)
    return found[1].replace(b"\\/", b"/").decode("ascii", "replace") if found else ""


def _late_context(source: Source) -> str:
    """What a file says that it holds where it says so after its beginning; empty if it does not."""
    before = b""
    for piece in source.chunks():
        before = before[-_CONTEXT_BYTES:] + piece
        if context := _context(before):
            return context
    return ""


def _categorised(source: Source, path: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The id of each file, and whether somebody categorised it: what does not rank above what does."""
    for element in read_elements(source, path):
        try:
            if element.raw is not None:
                media = decode(element.raw, _MEDIA)
                yield source_id_of(media.MD5), is_categorised(media.Category)
        except InvalidValue:
            # It becomes a reject at its turn.
            continue


def _add(
    chunk: Chunk, number: int, element: Element, case: Case, categorised: Newest, algorithms: Collection[str]
) -> None:
    """Add the rows of one file, or its reject."""
    source_id = None
    try:
        if element.raw is None:
            raise InvalidValue(f"longer than {ELEMENT_BYTES} bytes")
        record = decode(element.raw, OBJECT)
        source_id = source_id_of(record.get("MD5"))
        elsewhere = categorised.outranked(source_id, False)
        media_claim(number, record, case, categorised=elsewhere).add_to(chunk, len(element.raw), algorithms)
    except InvalidValue as error:
        chunk.reject(number, str(error), source_id=source_id)


VICS = Vics()
