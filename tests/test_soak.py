"""Threads search without a pause while snapshots are swapped under them: no wrong answer, and nothing piles up.

``HASHMATCH_SOAK_SECONDS`` says how long the slow one lasts. With ``-s`` it tells what it did.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hashmatch import HashBank, Matcher, hash_file
from hashmatch.formats.source import Source
from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash, code_matrix
from hashmatch.matching import RecordNeighbors
from hashmatch.results import HashedMedia, MatchReport

from .drawing import textured
from .memory import Held, mapped_snapshots
from .rounds import FAR, RADIUS, Rounds, balanced

SPAWN = multiprocessing.get_context("spawn")
QUICK_SECONDS = 9.0
"""At least: each part goes on until everything was asked, and twice of another snapshot."""
LONG_SECONDS = float(os.environ.get("HASHMATCH_SOAK_SECONDS", "600"))
THREADS = 4
PICTURES = 4
QUERIES = 512
FIRST_ROUND = 2
"""The list that stands still is batch 1, and each round is one batch more."""
COMPACTED_EVERY = 16

GROWTH = 48 << 20
"""Bytes that the memory of the process may grow by: some ups and downs of five threads' heaps, which are about half
of it, and less than five snapshots' indexes, of which dozens are swapped."""
SNAPSHOTS_AT_ONCE = THREADS * 2 + 2
"""Each thread keeps an answer and asks for another; beside them the matcher's own and the one that replaces it."""
ASKED = ("single", "batch of 500", "upload", "picture")
SWAPS = 2
DEADLINE = 120.0
"""Seconds after which the other process hangs."""


def import_on_and_on(folder: Path, rounds: Rounds, stop: Any) -> None:
    """Publish round after round until told to stop, or until nobody is left to say it."""
    parent = multiprocessing.parent_process()
    number = FIRST_ROUND
    with HashBank.open(folder) as bank:
        while not stop.is_set() and parent is not None and parent.is_alive():
            number += 1
            publish_round(bank, rounds, number)
            if number % COMPACTED_EVERY == 0:
                bank.compact(days=0)


def publish_round(bank: HashBank, rounds: Rounds, number: int) -> None:
    source = Source(content=rounds.moving(number).csv(label(number)), name=f"{number}.csv")
    report = bank.import_list(source, "moving", mode="replace", accept_change=True, publish=True)
    assert (report.batch, report.quarantined) == (number, 0)


def label(number: int) -> str:
    return f"round:{number}"


@dataclass
class Searcher:
    """One thread's work: any question in any order, each answer compared with the truth of its snapshot."""

    matcher: Matcher
    rounds: Rounds
    pictures: list[Path]
    seed: int
    asked: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    def run(self, stop: threading.Event) -> None:
        random = np.random.default_rng(self.seed)
        questions = {"single": 1, "batch of 8": 8, "batch of 64": 64, "batch of 500": 500}
        while not stop.is_set():
            kept = self.search(1, random)
            for name, size in questions.items():
                self.search(size, random)
                self.asked[name] += 1
            group = int(random.integers(PICTURES, QUERIES // 8))
            self.check_report(self.matcher.match_hashes(self.upload(group)), group)
            self.asked["upload"] += 1
            if random.random() < 0.1:
                self.match_pictures()
            # Its snapshot may have been replaced and removed since: it answers all the same, and the same.
            self.check_records(kept)

    def search(self, size: int, random: np.random.Generator) -> RecordNeighbors:
        queries = random.integers(0, QUERIES, size)
        radius = RADIUS if random.random() < 0.9 else FAR
        limit = [None, 1, 5][int(random.integers(3))]
        found = self.matcher.search(self.rounds.queries[queries], "pdq", radius, limit)
        number = self.number_of(found.snapshot.version)
        truth = self.rounds.truth(number)
        expected = truth.answers(queries, radius, limit)
        for own, right in (
            (found.offsets, expected.offsets),
            (found.rows, expected.rows),
            (found.distances, expected.distances),
            (found.cut, expected.cut),
        ):
            assert np.array_equal(own, right), (number, queries, radius, limit)
        _, records = found.snapshot.record_rows("pdq", found.rows)
        ids = found.snapshot.take(records, ("source_id",)).column(0).combine_chunks()
        assert ids.equals(truth.claimants(expected.rows)), (number, queries, radius, limit)
        return found

    def check_records(self, found: RecordNeighbors) -> None:
        if len(found.rows):
            number = self.number_of(found.snapshot.version)
            records = found.records(0)
            claimants = self.rounds.truth(number).claimants(found.rows[:1]).to_pylist()
            assert [record.source_id for record in records] == claimants
            assert [record.labels for record in records] == [labels(record.source_id, number) for record in records]

    def match_pictures(self) -> None:
        reports = list(self.matcher.match_many(self.pictures, workers=2))
        assert [report.file for report in reports] == [str(path) for path in self.pictures]
        assert len({report.snapshot for report in reports}) == 1
        for group, report in enumerate(reports):
            self.check_report(report, group)
        self.asked["picture"] += len(reports)

    def check_report(self, report: MatchReport, group: int) -> None:
        assert report.error is None
        number = self.number_of(report.snapshot)
        told = sorted((match.record.source_id, match.distance) for match in report.matches)
        assert told == sorted(self.rounds.truth(number).matches(np.arange(8 * group, 8 * group + 8)).items())
        assert all(match.record.labels == labels(match.record.source_id, number) for match in report.matches)

    def upload(self, group: int) -> HashedMedia:
        codes = [code.tobytes() for code in self.rounds.queries[8 * group : 8 * group + 8]]
        frame = FrameHash(codes[0], orientations=dict(zip(ORIENTATIONS, codes, strict=True)))
        return HashedMedia({"pdq": MediaHash("pdq", (frame,))})

    def number_of(self, version: str) -> int:
        number = int(version.partition("-")[0])
        self.seen.add(number)
        return number


def labels(source_id: str, number: int) -> tuple[str, ...]:
    return (label(number),) if source_id.startswith("moving") else ("round:still",)


@dataclass
class Soak:
    """What some seconds of it did."""

    asked: Counter[str]
    seen: set[int]
    swaps: int
    most_snapshots: int
    """Mapped at once."""


def soak(matcher: Matcher, rounds: Rounds, pictures: list[Path], seconds: float, publisher: Any) -> Soak:
    """Search for so many seconds; the first wrong answer ends it."""
    stop = threading.Event()
    searchers = [Searcher(matcher, rounds, pictures, seed) for seed in range(THREADS)]
    swapper = Swapper(matcher)
    most = 0
    with ThreadPoolExecutor(THREADS + 1) as pool:
        try:
            running: list[Future[Any]] = [pool.submit(each.run, stop) for each in (swapper, *searchers)]
            begun = time.monotonic()
            while goes_on(time.monotonic() - begun, seconds, swapper, searchers) and not any(
                future.done() for future in running
            ):
                assert publisher.is_alive(), "the other process has ended"
                most = max(most, len(mapped_snapshots(matcher.snapshot.folder.parent) or ()))
                time.sleep(0.2)
        finally:
            stop.set()
        for future in running:
            future.result()
    asked = sum((searcher.asked for searcher in searchers), Counter[str]())
    return Soak(asked, set[int]().union(*(searcher.seen for searcher in searchers)), swapper.swaps, most)


def goes_on(passed: float, seconds: float, swapper: Swapper, searchers: list[Searcher]) -> bool:
    """Whether the time is not over, or too little was done in it, as on a busy machine, where more time may help."""
    if passed < seconds:
        return True
    seen = set[int]().union(*(searcher.seen for searcher in searchers))
    all_asked = all(any(searcher.asked[name] for searcher in searchers) for name in ASKED)
    enough = all_asked and swapper.swaps >= SWAPS and len(seen) > SWAPS
    return not enough and passed < seconds + DEADLINE


@dataclass
class Swapper:
    """The thread that goes over to each snapshot as soon as it is there."""

    matcher: Matcher
    swaps: int = 0

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            self.swaps += self.matcher.refresh()


@contextmanager
def publishing(folder: Path, rounds: Rounds) -> Iterator[Any]:
    """Another process that publishes as long as the block lasts, and ends without an error."""
    stop = SPAWN.Event()
    process = SPAWN.Process(target=import_on_and_on, args=(folder, Rounds(rounds.queries), stop))
    process.start()
    try:
        yield process
        stop.set()
        process.join(DEADLINE)
        assert process.exitcode == 0
    finally:
        process.kill()


def draw(folder: Path) -> tuple[list[Path], Rounds]:
    """Pictures, and rounds about the hashes of their orientations, and about others."""
    paths = [folder / f"{number}.png" for number in range(PICTURES)]
    turned: list[bytes] = []
    for number, path in enumerate(paths):
        Image.fromarray(textured(100, 120, number)).save(path)
        (frame,) = hash_file(path, algorithms=("pdq",))["pdq"].frames
        assert frame.quality is not None
        assert frame.quality >= 50
        turned += [frame.orientations[name] for name in ORIENTATIONS]
    others = balanced(QUERIES - len(turned), np.random.default_rng(1))
    return paths, Rounds(np.concatenate([code_matrix(turned, 32), others]))


@pytest.mark.parametrize(
    "seconds",
    [pytest.param(QUICK_SECONDS, id="quick"), pytest.param(LONG_SECONDS, id="long", marks=pytest.mark.slow)],
)
def test_threads_search_while_snapshots_are_swapped(seconds: float, tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    pictures, rounds = draw(tmp_path)
    with HashBank.open(folder) as bank:
        source = Source(content=rounds.still.csv("round:still"), name="still.csv")
        assert bank.import_list(source, "still", mode="replace").quarantined == 0
        publish_round(bank, rounds, FIRST_ROUND)
        assert bank.snapshot().indexes == {"pdq": "multi_index"}
    matcher = Matcher.open(folder)
    with publishing(folder, rounds) as publisher:
        # All that is made once is made in the first part, and what is made again and again may not grow in the second.
        soak(matcher, rounds, pictures, seconds / 3, publisher)
        before = Held.now(folder / "snapshots")
        done = soak(matcher, rounds, pictures, seconds * 2 / 3, publisher)
        after = Held.now(folder / "snapshots")
    tell(done, before, after)
    assert min(done.asked[name] for name in ASKED) > 0
    assert done.swaps >= SWAPS
    assert len(done.seen) > SWAPS
    if before is not None and after is not None:
        assert after.memory - before.memory < GROWTH
        assert after.snapshots == {matcher.version}
        assert after.descriptors <= before.descriptors
        assert done.most_snapshots <= SNAPSHOTS_AT_ONCE


def tell(done: Soak, before: Held | None, after: Held | None) -> None:
    counts = ", ".join(f"{count} × {name}" for name, count in sorted(done.asked.items()))
    print(f"\n{counts}; {len(done.seen)} snapshots answered, {done.swaps} swaps, at most {done.most_snapshots} mapped")
    if before is not None and after is not None:
        print(
            f"private memory {before.memory / 2**20:.1f} -> {after.memory / 2**20:.1f} MiB, "
            f"descriptors {before.descriptors} -> {after.descriptors}, snapshots mapped at the end: {len(after.snapshots)}"
        )
