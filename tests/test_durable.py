from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hashmatch import HashBank, durable
from hashmatch.durable import locked, output, remove_unfinished, rename_folder, sync_folder, write_file, writing
from hashmatch.errors import BankBusy, BankError

from .forking import true_in_child


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files and folders that are synced, in order."""
    names: list[str] = []
    opened: dict[int, str] = {}
    open_, fsync = os.open, os.fsync

    def os_open(path: Path, *arguments: int) -> int:
        descriptor = open_(path, *arguments)
        opened[descriptor] = Path(path).name
        return descriptor

    def os_fsync(descriptor: int) -> None:
        names.append(opened.pop(descriptor, "(stream)"))
        fsync(descriptor)

    monkeypatch.setattr(os, "open", os_open)
    monkeypatch.setattr(os, "fsync", os_fsync)
    return names


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_written_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with writing(path) as stream:
        stream.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert names_in(tmp_path) == ["file"]


def test_content_is_synced_before_the_name(tmp_path: Path, synced: list[str]) -> None:
    write_file(tmp_path / "file", b"content")
    assert synced == ["(stream)", tmp_path.name]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("before", [None, b"before"])
def test_an_error_leaves_what_stood_and_nothing_beside_it(
    tmp_path: Path, error: type[BaseException], before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)

    def fail() -> None:
        with writing(path) as stream:
            stream.write(b"x" * 100_000)
            raise error

    with pytest.raises(error):
        fail()
    assert names_in(tmp_path) == ([] if before is None else ["file"])
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_what_stood_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "file").write_bytes(b"before")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OSError, match="No space left"):
        write_file(tmp_path / "file", b"after")
    assert (tmp_path / "file").read_bytes() == b"before"
    assert names_in(tmp_path) == ["file"]


def test_a_file_cannot_take_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "folder", b"content")
    assert names_in(tmp_path) == ["folder"]


def test_what_a_killed_writer_left_is_written_over_and_removed(tmp_path: Path) -> None:
    for name in (".file.new", ".other.new"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    write_file(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"
    assert names_in(tmp_path) == [".other.new", "file"]
    remove_unfinished(tmp_path)
    assert names_in(tmp_path) == ["file"]


def test_a_folder_is_renamed_durably(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "new").mkdir()
    write_file(tmp_path / "new" / "file", b"content")
    synced.clear()
    rename_folder(tmp_path / "new", tmp_path / "final")
    assert synced == [tmp_path.name]
    assert (tmp_path / "final" / "file").read_bytes() == b"content"
    assert names_in(tmp_path) == ["final"]


def test_folders_are_synced_by_path(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "file").write_bytes(b"content")
    sync_folder(tmp_path)
    assert synced == [tmp_path.name]
    with pytest.raises(NotADirectoryError):
        sync_folder(tmp_path / "file")


@contextmanager
def held(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Somebody else holds the lock: ``flock`` looks at open files, not at processes."""
    with locked(path, shared=shared, seconds=0):
        yield


@pytest.mark.parametrize(("theirs", "ours"), [(False, False), (False, True), (True, False)])
def test_the_lock_excludes(tmp_path: Path, theirs: bool, ours: bool) -> None:
    path = tmp_path / "lock"
    busy = pytest.raises(BankBusy, match=f"{path}.*0.05 s")
    with held(path, shared=theirs), busy, locked(path, shared=ours, seconds=0.05):
        pytest.fail("both hold it")
    with locked(path, shared=ours, seconds=0):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_readers_hold_the_lock_together(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    together = held(path, shared=True), held(path, shared=True), locked(path, shared=True, seconds=0)
    with together[0], together[1], together[2], pytest.raises(BankBusy), locked(path, seconds=0):
        pytest.fail("a writer came in")


def test_who_waits_gets_the_lock(tmp_path: Path) -> None:
    path, taken, go = tmp_path / "lock", threading.Event(), threading.Event()

    def hold() -> None:
        with locked(path):
            taken.set()
            go.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    assert taken.wait(30)
    threading.Timer(0.1, go.set).start()
    with locked(path, seconds=30):
        assert go.is_set()
    other.join()


def test_readers_who_come_and_go_do_not_keep_a_writer_out(tmp_path: Path) -> None:
    path, stop = tmp_path / "lock", threading.Event()
    entered = [threading.Event(), threading.Event()]

    def read(own: threading.Event, other: threading.Event) -> None:
        while not stop.is_set():
            with locked(path, shared=True, seconds=60):
                own.set()
                # One does not go before the other is inside, unless somebody keeps that one out.
                other.wait(0.5)
                other.clear()

    readers = [threading.Thread(target=read, args=pair) for pair in (entered, entered[::-1])]
    for reader in readers:
        reader.start()
    try:
        for _ in range(3):
            with locked(path, seconds=20):
                pass
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def test_an_error_lets_go_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), locked(tmp_path / "lock"):
        raise ValueError("inside")
    with locked(tmp_path / "lock", seconds=0):
        pass


def test_a_child_forked_under_the_lock_does_not_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    reading, writing_end = os.pipe()
    with warnings.catch_warnings(), locked(path):
        warnings.simplefilter("ignore", DeprecationWarning)
        if (child := os.fork()) == 0:
            os.close(writing_end)
            os.read(reading, 1)
            os._exit(0)
    try:
        with locked(path, seconds=0):
            pass
    finally:
        os.close(writing_end)
        os.close(reading)
        os.waitpid(child, 0)


def test_a_child_does_not_hold_what_its_parent_holds(tmp_path: Path) -> None:
    def refused() -> bool:
        try:
            with locked(tmp_path / "lock", seconds=0):
                return False
        except BankBusy:
            return True

    with locked(tmp_path / "lock"):
        assert true_in_child(refused)


def test_a_lock_that_cannot_be_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BankError, match=r"cannot be locked: No such file"), locked(tmp_path / "none" / "lock"):
        pytest.fail("there is no folder")

    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(BankError, match="cannot be locked: No locks"), locked(tmp_path / "lock"):
        pytest.fail("there are no locks")


def test_a_new_bank_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        HashBank.open(tmp_path / "above" / "bank").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "above" / "bank").stat().st_mode) == 0o700


def test_a_folder_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    folder.chmod(0o750)
    HashBank.open(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_the_folders_above_a_new_bank_are_synced(tmp_path: Path, synced: list[str]) -> None:
    HashBank.open(tmp_path / "above" / "bank").close()
    assert {tmp_path.name, "above", "bank"} <= set(synced)


def test_busy_names_the_seconds_that_were_asked_for(tmp_path: Path) -> None:
    HashBank.open(tmp_path / "bank").close()
    assert durable.LOCK_SECONDS == 60
    with held(tmp_path / "bank" / "lock"), pytest.raises(BankBusy, match=r"for 0\.1 s"):
        HashBank.open(tmp_path / "bank", lock_seconds=0.1)


def test_output_takes_the_place_of_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"before")
    with output(path) as stream:
        stream.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"

    def stop() -> None:
        with output(path) as stream:
            stream.write(b"torn")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        stop()
    assert path.read_bytes() == b"after"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_output_follows_a_link_to_what_it_names(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"before")
    link.symlink_to(target)
    with output(link) as stream:
        stream.write(b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_output_overwrites_nothing_that_stands_beside(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    (tmp_path / ".out.csv.new").symlink_to(victim)
    with output(tmp_path / "out.csv") as stream:
        stream.write(b"after")
    assert victim.read_bytes() == b"kept"


def test_output_goes_into_a_pipe_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    with output(path) as stream:
        stream.write(b"told")
    reader.join(10)
    assert read == [b"told"]
    assert path.is_fifo()


def test_output_into_a_device_leaves_the_device(tmp_path: Path) -> None:
    with output(Path(os.devnull)) as stream:
        stream.write(b"nothing")
    assert Path(os.devnull).is_char_device()


def test_output_that_cannot_be_written_names_what_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing, output(tmp_path / "no" / "out.csv"):
        pass
    assert missing.value.filename == str(tmp_path / "no" / "out.csv")
    with pytest.raises(IsADirectoryError), output(tmp_path):
        pass


@pytest.mark.parametrize("where", ["/dev/stdout", "/proc/self/fd/1"])
def test_output_goes_on_where_something_is_open_already(where: str, tmp_path: Path) -> None:
    code = f"from pathlib import Path; from hashmatch.durable import output\nwith output(Path({where!r})) as s: s.write(b'new')"
    log = tmp_path / "audit.log"
    log.write_bytes(b"old ")
    with log.open("ab") as stream:
        subprocess.run([sys.executable, "-c", code], stdout=stream, check=True)
    assert log.read_bytes() == b"old new"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"new"
    assert list(tmp_path.iterdir()) == [log]


def test_output_to_what_is_not_open_names_what_was_asked_for() -> None:
    free = os.dup(0)
    os.close(free)
    with pytest.raises(OSError, match="Bad file descriptor") as closed, output(Path(f"/dev/fd/{free}")):
        pass
    assert closed.value.filename == f"/dev/fd/{free}"


def test_output_may_be_read_by_whom_the_file_before_could_be(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.touch()
    path.chmod(0o600)
    with output(path) as stream:
        assert stat.S_IMODE(os.fstat(stream.fileno()).st_mode) == 0o600
        stream.write(b"amber")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
