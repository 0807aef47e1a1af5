"""The bank as docs/bank.md tells it, with dictionaries instead of files. Written from the words, not from the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hashmatch.errors import (
    BankError,
    ChangeTooLarge,
    FormatError,
    HashmatchError,
    InvalidValue,
    RollbackRefused,
    UnknownClaim,
    UnknownList,
)
from hashmatch.records import ListSettings, Mode, ShareLevel

from .clock import micros
from .files import BLANK_PDQ, Row

Hash = tuple[str, int, str]
"""Algorithm, frame, hex."""


@dataclass(frozen=True)
class Said:
    """What a word says of one hash."""

    labels: tuple[str, ...]
    quality: int | None
    opinion: str
    date: int | None


@dataclass(frozen=True)
class Word:
    """What one file says of one claim: its rows, or, where there are none, that it is withdrawn."""

    rows: Mapping[Hash, Said]
    date: int | None
    """None where any of its rows has none."""

    @property
    def content(self) -> dict[Hash, Said]:
        """Everything but ``updated_at``."""
        return {key: replace(said, date=None) for key, said in self.rows.items()}


@dataclass(frozen=True)
class Claim:
    """What is known of a claim."""

    word: Word | None
    """None: nothing was ever said, but somebody withdrew it by hand."""
    said_at: int
    batch: int
    veto_at: int | None = None

    @property
    def known(self) -> bool:
        """Whether hashes are known of it, be it beneath a veto."""
        return self.word is not None and bool(self.word.rows)

    @property
    def stands(self) -> bool:
        return self.known and self.veto_at is None


@dataclass(frozen=True)
class List:
    """One list: its settings and what was said of its claims."""

    settings: ListSettings
    claims: Mapping[str, Claim] = field(default_factory=dict)

    @property
    def standing(self) -> dict[str, Claim]:
        return {key: claim for key, claim in self.claims.items() if claim.stands}


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    number: int
    kind: str
    time: datetime
    lists: tuple[str, ...]
    target: int | None = None
    compacted: bool = False


@dataclass(frozen=True)
class File:
    """What a file says, before anybody holds it against the bank."""

    rows: tuple[Row, ...]
    feed: bool = False
    """Every row is a word of its own."""
    mode: Mode | None = None
    """What the format knows."""
    headers: tuple[Mapping[str, object], ...] = ()
    checkpoint: str | None = None
    partial: bool = False


CONTRADICTING = {"negative", "disputed"}
"""Opinions that leave a hash disputed beside any other on it."""

COUNTS = ("added", "changed", "withdrawn", "unchanged", "older", "held_back", "duplicates", "rows", "rejected")


def words(rows: Iterable[Row], *, feed: bool) -> tuple[dict[str, Word], int]:
    """The words of good rows by claim, and how many rows said a hash again."""
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row.id.strip() if row.id else f"{row.algorithm}:{row.digest}", []).append(row)
    said, duplicates = {}, 0
    for source_id, mine in by_id.items():
        if feed:
            newest = max(range(len(mine)), key=lambda at: (mine[at].date is None, mine[at].date or 0, at))
            mine = [mine[newest]]
        live = [row for at, row in enumerate(mine) if not (row.withdrawn or _taken_back(mine, at))]
        united: dict[Hash, Said] = {}
        for row in live:
            key = (row.algorithm, row.frame, row.digest)
            labels = {*row.labels, *(united[key].labels if key in united else ())}
            opinion = row.opinion or "positive"
            if key in united and united[key].opinion != opinion and {united[key].opinion, opinion} & CONTRADICTING:
                opinion = "disputed"
            united[key] = Said(tuple(sorted(labels)), row.quality, opinion, row.date)
        duplicates += len(live) - len(united)
        dates = [*(said.date for said in united.values()), *(row.date for row in mine if row.withdrawn)]
        undated = any(date is None for date in dates)
        said[source_id] = Word(united, None if undated else max(date for date in dates if date is not None))
    return said, duplicates


def _taken_back(rows: Sequence[Row], at: int) -> bool:
    """Whether a newer row withdraws the hash of one, or withdraws without a hash."""
    ages = [(row.date is None, row.date or 0, place) for place, row in enumerate(rows)]
    mine = (rows[at].algorithm, rows[at].frame, rows[at].digest)
    return any(
        row.withdrawn and age > ages[at] and (row.hashless or (row.algorithm, row.frame, row.digest) == mine)
        for row, age in zip(rows, ages, strict=True)
    )


class Model:
    """The bank. Each method answers what the bank must answer, or raises what it must raise."""

    def __init__(self) -> None:
        self.lists: dict[str, List] = {}
        self.entries: list[Entry] = []
        """Of the batches that are there, the base first."""
        self.folded: list[Entry] = []
        self.states: dict[int, dict[str, List]] = {0: {}}

    @property
    def head(self) -> int:
        return self.entries[-1].number if self.entries else 0

    @property
    def history(self) -> list[Entry]:
        return self.folded + self.entries

    def now(self, clock: datetime) -> datetime:
        """The clock, or a microsecond after the last batch, whichever is later."""
        return max(clock, self.entries[-1].time + timedelta(microseconds=1)) if self.entries else clock

    def _write(self, kind: str, clock: datetime, names: Sequence[str], target: int | None = None) -> int:
        entry = Entry(self.head + 1, kind, self.now(clock), tuple(names), target)
        self.entries.append(entry)
        self.states[entry.number] = dict(self.lists)
        return entry.number

    def import_file(
        self, file: File, name: str | None, said: Mapping[str, object], clock: datetime, *, accept: bool, dry: bool
    ) -> dict[str, int]:
        """What an import does: the counts of its report."""
        good = [row for row in file.rows if row.broken is None]
        named = [str(header["name"]) for header in file.headers]
        if name is not None and len(named) > 1:
            raise FormatError
        parts = {part: [row for row in good if len(named) < 2 or row.list == part] for part in named or [name]}
        changes, counts, reasons = {}, dict.fromkeys(COUNTS, 0), []
        counts["rejected"] = len(file.rows) - len(good)
        stated = {str(header["name"]): header for header in file.headers}
        for part, rows in parts.items():
            called = name or part
            if called is None:
                raise InvalidValue
            before = self.lists.get(called)
            after = self._settled(file, called, stated.get(part or "", {}), said)
            if before and after.mode is None:
                raise InvalidValue
            if after.mode is not Mode.UPDATE and not rows and (before or not good):
                raise FormatError
            # A row without a hash has no list either: the column counts only beside one. It may speak of any list.
            bad = [row for row in file.rows if row.broken and (len(named) < 2 or row.list == part or row.hashless)]
            changed, mine = _spoken(before, file, rows, bad, after, micros(self.now(clock)), self.head + 1)
            if file.partial and before and any(key in before.claims for key in words(rows, feed=file.feed)[0]):
                raise FormatError
            for count, value in mine.items():
                counts[count] += value
            if before:
                reasons += _objections(before, after, mine)
            changes[called] = changed
        empty = all(self.lists.get(called) == changed for called, changed in changes.items())
        if dry:
            return counts
        if reasons and not accept:
            raise ChangeTooLarge(reasons)
        if not empty:
            self.lists.update(changes)
            self._write("import", clock, sorted(changes))
        return counts

    def _settled(
        self, file: File, called: str, stated: Mapping[str, object], said: Mapping[str, object]
    ) -> ListSettings:
        """What a header says counts for a new list only; what the user says, and a feed's checkpoint, always."""
        if called in self.lists:
            settings = self.lists[called].settings
        else:
            settings = ListSettings.from_json({**stated, "name": called})
        if file.checkpoint is not None:
            settings = replace(settings, checkpoint=file.checkpoint)
        settings = replace(settings, **said)  # type: ignore[arg-type]
        if "mode" not in said and file.mode is not None:
            settings = replace(settings, mode=file.mode)
        return settings

    def withdraw(self, name: str, source_id: str, clock: datetime, *, undo: bool) -> None:
        """Withdraw by hand, or undo that."""
        if name not in self.lists:
            raise UnknownList
        claims = dict(self.lists[name].claims)
        claim = claims.get(source_id)
        vetoed = claim is not None and claim.veto_at is not None
        if undo and not vetoed:
            raise UnknownClaim
        if vetoed and not undo:
            return
        if undo:
            assert claim is not None
            claims[source_id] = replace(claim, veto_at=None)
        else:
            claim = claim or Claim(None, -(2**60), self.head + 1)
            claims[source_id] = replace(claim, veto_at=micros(self.now(clock)))
        self.lists[name] = replace(self.lists[name], claims=claims)
        self._write("withdraw", clock, [name])

    def drop(self, name: str, clock: datetime) -> None:
        """Forget a list."""
        if name not in self.lists:
            raise UnknownList
        del self.lists[name]
        self._write("drop", clock, [name])

    def rollback(self, name: str, to: int, clock: datetime) -> None:
        """Put a list back to where it stood after a batch."""
        if to not in {entry.number for entry in self.entries}:
            raise RollbackRefused
        then = self.states[to].get(name)
        if then is None and name not in self.lists:
            raise UnknownList
        self.lists.pop(name, None)
        if then is not None:
            self.lists[name] = then
        self._write("rollback", clock, [name], to)

    def configure(self, name: str, said: Mapping[str, object], clock: datetime, *, accept: bool) -> None:
        """Change settings."""
        if name not in self.lists:
            raise UnknownList
        before = self.lists[name]
        after = replace(before.settings, **said)  # type: ignore[arg-type]
        if after == before.settings:
            return
        reasons = _settings_objections(before.settings, after)
        if reasons and not accept:
            raise ChangeTooLarge(reasons)
        self.lists[name] = replace(before, settings=after)
        self._write("settings", clock, [name])

    def compact(self, days: float, clock: datetime) -> bool:
        """Fold what is older than some days, up to no rollback's target that is kept."""
        until = self.now(clock) - timedelta(days=days)
        upto = None
        for entry in self.entries[1:]:
            kept = [later.target for later in self.entries if later.number > entry.number and later.target is not None]
            if entry.time <= until and min(kept, default=entry.number) >= entry.number:
                upto = entry
        if upto is None:
            return False
        gone = [entry for entry in self.entries if entry.number <= upto.number]
        self.folded += [replace(entry, compacted=True) for entry in gone if entry.kind != "base"]
        base = Entry(upto.number, "base", upto.time, tuple(sorted(self.states[upto.number])))
        self.entries = [base, *self.entries[len(gone) :]]
        return True

    def live(self) -> set[tuple[str, str, str, int, str]]:
        """What a snapshot holds: list, id and hash."""
        return {
            (name, source_id, *key)
            for name, own in self.lists.items()
            for source_id, claim in own.standing.items()
            for key, said in (claim.word.rows if claim.word else {}).items()
            if (said.quality is None or said.quality >= 50)
            and said.opinion != "negative"
            and (key[2] != BLANK_PDQ or (key[0], key[2]) in own.settings.releases)
        }


def _spoken(
    before: List | None,
    file: File,
    rows: Sequence[Row],
    bad: Sequence[Row],
    after: ListSettings,
    now: int,
    batch: int,
) -> tuple[List, dict[str, int]]:
    """A list after a file spoke of it, and the counts."""
    claims = dict(before.claims) if before else {}
    said, duplicates = words(rows, feed=file.feed)
    counts = dict.fromkeys(COUNTS, 0) | {"duplicates": duplicates, "rows": len(rows)}
    spoken_of = {row.id.strip() for row in bad if row.id and row.id.strip()}
    unreadable = any(not (row.id and row.id.strip()) for row in bad)
    replacing = after.mode is Mode.REPLACE
    for source_id, word in said.items():
        claim = claims.get(source_id)
        if not file.feed and source_id in spoken_of and claim is not None and claim.known:
            counts["held_back"] += 1
            continue
        said_at = now if replacing or word.date is None else min(word.date, now)
        count, outcome = _heard(claim, word, said_at, batch, lifting=not replacing and word.date is not None)
        counts[count] += 1
        claims[source_id] = outcome
    if replacing:
        for source_id, claim in list(claims.items()):
            if source_id in said or not claim.known:
                continue
            if unreadable or source_id in spoken_of:
                counts["held_back"] += claim.stands
                continue
            counts["withdrawn"] += claim.stands
            claims[source_id] = Claim(Word({}, None), now, batch, claim.veto_at)
    return List(after, claims), counts


def _heard(claim: Claim | None, word: Word, said_at: int, batch: int, *, lifting: bool) -> tuple[str, Claim]:
    """What becomes of a claim of which a word is said, and what that counts as."""
    if claim is None:
        return ("added" if word.rows else "unchanged"), Claim(word, said_at, batch)
    if claim.word == word:
        return "unchanged", claim
    if said_at < claim.said_at:
        return "older", claim
    if claim.veto_at is not None and not (lifting and word.rows and said_at > claim.veto_at):
        return ("older" if word.rows else "unchanged"), Claim(word, said_at, batch, claim.veto_at)
    after = Claim(word, said_at, batch)
    if after.stands and not claim.stands:
        return "added", after
    if claim.stands and not after.stands:
        return "withdrawn", after
    same = claim.word is not None and claim.word.content == word.content
    return ("changed" if after.stands and not same else "unchanged"), after


def _objections(before: List, after: ListSettings, counts: Mapping[str, int]) -> list[str]:
    stood = len(before.standing)
    reasons = _settings_objections(before.settings, after)
    if 10 * counts["withdrawn"] > 3 * stood:
        reasons.append("withdraws")
    altered = counts["added"] + counts["changed"]
    if 10 * altered > 3 * stood and altered > 100:
        reasons.append("alters")
    return reasons


def _settings_objections(before: ListSettings, after: ListSettings) -> list[str]:
    levels = list(ShareLevel)
    reasons = ["role"] if before.role is not after.role else []
    reasons += ["mode"] if before.mode is not None and before.mode is not after.mode else []
    return reasons + (["share level"] if levels.index(after.share_level) < levels.index(before.share_level) else [])


def outcome(call: object) -> tuple[type[HashmatchError] | None, object]:
    """What a call raises and answers."""
    try:
        return None, call()  # type: ignore[operator]
    except (BankError, FormatError, InvalidValue) as error:
        return type(error), None
