"""Many processes at one bank: no answer is of two states at once, nothing is lost, nothing hangs.

No timing decides anything here; the time limits only turn a hang into a failure.
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hashmatch
from hashmatch import HashBank, Matcher
from hashmatch.durable import locked
from hashmatch.errors import BankBusy
from hashmatch.formats.source import Source
from hashmatch.hashes import Codes, FrameHash, MediaHash
from hashmatch.results import HashedMedia

from .drawing import textured
from .forking import true_in_child

SPAWN = multiprocessing.get_context("spawn")
LIMIT = 240.0
"""Seconds after which a test has hung."""
ROUNDS = 25
READERS = 4
ROOT = Path(__file__).parent.parent


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def rows(number: int, picture: str) -> dict[tuple[str, str], str]:
    """What batch ``number`` says: (id, hash) -> label. Each batch changes, adds and withdraws something."""
    label = f"batch:{number}"
    claims = [("picture", picture), ("moving", digest(f"moving {number}").hex())]
    claims += [(f"grown-{n}", digest(f"grown {n}").hex()) for n in range(number + 1)]
    claims += [(f"gone-{n}", digest(f"gone {n}").hex()) for n in range(number, ROUNDS + 1)]
    return dict.fromkeys(claims, label)


def whole_list(number: int, picture: str) -> Source:
    lines = [f"{name},{code},pdq,{label}" for (name, code), label in rows(number, picture).items()]
    return Source(content="\n".join(["id,hash,algorithm,labels", *lines, ""]).encode(), name=f"{number}.csv")


def probes(picture: str) -> list[str]:
    """Every hash that any batch says."""
    return sorted({code for number in range(ROUNDS + 2) for _, code in rows(number, picture)})


def take(bank: HashBank, number: int, picture: str) -> None:
    bank.import_list(whole_list(number, picture), "moving", mode="replace", accept_change=True, publish=True)


@contextmanager
def processes(*targets: tuple[Callable[..., None], tuple[Any, ...]]):  # type: ignore[no-untyped-def]
    """Processes that have ended, without an error, when the block does."""
    started: list[BaseProcess] = [SPAWN.Process(target=target, args=arguments) for target, arguments in targets]
    with ExitStack() as stack:
        for process in started:
            process.start()
            stack.callback(process.kill)
        yield started
        deadline = time.monotonic() + LIMIT
        for process in started:
            process.join(max(0.0, deadline - time.monotonic()))
        assert [process.exitcode for process in started] == [0] * len(started)


def match_on_and_on(bank: Path, picture: Path, code: str, ready: Any, stop: Any, counts: Any) -> None:
    """Match until told to stop; every answer must be that of the batch whose snapshot it names."""
    codes = np.array([list(bytes.fromhex(probe)) for probe in probes(code)], dtype=np.uint8)
    seen: set[str] = set()
    kept = None
    matcher = Matcher.open(bank)
    ready.release()
    last = False
    while not last:
        # Asked before, so that the last round is after the last publish.
        last = stop.is_set()
        if len(seen) % 3:
            matcher.refresh()
        else:
            matcher = Matcher.open(bank)
        neighbors = matcher.search(codes, "pdq", 0)
        report = matcher.match(picture)
        check_search(neighbors, codes)
        number = int(report.snapshot.partition("-")[0])
        assert report.error is None
        assert {(m.record.source_id, m.record.labels) for m in report.matches if m.distance == 0} == {
            ("picture", (f"batch:{number}",))
        }
        if kept is not None:
            # Its snapshot may have been pruned since: it answers all the same, and the same.
            check_search(kept, codes)
        if matcher.version not in seen:
            kept = neighbors
        seen.add(matcher.version)
    assert matcher.snapshot.batch == ROUNDS + 1
    counts.put(len(seen))


def check_search(neighbors: Any, codes: Codes) -> None:
    number = neighbors.snapshot.batch
    assert neighbors.snapshot.version.startswith(f"{number:08d}-")
    positions, records = neighbors.snapshot.record_rows("pdq", neighbors.rows)
    queries = np.repeat(np.arange(len(codes)), np.diff(neighbors.offsets))[positions]
    found = {
        (record.source_id, codes[query].tobytes().hex()): record.labels
        for query, record in zip(queries, neighbors.snapshot.hash_records(records), strict=True)
    }
    picture = next(code for name, code in found if name == "picture")
    assert found == {key: (label,) for key, label in rows(number, picture).items()}
    assert [record.labels for record in neighbors.records(0)] == [(f"batch:{number}",)]


def read_on_and_on(bank: Path, code: str, ready: Any, stop: Any) -> None:
    """Read the log until told to stop; each export must be one whole batch."""
    ready.release()
    while not stop.is_set():
        with HashBank.open(bank, create=False) as opened:
            sink = io.BytesIO()
            opened.export_list(sink, "moving", allow_restricted=True)
            (entry,) = [entry for entry in opened.lists() if entry.settings.name == "moving"]
        records = [json.loads(line) for line in sink.getvalue().splitlines()[1:]]
        exported = {(record["source_id"], record["digest"]): record["labels"] for record in records}
        number = int(records[0]["labels"][0].partition(":")[2])
        assert exported == {key: [label] for key, label in rows(number, code).items()}
        assert entry.claims == len({name for name, _ in rows(entry.batch, code)})


def test_every_answer_is_true_of_the_one_snapshot_that_it_names(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(textured(200, 240)).save(picture)
    code = hashmatch.hash_file(picture, algorithms=("pdq",))["pdq"].hex
    folder = tmp_path / "bank"
    ready, stop, counts = SPAWN.Semaphore(0), SPAWN.Event(), SPAWN.Queue()
    with HashBank.open(folder) as bank:
        take(bank, 1, code)
        matching = (match_on_and_on, (folder, picture, code, ready, stop, counts))
        reading = (read_on_and_on, (folder, code, ready, stop))
        with processes(*[matching] * READERS, reading) as started:
            try:
                for _ in started:
                    assert ready.acquire(timeout=LIMIT), "a reader did not begin"
                for number in range(2, ROUNDS + 2):
                    take(bank, number, code)
                    if number % 10 == 0:
                        bank.compact(days=0)
            finally:
                stop.set()
        assert bank.snapshot(verify=True).batch == ROUNDS + 1
    versions = [counts.get(timeout=LIMIT) for _ in range(READERS)]
    assert min(versions) >= 2, "a reader saw no publish"
    assert len(list((folder / "snapshots").iterdir())) == 2


def searching(folder: Path) -> Callable[[], bool]:
    """A question whose answer is known, and which keeps an index busy."""
    matcher = Matcher.open(folder)
    codes = np.array([list(digest(f"grown {n}")) for n in range(2000)], dtype=np.uint8)
    hashed = HashedMedia({"pdq": MediaHash("pdq", (FrameHash(codes[0].tobytes()),))})

    def ask() -> bool:
        neighbors = matcher.search(codes, "pdq", 31)
        report = matcher.match_hashes(hashed)
        return np.diff(neighbors.offsets).tolist() == [1] * 2000 and len(report.matches) == 1

    return ask


def search_and_fork(folder: Path) -> None:
    ask = searching(folder)
    assert ask()
    assert true_in_child(ask)
    assert ask()
    # The child of a child, and a child of a process whose threads have searched.
    assert true_in_child(lambda: ask() and true_in_child(ask))
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert true_in_child(ask)
    for thread in threads:
        thread.join()
    assert true_in_child(ask)
    assert ask()


def test_a_search_a_fork_and_a_search_do_not_hang(tmp_path: Path) -> None:
    lines = "".join(f"{digest(f'grown {n}').hex()}\n" for n in range(2000))
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(Source(content=lines.encode(), name="many.txt"), "many", algorithm="pdq", publish=True)
    with processes((search_and_fork, (tmp_path / "bank",))):
        pass


def import_in_turn(folder: Path, who: str, rounds: int, begin: Any) -> None:
    begin.wait(LIMIT)
    for number in range(rounds):
        text = f"id,hash,algorithm\n{who}-{number},{digest(f'{who} {number}').hex()},pdq\n"
        with HashBank.open(folder) as bank:
            source = Source(content=text.encode(), name=f"{who}.csv")
            report = bank.import_list(source, "both", mode="update", accept_change=True, publish=True)
        assert (report.added, report.withdrawn) == (1, 0)


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    folder, begin, rounds = tmp_path / "bank", SPAWN.Barrier(2), 15
    # Not even the bank is there when they begin.
    with processes(*((import_in_turn, (folder, who, rounds, begin)) for who in ("one", "two"))):
        pass
    with HashBank.open(folder, create=False) as bank:
        assert [entry.number for entry in bank.history()] == list(range(1, 2 * rounds + 1))
        assert [entry.origin for entry in bank.history()].count("one.csv") == rounds
        assert bank.lists()[0].claims == 2 * rounds
        assert bank.snapshot(verify=True).records == {"pdq": 2 * rounds}
        assert bank.snapshot().batch == 2 * rounds


def hold(folder: Path, taken: Any, go: Any) -> None:
    with locked(folder / "lock"):
        taken.set()
        go.wait(LIMIT)


def test_busy_while_another_process_holds_the_lock_and_free_when_it_is_killed(tmp_path: Path) -> None:
    folder, taken, go = tmp_path / "bank", SPAWN.Event(), SPAWN.Event()
    bank = HashBank.open(folder, lock_seconds=0.3)
    holder = SPAWN.Process(target=hold, args=(folder, taken, go))
    holder.start()
    try:
        assert taken.wait(LIMIT)
        begun = time.monotonic()
        with pytest.raises(BankBusy, match=r"0\.3 s"):
            bank.publish()
        assert time.monotonic() - begun >= 0.3
        with pytest.raises(BankBusy):
            bank.history()
        assert holder.is_alive()
        os.kill(holder.pid or 0, signal.SIGKILL)
        holder.join(LIMIT)
        assert holder.exitcode == -signal.SIGKILL
    finally:
        holder.kill()
    take(bank, 1, digest("picture").hex())
    assert [entry.number for entry in bank.history()] == [1]


def test_the_command_says_that_the_bank_is_busy_in_one_sentence(tmp_path: Path) -> None:
    HashBank.open(tmp_path / "bank").close()
    code = (
        "import sys, hashmatch.durable; hashmatch.durable.LOCK_SECONDS = 0.1\n"
        "from hashmatch.cli.main import main; sys.exit(main())"
    )
    with locked(tmp_path / "bank" / "lock"):
        run = subprocess.run(
            [sys.executable, "-c", code, "lists", "--bank", str(tmp_path / "bank")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    assert run.returncode == 1
    assert run.stderr.startswith("Error: another process has held")
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""
