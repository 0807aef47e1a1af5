"""Quarantine: the hashes of lists that stand and are not fit to match, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from .claims import STANDS
from .ledger import Ledger
from .records import SCHEMA, ListSettings
from .results import QuarantinedHash
from .scratch import Place, Scratch

_SCHEMA = pa.schema(
    [SCHEMA.field(name) for name in ("list", "source_id", "algorithm", "digest", "frame", "quarantine")]
)
_ROWS = 4096
"""Rows that are objects at a time."""


def quarantined(ledger: Ledger, name: str | None) -> Iterator[QuarantinedHash]:
    """The hashes of one list, or of all; see ``HashBank.quarantined``.

    The bank is held only until they are gathered: whoever goes through them may release one, or take a day. However
    many there are, they wait in a scratch file.
    """
    with ledger.reading():
        settings = dict(ledger.log.settings())
        names = sorted(settings) if name is None else [ledger.settings(name).name]
        scratch = Scratch()
        places = [scratch.put(table) for table in _held(ledger, names)]
    return _told(scratch, places, settings)


def _held(ledger: Ledger, names: Sequence[str]) -> Iterator[pa.Table]:
    for name in names:
        standing = ledger.log.standing(name)
        for table in ledger.log.rows(standing.chosen(standing.state == STANDS), _SCHEMA.names):
            held = table.filter(pc.is_valid(table.column("quarantine")))
            if len(held):
                yield held.cast(_SCHEMA)


def _told(scratch: Scratch, places: Sequence[Place], settings: Mapping[str, ListSettings]) -> Iterator[QuarantinedHash]:
    for place in places:
        table = scratch.get([place], _SCHEMA)
        for start in range(0, len(table), _ROWS):
            for row in table.slice(start, _ROWS).to_pylist():
                yield QuarantinedHash(
                    list=row["list"],
                    source_id=row["source_id"],
                    algorithm=row["algorithm"],
                    digest=row["digest"],
                    reason=row["quarantine"],
                    released=(row["algorithm"], row["digest"].hex()) in settings[row["list"]].releases,
                    frame=row["frame"],
                )
