"""Change: what one file does to one list, planned against what stands and turned into rows.

``HashBank`` plans under its lock and writes; dry runs and ``Matcher.from_lists`` only plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .batches import batch_rows
from .claims import STANDS, WITHDRAWN, Keys, Standing, claim_keys, fingerprints, sort_keys, withdrawal_rows
from .differences import Difference, difference
from .errors import FormatError, InvalidValue
from .guard import objections
from .importing import ListFile, ListPart, settle
from .merging import merged
from .records import ListSettings, Mode, Role
from .results import ImportReport

StandingOf = Callable[[Keys | None], Standing]
"""Gives what stands of a list: of all claims, or, if keys are given, at least of those that have them."""

SourceIds = Callable[[Standing], pa.Array]
"""Gives the ids of claims that stand, each once, in any order."""


def nothing(among: Keys | None) -> Standing:
    """What stands of a list of which nothing was ever said."""
    return Standing.empty()


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970."""
    return int(pa.scalar(moment, type=pa.timestamp("us", tz="UTC")).value)


@dataclass(frozen=True)
class Change:
    """What a file does to one list."""

    before: ListSettings | None
    after: ListSettings
    part: ListPart
    standing: Standing
    """Of all claims, or, where the file updates the list, of those that it speaks of."""
    difference: Difference
    said: frozenset[str] = frozenset()
    """Settings that the user states, whatever the file does."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.difference.empty and self.before == self.after

    def quarantined(self) -> Iterator[pa.Table]:
        """The rows that are not fit to match, and were not released by the list, some at a time.

        Yields:
            ``source_id``, ``algorithm``, ``digest`` and ``quarantine``, which says why.
        """
        for part in self.part.words.parts:
            unfit = pc.is_valid(part.rows.column("quarantine")).to_numpy()
            of_words = np.zeros(len(unfit), dtype=np.bool_)
            # Some of the rows that were read may belong to no word.
            of_words[part.order[unfit[part.order]]] = True
            held = part.rows.select(_QUARANTINED).filter(pa.array(of_words))
            for piece in held.to_batches(max_chunksize=_PIECE):
                rows = pa.table(piece)
                yield rows if not self.after.releases else rows.filter(pa.array(self._unreleased(rows)))

    def _unreleased(self, rows: pa.Table) -> list[bool]:
        codes = zip(rows.column("algorithm").to_pylist(), rows.column("digest").to_pylist(), strict=True)
        return [(algorithm, digest.hex()) not in self.after.releases for algorithm, digest in codes]

    def notes(self, *, dry_run: bool) -> Iterator[str]:
        """What else one should know of it: settings that nobody may have meant."""
        stated, after = self.part.stated, self.after
        partner = stated.get("partner")
        if self.before is not None and partner is not None and partner != after.partner:
            yield f"the file says that {after.name} is shared by {partner}; the bank says {after.partner}"
        # Of a new list only what its file says by itself is news to the user.
        news = {name: getattr(_PLAIN, name) for name in stated if name in _TELLING and name not in self.said}
        before = self.before or replace(after, **news)
        now = "would be" if dry_run else "is now" if self.before else "is"
        taken = now if self.before else f"by the file itself {now}"
        for name in _TELLING:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                yield f"{after.name}: {name.replace('_', ' ')} {taken} {_shown(new)}"

    def objections(self) -> list[str]:
        """What the guard says against it."""
        return objections(self.before, self.after, self.standing, self.difference)

    def rows(self, number: int, source_ids: SourceIds) -> Iterator[pa.Table]:
        """Its rows in batch ``number``, in ``BATCH_SCHEMA``, sorted by key, some tens of thousands at a time.

        Args:
            number: The batch.
            source_ids: Gives the ids of claims that stand, in any order.
        """
        return merged(self._written(number), self._withdrawals(number, source_ids))

    def _written(self, number: int) -> Iterator[pa.Table]:
        change, words = self.difference, self.part.words
        for rows, owner in words.pieces(change.write):
            yield batch_rows(
                self.after.name,
                rows,
                words.keys[owner],
                words.fingerprints[owner],
                change.said_at[owner],
                change.state[owner],
                change.withdrawn_at[owner],
                number,
            )

    def _withdrawals(self, number: int, source_ids: SourceIds) -> Iterator[pa.Table]:
        unnamed = np.flatnonzero(self.difference.unnamed)
        for start in range(0, len(unnamed), _PIECE):
            gone = self.standing.chosen(unnamed[start : start + _PIECE])
            rows = withdrawal_rows(source_ids(gone))
            keys = claim_keys(rows.column("source_id"))
            order = sort_keys(keys)
            # A veto by hand stays over what is withdrawn beneath it.
            state = np.where(gone.state == STANDS, WITHDRAWN, gone.state)
            yield batch_rows(
                self.after.name,
                rows.take(pa.array(order)),
                keys[order],
                _each(fingerprints(rows.slice(0, 1), np.array([0, 1])), len(rows)),
                np.full(len(rows), self.difference.now, dtype=np.int64),
                state.astype(np.uint8),
                gone.withdrawn_at,
                number,
            )


_PIECE = 65_536
_QUARANTINED = ["source_id", "algorithm", "digest", "quarantine"]
_PLAIN = ListSettings("plain")
_A = {Role.BLOCK: "a block", Role.ALLOW: "an allow"}
_TELLING = ("partner", "role", "share_level", "mode", "algorithm", "radius", "releases")
"""Settings by which a list matches, or leaves, otherwise than its user may think."""


def _shown(setting: object) -> str:
    if isinstance(setting, Mapping):
        return ", ".join(f"{key} {value}" for key, value in sorted(setting.items())) or "each algorithm's own"
    if isinstance(setting, frozenset):
        return f"{len(setting)} of its hashes, whatever quarantine says"
    return str(setting)


def _each(fingerprint: Keys, count: int) -> Keys:
    """One fingerprint for each of ``count`` rows."""
    return np.repeat(fingerprint, count, axis=0)


def plan(
    file: ListFile,
    part: ListPart,
    name: str | None,
    said: Mapping[str, object],
    before: ListSettings | None,
    standing: StandingOf,
    now: int,
) -> Change:
    """What a file does to one list.

    Args:
        file: The file.
        part: What it says of the list.
        name: What the user calls the list, if anything.
        said: Settings that the user states, by the names of ``ListSettings``.
        before: The list's settings until now, if it exists.
        standing: What stands of it, of all claims or only among some.
        now: Time of import, microseconds since 1970.

    Raises:
        InvalidValue: If nothing names the list, nothing says whether the file replaces it, or the list has a role that
            files of this format cannot have.
        FormatError: If a file that is a whole list holds no good row, or a partial export would cut claims.
    """
    after = settle(part, name, before, said)
    if "mode" not in said and file.format.mode is not None:
        after = replace(after, mode=file.format.mode)
    only = file.format.role
    if only is not None and after.role is not only:
        raise InvalidValue(
            f"{after.name} is {_A[after.role]} list; {file.format.name} files are for {only} lists alone"
        )
    if before is not None and after.mode is None:
        raise InvalidValue(
            f"{file.origin} does not say whether it replaces {after.name} or updates it: say so once, the list remembers"
        )
    # A file that has rows of other lists may say of a new one that it is empty.
    if after.mode is not Mode.UPDATE and not part.rows and (before is not None or not file.rows):
        why = f"; line {file.rejects[0].line}: {file.rejects[0].reason}" if file.rejects else ""
        raise FormatError(f"{file.origin} holds no good row of {after.name}{why}")
    mode = after.mode or Mode.UPDATE
    stands = standing(part.words.keys if mode is Mode.UPDATE else None)
    change = difference(stands, part.words, mode, now, part.rejected, row_is_word=file.format.row_is_word)
    if part.partial and len(stands):
        cut = len(part.words) - change.fresh
        if cut:
            raise FormatError(
                f"{file.origin} is an export that left claims out, and {after.name} holds {cut} of its ids: "
                "importing it would cut them"
            )
    return Change(before, after, part, stands, change, frozenset(said))


def report(file: ListFile, changes: tuple[Change, ...], *, batch: int | None, dry_run: bool = False) -> ImportReport:
    """What an import did, or would do."""
    differences = [change.difference for change in changes]
    parts = [change.part for change in changes]
    return ImportReport(
        lists=tuple(change.after.name for change in changes),
        format=file.format.name,
        origin=file.origin,
        batch=batch,
        added=sum(change.added for change in differences),
        changed=sum(change.changed for change in differences),
        withdrawn=sum(change.withdrawn for change in differences),
        unchanged=sum(change.unchanged for change in differences),
        older=sum(change.older for change in differences),
        held_back=sum(change.held_back for change in differences),
        skipped=file.skipped,
        duplicates=sum(part.duplicates for part in parts),
        quarantined=sum(len(rows) for change in changes for rows in change.quarantined()),
        unbalanced=sum(part.unbalanced for part in parts),
        rows=sum(part.rows for part in parts),
        rejected=file.rejected,
        rejects=file.rejects,
        rejects_file=file.rejects_file,
        notes=tuple(note for change in changes for note in change.notes(dry_run=dry_run)),
        partial=file.partial,
        dry_run=dry_run,
        empty=all(change.empty for change in changes),
    )
