"""Difference: what a file changes in a list, and nothing else. Only this is written.

The rules (docs/bank.md) in one place: the newest word on a claim wins, of equally new ones the later;
a withdrawal made by hand is a veto that only a word with a later ``updated_at`` lifts; replacing withdraws what it
does not name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from .claims import (
    STANDS,
    UNDATED,
    WITHDRAWN,
    WITHDRAWN_BY_HAND,
    Keys,
    Standing,
    locate,
    sort_keys,
    withdrawal_content,
)
from .records import Mode
from .words import Words

Mask = npt.NDArray[np.bool_]


class Outcome(IntEnum):
    """What becomes of a word."""

    UNCHANGED = 0
    """It says what stands, but for ``updated_at``."""
    ADDED = 1
    """Its claim did not stand and does now."""
    CHANGED = 2
    """Its claim stands and says something else now."""
    WITHDRAWN = 3
    """Its claim stood and does no more."""
    OLDER = 4
    """It lost to a newer word, or to a withdrawal by hand."""
    HELD_BACK = 5
    """It is not whole, because of a reject, so its claim stays as it stood."""


@dataclass(frozen=True)
class Rejected:
    """Which claims the rejects of a file spoke of."""

    keys: Keys
    """Of those whose id could be read; may repeat."""
    unreadable: int = 0
    """How many rejects had no id that could be read."""


@dataclass(frozen=True)
class Difference:
    """What words change in what stands."""

    outcome: npt.NDArray[np.uint8]
    """What becomes of each word: numbers of ``Outcome``, one for each of ``Words``."""
    write: Mask
    """Which words are written, one for each of ``Words``."""
    said_at: npt.NDArray[np.int64]
    """When each word was said, microseconds since 1970."""
    state: npt.NDArray[np.uint8]
    """The state of each word's claim once it is written."""
    withdrawn_at: npt.NDArray[np.int64]
    """For words under a veto by hand, when that was laid; else 0."""
    unnamed: Mask
    """Which claims that stand are withdrawn because replacing did not name them, one for each of ``Standing``."""
    spared: Mask
    """Which claims that stand replacing did not name and keeps, since a reject may have named them."""
    now: int
    """Time of import, microseconds since 1970: when what is unnamed is withdrawn."""
    fresh: int
    """How many words speak of claims of which nothing was known."""
    added: int
    changed: int
    withdrawn: int
    unchanged: int
    older: int
    held_back: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.write.any() or self.unnamed.any())


def difference(
    standing: Standing, words: Words, mode: Mode, now: int, rejected: Rejected, *, row_is_word: bool
) -> Difference:
    """Hold words against what stands.

    Args:
        standing: What stands of the list.
        words: What the file says of it.
        mode: Whether the file names what changed, or is the whole list.
        now: Time of import, microseconds since 1970.
        rejected: The claims of rows that were not taken.
        row_is_word: As in ``words_of``. Where it is False a reject leaves its claim's word incomplete, so a
            claim of which hashes are known, be it beneath a veto, stays as it stood.
    """
    position, found = locate(standing.keys, words.keys)
    _, incomplete = locate(rejected.keys[sort_keys(rejected.keys)], words.keys)
    dated = (words.updated_at != UNDATED) & (mode is Mode.UPDATE)
    said_at = np.where(dated, np.minimum(words.updated_at, now), now)

    was = _taken(standing.state, position, found, WITHDRAWN)
    same_content, differs, known = _compared(standing, words, position, found)
    incomplete &= known & (not row_is_word)
    newer = ~found | (said_at >= _taken(standing.said_at, position, found, 0))
    write = differs & newer & ~incomplete

    vetoed = was == WITHDRAWN_BY_HAND
    veto_at = _taken(standing.withdrawn_at, position, found, 0)
    lifts = vetoed & write & dated & (said_at > veto_at) & ~words.withdrawn
    vetoed &= ~lifts
    state = np.where(vetoed, WITHDRAWN_BY_HAND, np.where(words.withdrawn, WITHDRAWN, STANDS)).astype(np.uint8)

    stood, stands = found & (was == STANDS), write & (state == STANDS)
    lost = differs & ~incomplete & (~newer | (vetoed & ~words.withdrawn))
    unnamed, spared = _unnamed(standing, position[found], mode, rejected)
    outcome = np.full(len(words), Outcome.UNCHANGED, dtype=np.uint8)
    outcome[stands & ~stood] = Outcome.ADDED
    outcome[stands & stood & ~same_content] = Outcome.CHANGED
    outcome[write & words.withdrawn & stood] = Outcome.WITHDRAWN
    outcome[lost] = Outcome.OLDER
    outcome[incomplete] = Outcome.HELD_BACK
    counts = np.bincount(outcome, minlength=len(Outcome)).tolist()
    return Difference(
        outcome=outcome,
        write=write,
        said_at=said_at,
        state=state,
        withdrawn_at=np.where(vetoed, veto_at, 0),
        unnamed=unnamed,
        spared=spared,
        now=now,
        fresh=int(np.sum(~found)),
        added=counts[Outcome.ADDED],
        changed=counts[Outcome.CHANGED],
        withdrawn=counts[Outcome.WITHDRAWN] + int(np.sum(unnamed & (standing.state == STANDS))),
        unchanged=counts[Outcome.UNCHANGED],
        older=counts[Outcome.OLDER],
        held_back=counts[Outcome.HELD_BACK] + int(np.sum(spared)),
    )


def _compared(
    standing: Standing, words: Words, position: npt.NDArray[np.int64], found: Mask
) -> tuple[Mask, Mask, Mask]:
    """Which words say what stands but for the date, which say anything else, and of which claims hashes are known."""
    content = _taken(standing.fingerprints[:, 0], position, found, 0)
    same_content = found & (content == words.fingerprints[:, 0])
    known = found & (content != withdrawal_content())
    # One after the other: there may be ten million.
    del content
    differs = ~found | (_taken(standing.fingerprints[:, 1], position, found, 0) != words.fingerprints[:, 1])
    return same_content, differs, known


def _unnamed(standing: Standing, named: npt.NDArray[np.int64], mode: Mode, rejected: Rejected) -> tuple[Mask, Mask]:
    """Which claims replacing withdraws, and which that stand it would have but for rejects."""
    unnamed = np.zeros(len(standing), dtype=np.bool_)
    if mode is Mode.UPDATE:
        return unnamed, unnamed
    # Under a veto by hand the partner's own word is withdrawn too, so that undoing does not bring back
    # what the partner no longer shares.
    unnamed[:] = standing.state != WITHDRAWN
    unnamed &= standing.fingerprints[:, 0] != withdrawal_content()
    unnamed[named] = False
    spared = np.zeros(len(standing), dtype=np.bool_)
    if rejected.unreadable:
        spared[:] = unnamed
    else:
        position, found = locate(standing.keys, rejected.keys)
        spared[position[found]] = True
        spared &= unnamed
    return unnamed & ~spared, spared & (standing.state == STANDS)


def _taken(values: npt.NDArray[Any], position: npt.NDArray[np.int64], found: Mask, default: int) -> npt.NDArray[Any]:
    """``values`` at each position that was found, else the default."""
    taken = np.full((len(found), *values.shape[1:]), default, dtype=values.dtype)
    taken[found] = values[position[found]]
    return taken
