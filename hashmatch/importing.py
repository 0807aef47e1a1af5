"""A list file in, checked words and rejects out. Nothing is written here, and no lock is held."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .checking import Checked, check, check_id, check_settings, sizes
from .claims import claim_keys
from .codes import digest_codes
from .differences import Rejected
from .errors import FormatError, InvalidValue
from .formats import FORMATS, recognise
from .formats.base import ListFormat, RawRows, ReadOptions
from .formats.source import Source
from .records import ListSettings, RowError, check_list_name, settings_from_json
from .rejecting import RejectTable
from .scratch import Scratch
from .words import HELD_BYTES, WordGatherer, Words

KEPT_REJECTS = 1000
"""How many rejects a report names; all are counted."""

HOPELESS = 100_000
"""So many rejects before the first good row, and the file is not what it is taken for."""

MOST_LISTS = 1000
"""How many lists one file may speak of."""

_WORTHWHILE = HELD_BYTES >> 7
"""Bytes of one list that are not set aside: of ``MOST_LISTS`` small lists they are not too many, and each would be cut
into very small pieces."""

Progress = Callable[[int], None]
"""Called with the number of rows read so far."""


@dataclass(frozen=True)
class ListPart:
    """What a file says of one list."""

    name: str | None
    """None: of the one list that the file is, whatever that is called."""
    stated: Mapping[str, object]
    """Settings that the file states, by the names of ``ListSettings``."""
    partial: bool
    """The file says of itself that claims of the list were left out."""
    checkpoint: str | None
    """Where the feed that this is a page of is to be taken up again."""
    words: Words
    rejected: Rejected
    rows: int
    duplicates: int
    unbalanced: int


@dataclass(frozen=True)
class ListFile:
    """What a file says, checked."""

    origin: str
    sha256: str
    format: ListFormat
    parts: tuple[ListPart, ...]
    rejected: int
    rejects: tuple[RowError, ...]
    """The first of them."""
    rejects_file: str | None = None
    """Where all of them were written."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many records of each kind are no hashes, and were neither taken nor rejected."""

    @property
    def rows(self) -> int:
        """How many rows were taken."""
        return sum(part.rows for part in self.parts)

    @property
    def partial(self) -> bool:
        """Whether the file says of itself that claims were left out."""
        return any(part.partial for part in self.parts)


def read_list(
    source: Source,
    *,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    algorithm: str | None = None,
    source_id: str | None = None,
    progress: Progress | None = None,
    rejects: RejectTable | None = None,
) -> ListFile:
    """Read and check a list file.

    Args:
        source: The file.
        format: Its format's name; None: recognised from name and content, or from the names of mapped columns.
        columns: Our field -> the column of the file that holds it.
        algorithm: Of hashes that do not name theirs and whose length fits several.
        source_id: Of the claim that the file is; only for formats whose files are one claim.
        progress: Called after each chunk.
        rejects: Where every reject is written.

    Raises:
        FormatError: If the file is not in the format at all, or in none; or if it never names the
            algorithm of hashes whose length fits several.
        InvalidValue: If no claim can have that id, or a file in this format is not one claim.
        UnknownName: If there is no such format or algorithm.
    """
    mapped = tuple((columns or {}).values())
    chosen = recognise(source, sizes(), mapped) if format is None else FORMATS[format]
    if algorithm is not None:
        algorithm = ALGORITHMS[algorithm].name
    if source_id is not None:
        source_id = check_id(source_id)
        _check_one_claim(source, chosen)
    gathering = _Gathering(chosen, source.name, rejects)
    options = ReadOptions(dict(columns or {}), sizes(), algorithm, source_id)
    for chunk in chosen.read(source, options):
        gathering.take(chunk, algorithm)
        if progress is not None:
            progress(gathering.read)
    return gathering.finished(source)


def _check_one_claim(source: Source, chosen: ListFormat) -> None:
    if not chosen.one_claim:
        named = ", ".join(name for name in FORMATS if FORMATS[name].one_claim)
        raise InvalidValue(
            f"{source.name} is {chosen.name}, which says its ids itself: an id is given to {named} alone"
        )


@dataclass
class _Gathered:
    """What was said of one list so far."""

    words: WordGatherer
    stated: dict[str, object] = field(default_factory=dict)
    partial: bool = False
    checkpoint: str | None = None


@dataclass
class _Spoken:
    """Which claims rejects spoke of."""

    keys: bytearray = field(default_factory=bytearray)
    unreadable: int = 0

    def add(self, reject: RowError) -> None:
        # Formats reject rows before blanks around the id are taken off.
        source_id = (reject.source_id or "").strip()
        if source_id:
            self.keys += claim_keys([source_id]).tobytes()
        else:
            self.unreadable += 1


class _Gathering:
    """Everything that a file has said so far."""

    def __init__(self, format: ListFormat, origin: str, written: RejectTable | None) -> None:
        self.format = format
        self.origin = origin
        self.written = written
        self.read = 0
        self.rejected = 0
        self.rejects: list[RowError] = []
        self.lists: dict[str | None, _Gathered] = {}
        self.spoken: dict[str | None, _Spoken] = defaultdict(_Spoken)
        self.skipped: Counter[str] = Counter()
        self._scratch = Scratch()
        self._ambiguous: RowError | None = None
        self._named = False

    def take(self, chunk: RawRows, algorithm: str | None) -> None:
        """Check a chunk and keep what is good."""
        self.read += len(chunk.rows)
        for header in chunk.headers:
            self._take_header(header)
        rejects = list(chunk.rejects)
        if len(chunk.rows):
            checked = check(chunk.rows, algorithm)
            rejects += checked.rejects
            self._take_rows(checked)
        for reject in sorted(rejects, key=lambda reject: reject.line):
            self._reject(reject)
        if self.rejected >= HOPELESS and not any(gathered.words.rows for gathered in self.lists.values()):
            raise FormatError(f"none of the first {self.rejected} rows is good; the first: {self.rejects[0].reason}")

    def _take_header(self, header: Mapping[str, object]) -> None:
        skipped = header.get("skipped")
        if isinstance(skipped, dict):
            self.skipped.update(skipped)
            return
        try:
            name = header.get("name")
            gathered = self._of(None if name is None else check_list_name(str(name)))
            stated = check_settings(settings_from_json(header))
        except InvalidValue as error:
            raise FormatError(f"the header of a list cannot be read: {error}") from error
        if name is None:
            gathered.checkpoint = header.get("checkpoint") or gathered.checkpoint  # type: ignore[assignment]
            stated.pop("checkpoint", None)
        gathered.stated.update(stated)
        gathered.partial = gathered.partial or header.get("partial") is True

    def _of(self, name: str | None) -> _Gathered:
        if name not in self.lists and len(self.lists) == MOST_LISTS:
            raise FormatError(f"the file speaks of more than {MOST_LISTS} lists")
        return self.lists.setdefault(name, _Gathered(WordGatherer(self._scratch, row_is_word=self.format.row_is_word)))

    def _take_rows(self, checked: Checked) -> None:
        self._named = self._named or checked.named
        self._ambiguous = self._ambiguous or checked.ambiguous
        lists = checked.lists.dictionary_encode()
        names = [*lists.dictionary.to_pylist(), None]
        of = lists.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)
        order = np.argsort(of, kind="stable")
        limits = np.searchsorted(of[order], np.arange(len(names) + 1))
        for name, first, end in zip(names, limits[:-1].tolist(), limits[1:].tolist(), strict=True):
            if end - first == len(of) and len(of):
                self._of(name).words.add(checked.rows, checked.withdrawn)
            elif first < end:
                here = order[first:end]
                # A copy: a slice would hold the rows of all lists.
                self._of(name).words.add(checked.rows.take(pa.array(here)), checked.withdrawn[here])
        held = [gathered.words for gathered in self.lists.values()]
        while sum(words.held_bytes for words in held) > HELD_BYTES:
            largest = max(held, key=lambda words: words.held_bytes)
            if largest.held_bytes < _WORTHWHILE:
                break
            largest.set_aside()

    def _reject(self, reject: RowError) -> None:
        self.rejected += 1
        if len(self.rejects) < KEPT_REJECTS:
            self.rejects.append(reject)
        if self.written is not None:
            self.written.add(self.origin, reject)
        name = None if reject.list is None else reject.list.strip()
        # Beyond so many lists a reject counts as one of any of them.
        self.spoken[name if name in self.spoken or len(self.spoken) < MOST_LISTS else None].add(reject)

    def finished(self, source: Source) -> ListFile:
        """All of it."""
        if self._ambiguous is not None and not self._named:
            raise FormatError(f"{self.origin}, line {self._ambiguous.line}: {self._ambiguous.reason}")
        self._adopt_nameless()
        return ListFile(
            origin=self.origin,
            sha256=source.sha256,
            format=self.format,
            parts=tuple(self._part(name, gathered) for name, gathered in self.lists.items()),
            rejected=self.rejected,
            rejects=tuple(sorted(self.rejects, key=lambda reject: reject.line)),
            rejects_file=None if self.written is None else str(self.written.path),
            skipped=dict(self.skipped),
        )

    def _adopt_nameless(self) -> None:
        """Rows that name no list belong to the only one that the file names."""
        if None not in self.lists or len(self.lists) != 2:
            if not self.lists:
                self._of(None)
            return
        nameless = self.lists.pop(None)
        (gathered,) = self.lists.values()
        gathered.words.take_over(nameless.words)
        gathered.checkpoint = nameless.checkpoint
        gathered.stated = {**nameless.stated, **gathered.stated}
        gathered.partial = gathered.partial or nameless.partial

    def _rejected(self, name: str | None) -> Rejected:
        """The rejects that may speak of a list: those that name it, and those that name none that is known."""
        mine = [spoken for named, spoken in self.spoken.items() if named == name or named not in self.lists]
        keys = b"".join(spoken.keys for spoken in mine)
        return Rejected(np.frombuffer(keys, dtype=np.uint64).reshape(-1, 2), sum(spoken.unreadable for spoken in mine))

    def _part(self, name: str | None, gathered: _Gathered) -> ListPart:
        words, duplicates = gathered.words.words()
        role = self.format.role
        return ListPart(
            name=name,
            stated=gathered.stated if role is None else {**gathered.stated, "role": role},
            partial=gathered.partial,
            checkpoint=gathered.checkpoint,
            words=words,
            rejected=self._rejected(name),
            rows=gathered.words.rows,
            duplicates=duplicates,
            unbalanced=sum(map(_unbalanced, words.columns(["algorithm", "digest", "quarantine"]))),
        )


def _unbalanced(rows: pa.Table) -> int:
    """How many PDQ rows have a number of ones other than 128, which no photo's hash has."""
    pdq = pc.and_(pc.equal(rows.column("algorithm"), "pdq"), rows.column("quarantine").is_null()).fill_null(False)
    # A part at a time: what chunks it has come from one table.
    digests = rows.column("digest").filter(pdq).combine_chunks()
    if not len(digests):
        return 0
    ones = np.bitwise_count(digest_codes(digests).view(np.uint64)).sum(axis=1, dtype=np.int64)
    return int(np.sum(ones != 128))


def settle(part: ListPart, name: str | None, before: ListSettings | None, said: Mapping[str, object]) -> ListSettings:
    """The settings of a list after an import.

    What a file's header says counts only for a list that does not exist yet; what the user says counts always,
    and so does the checkpoint of a feed, which is part of what it says of the claims.

    Args:
        part: What the file says.
        name: What the user calls the list, if anything.
        before: Its settings until now, if it exists.
        said: Settings that the user states.

    Raises:
        InvalidValue: If nothing names the list.
    """
    called = name or part.name
    if called is None:
        raise InvalidValue("the file does not say which list it is: name the list")
    settings = before or replace(ListSettings(name=called), **part.stated)  # type: ignore[arg-type]
    if part.checkpoint is not None:
        settings = replace(settings, checkpoint=part.checkpoint)
    return replace(settings, **said)  # type: ignore[arg-type]
