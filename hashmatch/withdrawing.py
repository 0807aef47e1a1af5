"""Withdrawing: one claim taken out of a list by hand, or that undone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .batches import BATCH_SCHEMA
from .changes import microseconds
from .checking import check_id
from .claims import STANDS, claim_keys, locate
from .footers import Kind
from .ledger import Ledger
from .results import BatchEntry
from .vetoes import lifted, vetoed


def withdraw(ledger: Ledger, name: str, source_id: str, *, undo: bool, publish: bool) -> BatchEntry | None:
    """Withdraw a claim by hand, or undo that; see ``HashBank.withdraw``.

    Args:
        ledger: The bank's log.
        name: The list.
        source_id: The claim.
        undo: Take the withdrawal back.
        publish: Publish a snapshot too.
    """
    source_id = check_id(source_id)
    with ledger.writing(publish=publish):
        ledger.settings(name)
        standing = ledger.log.standing(name)
        position, found = locate(standing.keys, claim_keys([source_id]))
        here = np.arange(len(standing)) == (int(position[0]) if found[0] else -1)
        claim = standing.chosen(here)
        number, now = ledger.log.head + 1, microseconds(ledger.log.now())
        rows = pa.concat_tables([BATCH_SCHEMA.empty_table(), *ledger.log.rows(claim, BATCH_SCHEMA.names)])
        change = lifted(rows, claim, name, source_id) if undo else vetoed(rows, claim, name, source_id, number, now)
        if change is None:
            return None
        counts = {"added": 1} if undo else {"withdrawn": int(np.sum(claim.state == STANDS))}
        footer = ledger.footer(Kind.WITHDRAW, (name,), ledger.log.settings(), counts=counts, origin=source_id)
        return ledger.log.append(footer, [change]).entry()
