"""Remaining: the hashes that a snapshot holds, without the claims that an import changes or withdraws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .changes import Change
from .claims import Keys, claim_keys, key_bytes, locate
from .codes import digest_column
from .differences import Outcome
from .fresh import FreshHashes
from .hashes import Codes
from .indexes import Neighbors
from .indexes.neighbors import nothing_found
from .records import Role
from .snapshot import Rows, Snapshot

CODES_TOGETHER = 4096
"""Codes whose records are read at a time."""

Mask = npt.NDArray[np.bool_]
Claims = npt.NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)


class RemainingHashes:
    """Those by one algorithm."""

    def __init__(self, snapshot: Snapshot | None, algorithm: str, changes: Sequence[Change]) -> None:
        """What is left of a snapshot; of none, or of one without that algorithm, nothing."""
        self._snapshot = snapshot if snapshot is not None and algorithm in snapshot.algorithms else None
        self._algorithm = algorithm
        self._changes = {change.after.name: change for change in changes}
        self._roles = {} if self._snapshot is None else _roles(self._snapshot, self._changes)

    def search(self, codes: Codes, radius: int, limit: int) -> Neighbors:
        """As an index does; the rows are those of the snapshot's codes."""
        if self._snapshot is None:
            return nothing_found(len(codes))
        return self._snapshot.index(self._algorithm, radius).search(codes, radius, limit)

    def holds(self, role: Role) -> bool:
        """Whether any list of a role may have a hash."""
        return role in self._roles.values()

    def owners(self, rows: Rows) -> Mapping[Role, Rows]:
        """For each code (a row of the snapshot's codes), by role, the row of a record that remains, or -1."""
        owners = {role: np.full(len(rows), -1, dtype=np.int64) for role in Role}
        for start in range(0, len(rows), CODES_TOGETHER):
            positions, records = self._records(rows[start : start + CODES_TOGETHER])
            named = self._table(records, ["list"]).column("list").combine_chunks().dictionary_encode()
            remains = ~self._rewritten(named, records)
            role_of = [self._roles[name] for name in named.dictionary.to_pylist()]
            for role, owner in owners.items():
                here = np.array([own is role for own in role_of], dtype=np.bool_)[named.indices.to_numpy()] & remains
                found, first = np.unique(positions[here], return_index=True)
                owner[start + found] = records[here][first]
        return owners

    def claims(self, rows: Rows, most: int) -> tuple[Rows, Claims, Mask]:
        """The claims that remain of some codes, at most so many of the records of each being looked at.

        Returns:
            For each claim of each code the position in ``rows`` that it belongs to, and 64 bits that stand for the claim;
            and for each of ``rows`` whether it has more records.
        """
        if not len(rows):
            return rows, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.bool_)
        positions, records = self._records(rows)
        counts = np.bincount(positions, minlength=len(rows))
        rank = np.arange(len(positions)) - np.repeat(np.cumsum(counts) - counts, counts)
        positions, records = positions[rank < most], records[rank < most]
        table = self._table(records, ["list", "source_id"])
        named = table.column("list").combine_chunks().dictionary_encode()
        remains = ~self._rewritten(named, records)
        of_list = claim_keys(named.dictionary)[:, 0][named.indices.to_numpy()]
        claims: Claims = of_list * _ODD + claim_keys(table.column("source_id"))[:, 0]
        return positions[remains], claims[remains], counts > most

    def had(self, fresh: FreshHashes, pairs: Rows, twins: Rows) -> Mask:
        """Which of some pairs of a list's claim and a code the snapshot has already.

        Args:
            fresh: Whose pairs.
            pairs: Of one list.
            twins: For each of its codes the row of the same code in the snapshot, or -1.
        """
        known = np.zeros(len(pairs), dtype=np.bool_)
        twin = twins[fresh.code[pairs]]
        if not len(pairs) or not (twin >= 0).any():
            return known
        number = int(np.searchsorted(fresh.firsts, fresh.claim[pairs[0]], side="right")) - 1
        change = list(self._changes.values())[number]
        words = fresh.claim[pairs] - fresh.firsts[number]
        wanted = _joined(twin, key_bytes(change.part.words.keys[words]))
        codes = np.unique(twin[twin >= 0])
        for start in range(0, len(codes), CODES_TOGETHER):
            some = codes[start : start + CODES_TOGETHER]
            positions, records = self._records(some)
            here = pc.equal(self._table(records, ["list"]).column("list"), change.after.name).to_numpy()
            ids = self._table(records[here], ["source_id"]).column("source_id")
            held = _joined(some[positions[here]], key_bytes(claim_keys(ids)))
            known |= pc.is_in(wanted, held).to_numpy(zero_copy_only=False)
        return known

    def owned(self, role: Role) -> tuple[Codes, Rows]:
        """All codes of which a record remains in a list of a role, and a row of such a record for each."""
        size = ALGORITHMS[self._algorithm].size
        codes, records = [np.zeros((0, size), dtype=np.uint8)], [np.zeros(0, dtype=np.int64)]
        held = codes[0] if self._snapshot is None else self._snapshot.codes(self._algorithm)
        for start in range(0, len(held), CODES_TOGETHER):
            owner = self.owners(np.arange(start, min(start + CODES_TOGETHER, len(held))))[role]
            codes.append(held[start : start + CODES_TOGETHER][owner >= 0])
            records.append(owner[owner >= 0])
        return np.concatenate(codes), np.concatenate(records)

    def name(self, record: int) -> dict[str, str]:
        """The list, the id of the claim, and the digest (``hex``) of a record."""
        (row,) = self._table(np.array([record]), ["list", "source_id", "digest"]).to_pylist()
        return {"list": row["list"], "source_id": row["source_id"], "hex": row["digest"].hex()}

    def _records(self, rows: Rows) -> tuple[Rows, Rows]:
        """All records of codes: the position in ``rows`` that each belongs to, and its own row."""
        return self._opened().record_rows(self._algorithm, rows)

    def _table(self, records: Rows, columns: list[str]) -> pa.Table:
        return self._opened().take(records, columns)

    def _opened(self) -> Snapshot:
        if self._snapshot is None:
            raise IndexError("without a snapshot there is no code to ask about")
        return self._snapshot

    def _rewritten(self, named: pa.DictionaryArray, records: Rows) -> Mask:
        """Which records are of claims that the import changes or withdraws, given the list of each."""
        gone = np.zeros(len(records), dtype=np.bool_)
        for place, name in enumerate(named.dictionary.to_pylist()):
            if name in self._changes:
                mine = np.flatnonzero(named.indices.to_numpy() == place)
                ids = self._table(records[mine], ["source_id"]).column("source_id")
                gone[mine] = _rewrites(self._changes[name], claim_keys(ids))
        return gone


def _roles(snapshot: Snapshot, changes: Mapping[str, Change]) -> dict[str, Role]:
    """The role of each list that has a hash in the snapshot, once the import is done."""
    return {
        name: changes[name].after.role if name in changes else settings.role
        for name, settings in snapshot.settings.items()
        if snapshot.manifest.lists[name].hashes
    }


def _rewrites(change: Change, keys: Keys) -> Mask:
    """Which claims of a list an import changes or withdraws."""
    words, found = locate(change.part.words.keys, keys)
    written = np.isin(change.difference.outcome, (Outcome.ADDED, Outcome.CHANGED, Outcome.WITHDRAWN))
    rewritten = np.zeros(len(keys), dtype=np.bool_)
    rewritten[found] = written[words[found]]
    stood, found = locate(change.standing.keys, keys)
    rewritten[found] |= change.difference.unnamed[stood[found]]
    return rewritten


def _joined(codes: Rows, keys: pa.Array) -> pa.Array:
    """A code and a claim's key as one value each."""
    row = codes.astype(">i8").view(np.uint8).reshape(-1, 8)
    key = np.frombuffer(keys.buffers()[1], np.uint8, 16 * len(keys)).reshape(-1, 16)
    return digest_column(np.concatenate([row, key], axis=1))
