"""Matcher: what was hashed of an upload, against one snapshot."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .algorithms import ALGORITHMS
from .algorithms.base import PerceptualAlgorithm
from .allowing import judge, weigh
from .errors import InvalidValue
from .frames import DEFAULT_LIMITS
from .hashes import Codes
from .hashing import HashOptions, hash_one
from .hits import find, look_up
from .indexes import AUTO, Neighbors
from .loading import load_lists
from .query_codes import upload_codes
from .records import HashRecord, ListSettings, MediaType
from .results import HashedMedia, HashReport, ImportReport, MatchReport
from .sampling import Wanted
from .snapshot import Snapshot, current
from .terms import Radius, Terms, block_lists
from .thoroughness import Search, Thoroughness
from .uploads import check_workers, gather, hash_each
from .video_rule import VideoRule
from .watching import watch

TOGETHER = 256
"""Files that ``match_many`` looks up together unless told otherwise."""


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
    """Matches uploads against a snapshot. It writes nothing into a bank, takes no lock on it, and survives a fork.

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
    def open(cls, bank_folder: str | os.PathLike[str], index: str = AUTO) -> Matcher:
        """Match against what a bank has published.

        Args:
            bank_folder: The bank's folder.
            index: Which kind of index answers over perceptual codes: ``"auto"``, the published one, which is that
                expected to be the fastest; or ``"faiss_flat"`` or ``"multi_index"``, in memory where it was not
                published. All give the same answers.

        Raises:
            BankNotFound: If there is no bank in the folder.
            NotPublished: If it has published nothing, or no block list holds a hash that could match.
            BankDamaged: If the snapshot's files are missing or altered.
            InvalidValue: If there is no such index.
        """
        folder = Path(bank_folder)
        return cls(Snapshot.open_current(folder, index), folder)

    @classmethod
    def from_lists(cls, paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], index: str = AUTO) -> Matcher:
        """Match against list files, without a bank; each is taken as a whole list.

        A ``lists.json`` beside them says what they are called, whose they are, and whether they block or allow; else
        a file's own header does, else it blocks and is called after the file.

        Args:
            paths: Files, and folders, in which what is in a known format is taken.
            index: As for ``open``.

        Returns:
            A matcher whose ``reports`` say what was taken of each file, and whose ``left`` names the files of folders
            that were not, and why.

        Raises:
            FormatError: If a file is in no known format or holds no good row, or nothing was loaded.
            NotPublished: If no block list holds a hash that could match.
            InvalidValue: If there is no such index.
        """
        loaded = load_lists([paths] if isinstance(paths, (str, os.PathLike)) else paths, index)
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
        newer = Snapshot.open_current(self._bank_folder, self._snapshot.choice)
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
        video_rule: VideoRule | None = None,
        search: Search = Thoroughness.TURNED,
        fast: bool = True,
        sampling: Wanted = None,
    ) -> MatchReport:
        """Hash one upload and match it.

        Args:
            source: A path, or what ``hash_image`` takes: an array, a Pillow image, bytes, a file object.
            radius: Inclusive, in bits: one number for the longest perceptual codes that the snapshot holds (PDQ, where
                it does), or by algorithm. It wins over the radius of a list, which wins over the algorithm's own.
                Digests are matched exactly.
            lists: Names of the block lists to ask; None: all. Allow lists always apply.
            min_quality: Least quality of the upload's PDQ hash; None: the algorithm's own (50); 0 matches any.
            video_rule: What a video or an animation must share with a known video; None: ``VideoRule()``.
            search: As what else than as it is a picture or a frame is searched: ``"plain"``, nothing; ``"turned"``, in all
                eight orientations; ``"thorough"``, also without borders, bars, captions and frames around it, and with
                small margins put back that were cropped off. A match says which ``view`` found it.
            fast: Decode pixels as ``hash_file`` does if it is asked to be fast; False: at full size.
            sampling: Which frames of a video are hashed, as for ``hash_file``.

        Returns:
            The report; a file that cannot be read, or whose pixels cannot, is one with an ``error``.

        Raises:
            InvalidValue: If an argument makes no sense.
            UnknownName: If a radius is given for an algorithm that does not exist, or there is no such ``search``.
            UnknownList: If the snapshot has no block list of a name.
            NotPublished: If the lists that are named hold no hash that could match.
        """
        snapshot = self._snapshot
        terms = Terms.of(snapshot, radius, lists, min_quality, video_rule, search)
        options = HashOptions.of(snapshot.algorithms, DEFAULT_LIMITS, fast, sampling, terms.search.views)
        return next(_reports(snapshot, (hash_one(source, options),), terms))

    def match_many(
        self,
        paths: Iterable[Any],
        *,
        workers: int | None = None,
        together: int = TOGETHER,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
        video_rule: VideoRule | None = None,
        search: Search = Thoroughness.TURNED,
        fast: bool = True,
        sampling: Wanted = None,
    ) -> Iterator[MatchReport]:
        """Hash and match files, all against the one snapshot that answers now.

        Those that are hashed within half a second are looked up together, which is faster; the reports are those of
        ``match``.

        Args:
            paths: The files, or whatever ``match`` takes; taken as they are needed. None says that there is nothing
                yet, so that what was taken is answered.
            workers: How many processes hash; None: one for each core; 0: none, and everything happens in the calling
                thread. Then, and with ``together=1``, each path is answered before the next is taken.
            together: At most so many files are looked up together.
            radius: As for ``match``, as are ``lists``, ``min_quality``, ``video_rule``, ``search`` and ``fast``.
            lists: Names of the block lists to ask; None: all.
            min_quality: Least quality of an upload's PDQ hash.
            video_rule: What a video must share with a known one.
            search: As what else than as it is a picture is searched.
            fast: Whether pixels may be decoded at a reduced scale.
            sampling: Which frames of a video are hashed, as for ``hash_file``.

        Returns:
            One report per path, in their order; a bad file is a report with an ``error``.

        Raises:
            As ``match``, at once.
        """
        if together < 1:
            raise InvalidValue(f"there must be at least 1 file looked up together, not {together}")
        processes = check_workers(workers)
        snapshot = self._snapshot
        terms = Terms.of(snapshot, radius, lists, min_quality, video_rule, search)
        options = HashOptions.of(snapshot.algorithms, DEFAULT_LIMITS, fast, sampling, terms.search.views)
        return _stream(snapshot, hash_each(paths, options, processes), together, terms)

    def match_hashes(
        self,
        hashed: HashedMedia,
        *,
        radius: Radius = None,
        lists: Iterable[str] | None = None,
        min_quality: int | None = None,
        video_rule: VideoRule | None = None,
        search: Search = Thoroughness.TURNED,
    ) -> MatchReport:
        """Match hashes that were computed elsewhere; arguments and errors as for ``match``.

        Raises:
            InvalidValue: Also if a digest has not its algorithm's length; or if the search is to be thorough, and pixels
                were hashed without ``views``.
        """
        snapshot = self._snapshot
        terms = Terms.of(snapshot, radius, lists, min_quality, video_rule, search)
        without = terms.search.views and not hashed.views
        if without and any(_has_views(name) for name in snapshot.algorithms if name in hashed):
            raise InvalidValue("a thorough search needs hashes of views: hash with views=True")
        return next(_reports(snapshot, (HashReport(hashed.file, hashed),), terms))

    def search(
        self, codes: Codes, algorithm: str = "pdq", radius: int | None = None, limit: int | None = None
    ) -> RecordNeighbors:
        """Look codes up, arrays in and arrays out.

        This is the bare lookup: no allow list, no expiry, no list's own radius and no orientation applies.

        Args:
            codes: ``uint8[q, bytes]``.
            algorithm: Whose codes they are.
            radius: Inclusive, in bits; None: the algorithm's own.
            limit: At most so many hashes per code, from 1 up: the nearest. ``cut`` of the answer says of which codes
                there are more. None: all.

        Raises:
            UnknownName: If the snapshot holds no record of that algorithm.
            IndexMismatch: If the codes have another length, the radius is negative or above their length (for digests,
                above 0), or the limit is below 1.
        """
        snapshot = self._snapshot
        within = ALGORITHMS[algorithm].radius if radius is None else radius
        found = snapshot.index(algorithm, within).search(codes, within, limit)
        return RecordNeighbors(found.offsets, found.rows, found.distances, found.cut, snapshot, algorithm)


def _stream(
    snapshot: Snapshot, uploads: Generator[HashReport | None, None, None], together: int, terms: Terms
) -> Iterator[MatchReport]:
    """One report per upload, in their order, as they are hashed."""
    with closing(uploads):
        for some in gather(uploads, together):
            yield from _reports(snapshot, some, terms)


def _reports(snapshot: Snapshot, uploads: Sequence[HashReport], terms: Terms) -> Iterator[MatchReport]:
    """One report per upload, in their order; the codes of all of them are looked up together."""
    queries = [
        {} if upload.hashed is None else upload_codes(upload.hashed, snapshot.algorithms, terms) for upload in uploads
    ]
    neighbors = {
        algorithm: look_up(snapshot, [own[algorithm] for own in queries if algorithm in own], terms)
        for algorithm in snapshot.algorithms
    }
    for upload, own in zip(uploads, queries, strict=True):
        hashed = upload.hashed
        if hashed is None:
            yield MatchReport(upload.file, snapshot.version, error=upload.error)
            continue
        now = datetime.now(timezone.utc)
        near = [(codes, next(neighbors[name])) for name, codes in own.items()]
        found = weigh(snapshot, [find(snapshot, codes, some, terms, now) for codes, some in near if len(some.rows)])
        verdict = judge(found)
        watched = watch(found, terms.videos)
        yield MatchReport(
            upload.file,
            snapshot.version,
            hashed,
            verdict.matches,
            verdict.suppressed,
            tuple(name for name in snapshot.algorithms if name in hashed.hashes and name not in own),
            _shortfall(snapshot, hashed),
            watched.videos,
            watched.suppressed,
        )


def _has_views(name: str) -> bool:
    algorithm = ALGORITHMS[name]
    return isinstance(algorithm, PerceptualAlgorithm) and algorithm.has_views


def _shortfall(snapshot: Snapshot, hashed: HashedMedia) -> str | None:
    """Why the upload, or its pixels, could not be matched; None if it could as far as it can be."""
    failed = {name: reason for name, reason in hashed.failures.items() if name in snapshot.algorithms}
    if not any(name in hashed.hashes for name in snapshot.algorithms):
        if failed:
            return next(iter(failed.values()))
        return f"it has no hash of {', '.join(snapshot.algorithms)}, which is what the snapshot holds"
    if hashed.damage is not None:
        return hashed.damage
    pixels = [reason for name, reason in failed.items() if ALGORITHMS[name].radius]
    if pixels and hashed.media_type in (MediaType.IMAGE, MediaType.VIDEO):
        return f"its pixels were not matched: {pixels[0]}"
    return None
