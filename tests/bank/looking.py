"""What stands in a bank: in its log, in its export, in its snapshot."""

from __future__ import annotations

import json
from dataclasses import fields
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa

from hashmatch.bank import HashBank
from hashmatch.batches import BATCH_SCHEMA, Log
from hashmatch.claims import Standing
from hashmatch.formats.source import Source
from hashmatch.snapshot import Snapshot


def known(bank: HashBank, name: str = "one") -> dict[str, list[dict[str, Any]]]:
    """Everything that the log says of a list, withdrawn claims too: the rows by id."""
    log = bank._ledger.log
    log.refresh()
    table = pa.concat_tables([BATCH_SCHEMA.empty_table(), *log.rows(log.standing(name), BATCH_SCHEMA.names)])
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault(row["source_id"], []).append(row)
    return found


def standing(bank: HashBank, name: str = "one") -> dict[str, set[str]]:
    """The hashes, in hexadecimal, of the claims that stand, by id."""
    return {
        source_id: {row["digest"].hex() for row in rows}
        for source_id, rows in known(bank, name).items()
        if rows[0]["withdrawal"] is None
    }


def exported(bank: HashBank, **choice: Any) -> Source:
    """An export in JSON lines, as a file to import."""
    sink = BytesIO()
    bank.export_list(sink, **{"allow_restricted": True, **choice})
    return Source(content=sink.getvalue(), name="export.jsonl")


def objects(source: Source) -> list[dict[str, Any]]:
    """The objects of JSON lines."""
    return [json.loads(line) for line in source.document().splitlines()]


def live(bank: HashBank) -> set[tuple[str, str, str]]:
    """List, id and hash of everything that the published snapshot matches."""
    bank.publish()
    snapshot = Snapshot.open_current(bank.folder)
    return {
        (row["list"], row["source_id"], row["digest"].hex())
        for algorithm in snapshot.algorithms
        for row in snapshot.records(algorithm, np.arange(len(snapshot.codes(algorithm)))).to_pylist()
    }


def check_some(log: Log, name: str, standing: Standing) -> None:
    """Some of the claims are what they are among all of them, and the others are counted."""
    wanted = np.arange(len(standing)) % 3 == 0
    stranger = np.array([[0, 1]], dtype=np.uint64)
    some = log._standing_among(name, log.visible(name), np.concatenate([stranger, standing.keys[wanted]]))
    expected = standing.chosen(wanted)
    for column in fields(Standing):
        if column.name != "others":
            assert getattr(some, column.name).tolist() == getattr(expected, column.name).tolist()
    assert some.stands == standing.stands
