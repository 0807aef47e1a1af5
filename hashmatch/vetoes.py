"""Veto: a claim withdrawn by hand. It lies over what the partner says and keeps that beneath it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .batches import BATCH_SCHEMA, batch_rows
from .claims import WITHDRAWN_BY_HAND, Standing, claim_keys, fingerprints, withdrawal_content, withdrawal_rows
from .dates import EARLIEST
from .errors import UnknownClaim
from .records import MICROSECONDS


def vetoed(rows: pa.Table, claim: Standing, name: str, source_id: str, number: int, now: int) -> pa.Table | None:
    """The rows of a batch that withdraws a claim by hand.

    Args:
        rows: Of the claim, in ``BATCH_SCHEMA``; none if nothing is known of it.
        claim: The one claim, or none.
        name: Of the list.
        source_id: Of the claim.
        number: Of the batch.
        now: Microseconds since 1970.

    Returns:
        The rows, or None if it is withdrawn by hand already.
    """
    if len(claim) and claim.state[0] == WITHDRAWN_BY_HAND:
        return None
    if not len(claim):
        # Beneath the veto lies nothing: a withdrawal so old that every word is newer, and unlike any that is said.
        blank = withdrawal_rows(pa.array([source_id]))
        prints = fingerprints(blank, np.array([0, 1]))
        prints[:, 1] += np.uint64(1)
        said_at, laid_at = np.array([[EARLIEST], [now]])
        state = np.array([WITHDRAWN_BY_HAND], dtype=np.uint8)
        return batch_rows(name, blank, claim_keys([source_id]), prints, said_at, state, laid_at, number)
    return _under(rows, "hand", now)


def lifted(rows: pa.Table, claim: Standing, name: str, source_id: str) -> pa.Table | None:
    """The rows of a batch that undoes a withdrawal by hand: the claim stands as the partner last said.

    Raises:
        UnknownClaim: If the claim was not withdrawn by hand.
    """
    if not len(claim) or claim.state[0] != WITHDRAWN_BY_HAND:
        raise UnknownClaim(f"{source_id!r} of {name} was not withdrawn by hand: there is nothing to undo")
    withdrawn_beneath = claim.fingerprints[0, 0] == withdrawal_content()
    return _under(rows, "feed" if withdrawn_beneath else None, None)


def _under(rows: pa.Table, withdrawal: str | None, withdrawn_at: int | None) -> pa.Table:
    # The rows keep the number of the import that brought them: whose claim it was does not change.
    count = len(rows)
    changed = {
        "withdrawal": pa.array([withdrawal] * count, type=pa.string()),
        "withdrawn_at": pa.array([withdrawn_at] * count, type=pa.int64()).cast(MICROSECONDS),
    }
    return pa.table([changed.get(field.name, rows.column(field.name)) for field in BATCH_SCHEMA], schema=BATCH_SCHEMA)
