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
from collections.abc import Collection, Iterator

from ..errors import FormatError, InvalidValue
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .json_document import first_keys
from .json_stream import ELEMENT_BYTES, Element, read_elements
from .json_text import OBJECT, decode
from .source import Source
from .vics_media import Case, media_claim, source_id_of

_CONTEXT = re.compile(rb'"@?odata\.(?:metadata|context)"\s*:\s*"([^"]*)"')
_MODEL = re.compile(r"datamodels/(\d+\.\d+)\.xml(?:/(\w+))?.*#(media|cases)$", re.IGNORECASE)
_PATHS = {"media": ("value",), "cases": ("value", "Media")}


class Vics(ListFormat):
    """Hash sets and cases of Project VIC and CAID."""

    name = "vics"
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it begins with the context of a VICS hash set or case."""
        context = _context(source.head)
        known = bool(first_keys(source.head) & {"@odata.context", "odata.metadata"})
        return known and "projectvic" in context.lower() and _MODEL.search(context) is not None

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A row for each hash of each file that we know; files are numbered from 1.

        Raises:
            FormatError: If the beginning does not say that it is VICS, or the file is not one whole JSON document.
        """
        model = _MODEL.search(_context(source.head))
        if model is None:
            raise FormatError(f"{source.name} is not in the format {self.name}: no context of VICS stands at its head")
        version = "/".join(part for part in model.groups()[:2] if part)
        chunk, case, number = Chunk(source.name, self.name), Case(version), 0
        for element in read_elements(source, _PATHS[model[3].lower()]):
            number += 1
            case = case.moved_to(element.before)
            _add(chunk, number, element, case, options.algorithms)
            if chunk.full:
                yield chunk.take()
        chunk.in_form = chunk.in_form or not number
        yield chunk.finish()


def _context(head: bytes) -> str:
    """What a file says it holds; empty if it does not. A slash may be written behind a backslash."""
    found = _CONTEXT.search(head)
    return found[1].replace(b"\\/", b"/").decode("ascii", "replace") if found else ""


def _add(chunk: Chunk, number: int, element: Element, case: Case, algorithms: Collection[str]) -> None:
    """Add the rows of one file, or its reject."""
    source_id = None
    try:
        if element.raw is None:
            raise InvalidValue(f"longer than {ELEMENT_BYTES} bytes")
        record = decode(element.raw, OBJECT)
        source_id = source_id_of(record)
        media_claim(number, record, case).add_to(chunk, len(element.raw), algorithms)
    except InvalidValue as error:
        chunk.reject(number, str(error), source_id=source_id)


VICS = Vics()
