"""The formats in which lists are read and written: the name table, and how a file is recognised."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import FormatError
from ..registry import Registry
from .base import ListFormat
from .source import Source

# Order is detection order, the most telling shape first. The feeds and our own outputs are known by
# their keys, so they come before the JSON lines of others, which need only one field with a usual name.
# Plain lines come before CSV: they ask that every line be in form, where CSV looks at the header alone
# and, for the sake of mapped columns, believes a name that ends in .csv.
FORMATS: Registry[ListFormat] = Registry(
    "format",
    {
        "parquet": "hashmatch.formats.parquet:PARQUET",
        "arrow": "hashmatch.formats.arrow:ARROW",
        "threatexchange": "hashmatch.formats.threatexchange:THREATEXCHANGE",
        "tag-query": "hashmatch.formats.tag_query:TAG_QUERY",
        "pytx-dataset": "hashmatch.formats.pytx_dataset:PYTX_DATASET",
        "stopncii": "hashmatch.formats.stopncii:STOPNCII",
        "ncmec": "hashmatch.formats.ncmec:NCMEC",
        "vics": "hashmatch.formats.vics:VICS",
        "stix": "hashmatch.formats.stix:STIX",
        "misp": "hashmatch.formats.misp:MISP",
        "tcap": "hashmatch.formats.tcap:TCAP",
        "tcap-v1": "hashmatch.formats.tcap_v1:TCAP_V1",
        "hashes": "hashmatch.formats.hashes:HASHES",
        "vpdq": "hashmatch.formats.vpdq:VPDQ",
        "jsonl": "hashmatch.formats.jsonl:JSONL",
        "nsrl": "hashmatch.formats.nsrl:NSRL",
        "checksums": "hashmatch.formats.checksums:CHECKSUMS",
        "lines": "hashmatch.formats.lines:LINES",
        "csv": "hashmatch.formats.csv:CSV",
    },
)


def recognise(source: Source, algorithms: Collection[str], columns: Collection[str] = ()) -> ListFormat:
    """The first format that the beginning of the file looks like; else the first in which it names mapped columns.

    Args:
        source: The file.
        algorithms: Every algorithm that is known.
        columns: Names that the user says columns of the file have.

    Raises:
        FormatError: If it looks like none; the text names those that are known.
    """
    for form in FORMATS.values():
        if form.recognises(source, algorithms):
            return form
    for form in FORMATS.values() if columns else ():
        if form.recognises_columns(source, columns):
            return form
    what = "is empty" if not source.head.strip() else "is in no list format that is known"
    raise FormatError(f"{source.name} {what}; known are {', '.join(FORMATS)}")
