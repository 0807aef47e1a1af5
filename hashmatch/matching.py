"""Matcher: what was hashed of an upload, against one snapshot."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .algorithms import ALGORITHMS
from .allowing import judge
from .errors import InvalidValue, MediaError
from .hashes import Codes, FrameHash
from .hashing import hash_file, hash_image
from .hits import QueryCodes, find
from .indexes import Neighbors
from .loading import load_lists
from .records import HashRecord, ListSettings, MediaType
from .results import HashedMedia, ImportReport, MatchReport
from .snapshot import Snapshot, current
from .terms import Radius, Terms, block_lists


@dataclass(frozen=True)
class RecordNeighbors(Neighbors):
    """Neighbours among the codes of a snapshot, which it keeps: it can always tell whose they are."""

    snapshot: Snapshot
    algorithm: str

    def records(self, i: int) -> tuple[HashRecord, ...]:
        """Every record of the hash at ``rows[i]``, by list and id."""
        _, rows = self.snapshot.record_rows(self.algorithm, self.rows[[i]])
        return tuple(self.snapshot.hash_records(rows))


class Matcher:
    """Matches uploads against a snapshot. It never writes, takes no lock, and survives a fork.

    One matcher may be used from many threads.
    """

    def __init__(self, snapshot: Snapshot, bank_folder: Path | None = None) -> None:
        """Match against a snapshot; see ``open`` and ``from_snapshot``."""
        block_lists(snapshot)
        self._snapshot = snapshot
        self._bank_folder = bank_folder
        self.reports: tuple[ImportReport, ...] = ()
        self.left: tuple[tuple[str, str], ...] = ()

    @classmethod
    def open(cls, bank_folder: str | os.PathLike[str]) -> Matcher:
        """Match against what a bank has published.

        Raises:
            BankNotFound: If there is no bank in the folder.
            NotPublished: If it has published nothing, or no block list holds a hash that could match.
            BankDamaged: If the snapshot's files are missing or altered.
        """
        folder = Path(bank_folder)
        return cls(Snapshot.open_current(folder), folder)

    @classmethod
    def from_lists(cls, paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> Matcher:
        """Match against list files, without a bank; each is taken as a whole list.

        A ``lists.json`` beside them says what they are called, whose they are, and whether they block or allow; else
        a file's own header does, else it blocks and is called after the file.

        Args:
            paths: Files, and folders, in which what is in a known format is taken.

        Returns:
            A matcher whose ``reports`` say what was taken of each file, and whose ``left`` names the files of folders
            that were not, and why.

        Raises:
            FormatError: If a file is in no known format or holds no good row, or nothing was loaded.
            NotPublished: If no block list holds a hash that could match.
        """
        loaded = load_lists([paths] if isinstance(paths, (str, os.PathLike)) else paths)
        matcher = cls(loaded.snapshot)
        matcher.reports, matcher.left = loaded.reports, loaded.left
        return matcher

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> Matcher:
        """Match against one snapshot, always.

        Raises:
            NotPublished: If no block list holds a hash that could match.
        """
        return cls(snapshot)

    @property
    def version(self) -> str:
        """Which snapshot answers."""
        return self._snapshot.version

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that answers."""
        return self._snapshot

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What is computed of each upload: every algorithm that the snapshot holds."""
        return self._snapshot.algorithms

    @property
    def settings(self) -> Mapping[str, ListSettings]:
        """The settings of every list, by name."""
        return self._snapshot.settings

    def refresh(self) -> bool:
        """Go over to the newest snapshot; answers that were given keep theirs.

        Returns:
            Whether it is another one.

        Raises:
            BankNotFound, NotPublished, BankDamaged: As ``open``; the old snapshot goes on answering.
        """
        if self._bank_folder is None or current(self._bank_folder) == self.version:
            return False
        newer = Snapshot.open_current(self._bank_folder)
        block_lists(newer)
        changed = newer.version != self.version
        self._snapshot = newer
        return changed

    def match(
        self,
        source: Any,
        *,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
    ) -> MatchReport:
        """Hash one upload and match it.

        Args:
            source: A path, or what ``hash_image`` takes: an array, a Pillow image, bytes, a file object.
            radius: Inclusive, in bits: one number for the longest perceptual codes that the snapshot holds (PDQ, where
                it does), or by algorithm. It wins over the radius of a list, which wins over the algorithm's own.
                Digests are matched exactly.
            lists: Names of the block lists to ask; None: all. Allow lists always apply.
            min_quality: Least quality of the upload's PDQ hash; None: the algorithm's own (50); 0 matches any.

        Returns:
            The report; a file that cannot be read, or whose pixels cannot, is one with an ``error``.

        Raises:
            InvalidValue: If an argument makes no sense.
            UnknownName: If a radius is given for an algorithm that does not exist.
            UnknownList: If the snapshot has no block list of a name.
            NotPublished: If the lists that are named hold no hash that could match.
        """
        snapshot = self._snapshot
        return _match(snapshot, source, Terms.of(snapshot, radius, lists, min_quality))

    def match_many(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        workers: int = 1,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
    ) -> Iterator[MatchReport]:
        """Hash and match files, all against the one snapshot that answers now.

        Args:
            paths: The files; taken as they are needed.
            workers: How many threads; 1: the calling one.
            radius: As for ``match``, as are ``lists`` and ``min_quality``.
            lists: Names of the block lists to ask; None: all.
            min_quality: Least quality of an upload's PDQ hash.

        Returns:
            One report per path, in their order; a bad file is a report with an ``error``.

        Raises:
            As ``match``, at once.
        """
        if workers < 1:
            raise InvalidValue(f"there must be at least 1 worker, not {workers}")
        snapshot = self._snapshot
        terms = Terms.of(snapshot, radius, lists, min_quality)
        if workers == 1:
            return (_match(snapshot, path, terms) for path in paths)
        return _match_in_threads(snapshot, paths, terms, workers)

    def match_hashes(
        self,
        hashed: HashedMedia,
        *,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
    ) -> MatchReport:
        """Match hashes that were computed elsewhere; arguments and errors as for ``match``.

        Raises:
            InvalidValue: Also if a digest has not its algorithm's length.
        """
        snapshot = self._snapshot
        return _match_hashes(snapshot, hashed, Terms.of(snapshot, radius, lists, min_quality))

    def search(self, codes: Codes, algorithm: str = "pdq", radius: int | None = None) -> RecordNeighbors:
        """Look codes up, arrays in and arrays out.

        This is the bare lookup: no allow list, no expiry, no list's own radius and no orientation applies.

        Args:
            codes: ``uint8[q, bytes]``.
            algorithm: Whose codes they are.
            radius: Inclusive, in bits; None: the algorithm's own.

        Raises:
            UnknownName: If the snapshot holds no record of that algorithm.
            IndexMismatch: If the codes have another length, or the radius is beyond the index's.
        """
        snapshot = self._snapshot
        index = snapshot.index(algorithm)
        found = index.search(codes, ALGORITHMS[algorithm].radius if radius is None else radius)
        return RecordNeighbors(found.offsets, found.rows, found.distances, snapshot, algorithm)


def _match(snapshot: Snapshot, source: Any, terms: Terms) -> MatchReport:
    path = os.fspath(source) if isinstance(source, (str, os.PathLike)) else None
    try:
        hashed = (hash_image if path is None else hash_file)(source, algorithms=snapshot.algorithms)
    except MediaError as error:
        return MatchReport(None if path is None else os.fsdecode(path), snapshot.version, error=str(error))
    return _match_hashes(snapshot, hashed, terms)


def _match_hashes(snapshot: Snapshot, hashed: HashedMedia, terms: Terms) -> MatchReport:
    now = datetime.now(timezone.utc)
    found = []
    low_quality = []
    for algorithm in snapshot.algorithms:
        if algorithm not in hashed.hashes:
            continue
        frames = _fit(hashed.hashes[algorithm].frames, terms.min_quality.get(algorithm))
        if frames:
            queries = QueryCodes.of(algorithm, ALGORITHMS[algorithm].size, frames)
            found.append(find(snapshot, queries, terms, now))
        else:
            low_quality.append(algorithm)
    verdict = judge(snapshot, found)
    return MatchReport(
        hashed.file,
        snapshot.version,
        hashed,
        verdict.matches,
        verdict.suppressed,
        tuple(low_quality),
        _shortfall(snapshot, hashed),
    )


def _fit(frames: Iterable[FrameHash], min_quality: int | None) -> list[FrameHash]:
    """The frames that are good enough to be matched."""
    if min_quality is None:
        return list(frames)
    return [frame for frame in frames if frame.quality is None or frame.quality >= min_quality]


def _shortfall(snapshot: Snapshot, hashed: HashedMedia) -> str | None:
    """Why the upload, or its pixels, could not be matched; None if it could as far as it can be."""
    failed = {name: reason for name, reason in hashed.failures.items() if name in snapshot.algorithms}
    if not any(name in hashed.hashes for name in snapshot.algorithms):
        if failed:
            return next(iter(failed.values()))
        return f"it has no hash of {', '.join(snapshot.algorithms)}, which is what the snapshot holds"
    pixels = [reason for name, reason in failed.items() if ALGORITHMS[name].radius]
    if pixels and hashed.media_type in (MediaType.IMAGE, MediaType.VIDEO):
        return f"its pixels were not matched: {pixels[0]}"
    return None


def _match_in_threads(
    snapshot: Snapshot, paths: Iterable[str | os.PathLike[str]], terms: Terms, workers: int
) -> Iterator[MatchReport]:
    """Reports in the order of the paths, with few files under way at a time."""
    waiting: deque[Future[MatchReport]] = deque()
    with ThreadPoolExecutor(workers, "hashmatch") as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(_match, snapshot, path, terms))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
