"""Fresh: the hashes of the claims that an import adds or changes, as far as they are fit to match."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .changes import Change
from .codes import digest_codes
from .differences import Outcome
from .hashes import Codes
from .live import live
from .records import Role
from .words import Mask, WordRows

Rows = npt.NDArray[np.int64]

_TOLD = ("algorithm", "digest", "quality", "opinion", "quarantine")


@dataclass(frozen=True)
class FreshHashes:
    """Those by one algorithm: pairs of a claim and a code, each once."""

    algorithm: str
    codes: Codes
    """``uint8[n, bytes]``: the different ones, sorted."""
    claim: Rows
    """``int64[k]``, ascending: the claim of each pair, the words of all lists numbered one after the other."""
    code: Rows
    """``int64[k]``: the code of each pair."""
    firsts: Rows
    """``int64[lists + 1]``: list i has the claims from ``firsts[i]`` to ``firsts[i + 1]``, exclusive."""
    roles: tuple[Role, ...]
    """Of each list."""

    def pairs(self, number: int) -> Rows:
        """The pairs of one list."""
        first, end = np.searchsorted(self.claim, self.firsts[number : number + 2])
        return np.arange(first, end)

    def owners(self, role: Role) -> Rows:
        """For each code a claim of a list of that role that has it, or -1: ``int64[n]``."""
        owner = np.full(len(self.codes), -1, dtype=np.int64)
        for number in reversed(range(len(self.roles))):
            if self.roles[number] is role:
                pairs = self.pairs(number)[::-1]
                # Of several that are assigned to one place the last one stays: the first claim.
                owner[self.code[pairs]] = self.claim[pairs]
        return owner

    def sole_owners(self) -> Rows:
        """For each code the one claim that has it, or -1 where several have: ``int64[n]``."""
        owner = np.full(len(self.codes), -1, dtype=np.int64)
        owner[self.code] = self.claim
        owner[np.bincount(self.code, minlength=len(self.codes)) > 1] = -1
        return owner


def fresh_rows(changes: Sequence[Change]) -> int:
    """How many rows the claims have that are added or changed, fit to match or not."""
    return sum(int(np.sum(np.diff(part.starts)[chosen])) for change in changes for part, chosen, _ in _parts(change))


def fresh_hashes(changes: Sequence[Change]) -> Iterator[FreshHashes]:
    """The hashes of each algorithm.

    Args:
        changes: What a file does to each list.
    """
    firsts = np.cumsum([0, *(len(change.part.words) for change in changes)])
    found: dict[str, list[tuple[Codes, Rows]]] = {}
    for first, change in zip(firsts, changes, strict=False):
        for batch in (batch for rows in _live_rows(change) for batch in rows.to_batches()):
            for algorithm in pc.unique(batch.column("algorithm")).to_pylist():
                own = batch.filter(pc.equal(batch.column("algorithm"), algorithm))
                claims = own.column("word").to_numpy() + first
                found.setdefault(algorithm, []).append((digest_codes(own.column("digest")), claims))
    roles = tuple(change.after.role for change in changes)
    for algorithm, pieces in sorted(found.items()):
        digests = np.concatenate([codes for codes, _ in pieces])
        size = digests.shape[1]
        keys, code = np.unique(digests.reshape(-1).view(f"S{size}"), return_inverse=True)
        # A claim may have a code several times, in several frames.
        pairs = np.unique(np.concatenate([claims for _, claims in pieces]) * len(keys) + code)
        codes = np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), size)
        yield FreshHashes(algorithm, codes, pairs // len(keys), pairs % len(keys), firsts, roles)


def _parts(change: Change) -> Iterator[tuple[WordRows, Mask, int]]:
    """The parts of a list's words in which claims are added or changed, which words these are, and the first one's number."""
    outcome = change.difference.outcome
    first = 0
    for part in change.part.words.parts:
        end = first + len(part.starts) - 1
        chosen = np.isin(outcome[first:end], (Outcome.ADDED, Outcome.CHANGED))
        if chosen.any():
            yield part, chosen, first
        first = end


def _live_rows(change: Change) -> Iterator[pa.Table]:
    """The algorithm and the digest of the rows that are fit to match, and the number of the word of each."""
    name = change.after.name
    for part, chosen, first in _parts(change):
        lengths = np.diff(part.starts)
        places = part.order[np.repeat(chosen, lengths)]
        words = np.repeat(np.flatnonzero(chosen), lengths[chosen]) + first
        wanted = np.zeros(len(part.rows), dtype=np.bool_)
        wanted[places] = True
        # Filtering goes chunk by chunk, where taking would join them all.
        rows = part.rows.select(_TOLD).filter(pa.array(wanted))
        rows = rows.append_column("word", pa.array(words[np.argsort(places)]))
        yield live(rows.append_column("list", pa.repeat(name, len(rows))), {name: change.after})
