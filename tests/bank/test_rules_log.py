"""docs/bank.md, "The log", sentence by sentence."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import BankBusy, BankDamaged, FormatError, InvalidValue, RollbackRefused, UnknownList
from hashmatch.formats.source import Source
from hashmatch.matching import Matcher

from .clock import START, Clock, micros
from .files import BLANK_PDQ, PDQ, Row, jsonl, tcap
from .looking import exported, known, live, objects, standing


def add(bank: HashBank, *ids: str, name: str = "one") -> None:
    bank.import_list(jsonl([Row(source_id, PDQ[0]) for source_id in ids]), name, mode="update")


def batches(bank: HashBank) -> list[str]:
    return sorted(path.name for path in (bank.folder / "batches").iterdir())


@contextmanager
def lock(bank: HashBank, kind: int) -> Iterator[None]:
    """The bank's lock, as another process would hold it."""
    with (bank.folder / "lock").open("rb+") as held:
        fcntl.flock(held, kind)
        yield


# The files.


def test_batch_is_a_file_of_rows_sorted_by_list_and_claim(bank: HashBank) -> None:
    headers = [{"name": "two"}, {"name": "one"}]
    rows = [Row(f"id{i % 40}", PDQ[i % 6], frame=i, list=name) for i in range(100) for name in ("two", "one")]
    bank.import_list(jsonl(rows, headers))
    assert batches(bank) == ["00000001.parquet"]
    table = pq.read_table(bank.folder / "batches" / "00000001.parquet")
    order = list(zip(table.column("list").to_pylist(), table.column("claim_key").to_pylist(), strict=True))
    assert len(order) == 200
    assert order == sorted(order)


def test_footer_says_what_the_batch_is(bank: HashBank) -> None:
    content = jsonl([Row("a", PDQ[0]), Row("b", PDQ[0], broken="digest")]).document()
    bank.import_list(Source(content=content, name="rows.jsonl"), "one", partner="P")
    (entry,) = bank.history()
    assert (entry.number, entry.kind, entry.lists, entry.format) == (1, "import", ("one",), "jsonl")
    assert (entry.origin, entry.sha256, entry.time) == ("rows.jsonl", hashlib.sha256(content).hexdigest(), START)
    assert (entry.counts["added"], entry.counts["rejected"], entry.counts["rows"]) == (1, 1, 1)
    (footer,) = bank._ledger.log.footers
    assert {"hashmatch", "pyarrow"} <= set(footer.versions)
    assert footer.settings["one"].partner == "P"


def test_history_tells_every_kind_of_batch(bank: HashBank) -> None:
    add(bank, "a")
    bank.withdraw("one", "a")
    bank.configure("one", partner="P")
    bank.drop_list("one")
    bank.rollback("one", 1)
    assert [entry.kind for entry in bank.history()] == ["import", "withdraw", "settings", "drop", "rollback"]
    assert bank.history()[-1].target == 1
    assert [entry.number for entry in bank.history("one")] == [1, 2, 3, 4, 5]
    with pytest.raises(UnknownList):
        bank.history("two")


def test_history_of_one_list_tells_of_it_alone(bank: HashBank) -> None:
    add(bank, "a")
    add(bank, "a", name="two")
    add(bank, "b")
    assert [entry.number for entry in bank.history("one")] == [1, 3]


@pytest.mark.parametrize("left", [".00000002.parquet.new", "00000002.parquet.tmp", "notes.txt"])
def test_what_was_not_renamed_is_no_batch(bank: HashBank, left: str) -> None:
    add(bank, "a")
    (bank.folder / "batches" / left).write_bytes(b"torn")
    again = HashBank.open(bank.folder)
    assert len(again.history()) == 1
    add(again, "b")
    assert standing(again).keys() == {"a", "b"}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "noise", "renamed"])
def test_damaged_log_is_said_to_be(bank: HashBank, damage: str) -> None:
    for source_id in "abc":
        add(bank, source_id)
    path = bank.folder / "batches" / "00000002.parquet"
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "renamed":
        path.write_bytes((bank.folder / "batches" / "00000003.parquet").read_bytes())
    else:
        path.write_bytes({"empty": b"", "cut": content[:-20], "noise": b"PAR1" * 50}[damage])
    with pytest.raises(BankDamaged):
        HashBank.open(bank.folder).lists()


# Going back.


def test_rollback_puts_a_list_back_exactly_settings_and_checkpoint_included(bank: HashBank) -> None:
    bank.import_list(tcap([Row("a", PDQ[0]), Row("b", PDQ[1])], "1,1"), "one", partner="P")
    bank.withdraw("one", "b")
    before, settings = known(bank), bank.lists()[0].settings
    bank.import_list(tcap([Row("a", PDQ[2]), Row("c", PDQ[3])], "2,2"), "one", partner="Q", share_level="red")
    bank.rollback("one", 2)
    assert known(bank) == before
    assert bank.lists()[0].settings == settings
    assert settings.checkpoint == "1,1"


def test_rollback_is_to_after_the_batch_that_is_named(bank: HashBank) -> None:
    add(bank, "a")
    add(bank, "b")
    add(bank, "c")
    bank.rollback("one", 2)
    assert standing(bank).keys() == {"a", "b"}


def test_rollback_to_before_a_rollback_undoes_it(bank: HashBank) -> None:
    for source_id in "abc":
        add(bank, source_id)
    bank.rollback("one", 1)
    bank.rollback("one", 3)
    assert standing(bank).keys() == set("abc")
    bank.rollback("one", 4)
    assert standing(bank).keys() == {"a"}


def test_rollback_is_of_one_list(bank: HashBank) -> None:
    add(bank, "a")
    add(bank, "a", name="two")
    add(bank, "b", name="two")
    add(bank, "b")
    bank.rollback("one", 3)
    assert standing(bank, "one").keys() == {"a"}
    assert standing(bank, "two").keys() == {"a", "b"}


def test_words_after_a_rollback_are_held_against_what_stands_then(bank: HashBank, clock: Clock) -> None:
    early, late = micros(START - timedelta(days=2)), micros(START - timedelta(days=1))
    bank.import_list(tcap([Row("a", PDQ[0], date=early)]), "one")
    bank.import_list(tcap([Row("a", PDQ[1], date=late)]), "one")
    bank.rollback("one", 1)
    assert bank.import_list(tcap([Row("a", PDQ[1], date=late)]), "one").changed == 1
    assert standing(bank)["a"] == {PDQ[1]}


def test_rollback_to_before_the_list_existed_takes_it_away(bank: HashBank) -> None:
    add(bank, "a", name="two")
    add(bank, "a")
    bank.rollback("one", 1)
    assert [summary.settings.name for summary in bank.lists()] == ["two"]
    # The next import is a first one.
    bank.import_list(jsonl([Row(f"id{i}", PDQ[0]) for i in range(500)]), "one", role="allow")


@pytest.mark.parametrize("to", [-1, 0, 3, 100])
def test_only_a_batch_that_is_there_can_be_gone_back_to(bank: HashBank, to: int) -> None:
    add(bank, "a")
    add(bank, "b")
    with pytest.raises(RollbackRefused, match=f"there is no batch {to}"):
        bank.rollback("one", to)


def test_drop_empties_a_list_and_a_rollback_brings_it_back(bank: HashBank) -> None:
    add(bank, "a", "b")
    bank.withdraw("one", "a")
    before = known(bank)
    bank.drop_list("one")
    assert bank.lists() == ()
    assert live(bank) == set()
    bank.rollback("one", 2)
    assert known(bank) == before


def test_after_a_drop_nothing_before_it_counts(bank: HashBank) -> None:
    add(bank, "a", "b")
    bank.withdraw("one", "a")
    bank.drop_list("one")
    add(bank, "a")
    assert standing(bank) == {"a": {PDQ[0]}}
    with pytest.raises(UnknownList):
        bank.drop_list("two")


def test_of_two_batches_that_speak_of_a_claim_the_later_holds(bank: HashBank) -> None:
    for digest in PDQ[:3]:
        bank.import_list(jsonl([Row("a", digest), Row("b", PDQ[0])]), "one", mode="update")
    assert standing(bank) == {"a": {PDQ[2]}, "b": {PDQ[0]}}
    # Only the words that win are written.
    assert pq.read_table(bank.folder / "batches" / "00000003.parquet").num_rows == 1


# Compaction.


def test_base_takes_the_name_of_the_last_batch_that_it_folds(bank: HashBank) -> None:
    for source_id in "abc":
        add(bank, source_id)
    base = bank.compact(days=0)
    assert base is not None
    assert (base.number, base.kind) == (3, "base")
    assert batches(bank) == ["00000003.parquet"]
    add(bank, "d")
    assert standing(HashBank.open(bank.folder)).keys() == set("abcd")


def test_compaction_folds_what_is_older_than_30_days_unless_said(bank: HashBank, clock: Clock) -> None:
    for source_id in "abcd":
        add(bank, source_id)
        clock.tick(20 * 86_400)
    # The batches are now 80, 60, 40 and 20 days old.
    bank.compact()
    assert batches(bank) == ["00000003.parquet", "00000004.parquet"]
    assert bank.compact() is None
    bank.compact(days=20)
    assert batches(bank) == ["00000004.parquet"]


@pytest.mark.parametrize("days", [-1, float("nan"), float("inf"), 1e12])
def test_days_that_make_no_sense_are_refused(bank: HashBank, days: float) -> None:
    add(bank, "a")
    add(bank, "b")
    with pytest.raises(InvalidValue):
        bank.compact(days)


def test_base_never_passes_the_target_of_a_rollback_that_is_kept(bank: HashBank, clock: Clock) -> None:
    for source_id in "abc":
        add(bank, source_id)
    clock.tick(40 * 86_400)
    bank.rollback("one", 2)
    bank.compact()
    assert batches(bank) == ["00000002.parquet", "00000003.parquet", "00000004.parquet"]
    assert standing(HashBank.open(bank.folder)).keys() == {"a", "b"}
    bank.compact(days=0)
    assert batches(bank) == ["00000004.parquet"]
    assert standing(HashBank.open(bank.folder)).keys() == {"a", "b"}


def test_going_back_beyond_a_base_is_refused_with_the_reason(bank: HashBank) -> None:
    for source_id in "abc":
        add(bank, source_id)
    bank.compact(days=0)
    with pytest.raises(RollbackRefused, match="batch 2 was folded into the base 3"):
        bank.rollback("one", 2)
    add(bank, "d")
    bank.rollback("one", 3)
    assert standing(bank).keys() == set("abc")


def test_compaction_keeps_withdrawals_dates_numbers_and_settings(bank: HashBank, clock: Clock) -> None:
    day = micros(START - timedelta(days=3))
    rows = [Row("a", PDQ[0], date=day), Row("b", PDQ[1]), Row("c", PDQ[2]), Row("d", BLANK_PDQ)]
    bank.import_list(tcap(rows, "cp"), "one", partner="P")
    clock.tick()
    bank.import_list(tcap([Row("c", PDQ[2], withdrawn=True)]), "one")
    bank.withdraw("one", "b")
    bank.withdraw("one", "unknown")
    bank.release("one", "pdq", BLANK_PDQ)
    add(bank, "a", name="two")
    before, lists, matched = known(bank), bank.lists(), live(bank)
    bank.compact(days=0)
    again = HashBank.open(bank.folder)
    assert known(again) == before
    assert [summary.settings for summary in again.lists()] == [summary.settings for summary in lists]
    assert live(again) == matched
    older = [Row("c", PDQ[2], date=day), Row("unknown", PDQ[3])]
    again.import_list(tcap(older), "one")
    assert standing(again).keys() == {"a", "d"}
    again.withdraw("one", "b", undo=True)
    assert standing(again)["b"] == {PDQ[1]}


def test_what_a_drop_forgot_is_not_in_the_base(bank: HashBank) -> None:
    add(bank, "a")
    add(bank, "x", name="two")
    bank.drop_list("one")
    bank.compact(days=0)
    assert pq.read_table(bank.folder / "batches" / "00000003.parquet").column("list").unique().to_pylist() == ["two"]


def test_base_keeps_the_history_of_what_it_was_folded_from(bank: HashBank) -> None:
    for source_id in "abc":
        add(bank, source_id)
    before = bank.history()
    bank.compact(days=0)
    add(bank, "d")
    bank.compact(days=0)
    entries = bank.history()
    assert [(entry.number, entry.kind, entry.compacted) for entry in entries] == [
        (1, "import", True),
        (2, "import", True),
        (3, "import", True),
        (4, "import", True),
        (4, "base", False),
    ]
    assert [entry.time for entry in entries[:3]] == [entry.time for entry in before]
    assert [entry.sha256 for entry in entries[:3]] == [entry.sha256 for entry in before]


def test_files_below_the_base_are_ignored(bank: HashBank) -> None:
    add(bank, "a")
    add(bank, "b")
    first = (bank.folder / "batches" / "00000001.parquet").read_bytes()
    bank.compact(days=0)
    (bank.folder / "batches" / "00000001.parquet").write_bytes(first)
    assert standing(HashBank.open(bank.folder)).keys() == {"a", "b"}
    assert len(HashBank.open(bank.folder).history()) == 3


# The lock.


def test_who_writes_holds_the_lock_alone(bank: HashBank, tmp_path: Path) -> None:
    add(bank, "a")
    bank.publish()
    hurried = HashBank.open(bank.folder, lock_seconds=0.05)
    with lock(bank, fcntl.LOCK_SH):
        for write in (
            lambda: add(hurried, "b"),
            lambda: hurried.withdraw("one", "a"),
            lambda: hurried.rollback("one", 1),
            lambda: hurried.drop_list("one"),
            lambda: hurried.configure("one", partner="P"),
            lambda: hurried.release("one", "pdq", BLANK_PDQ),
            lambda: hurried.compact(days=0),
            hurried.publish,
        ):
            with pytest.raises(BankBusy):
                write()


def test_who_reads_the_log_holds_the_lock_together_with_others(bank: HashBank) -> None:
    add(bank, "a")
    hurried = HashBank.open(bank.folder, lock_seconds=0.05)
    reads = (hurried.history, hurried.lists, lambda: exported(hurried))
    with lock(bank, fcntl.LOCK_SH):
        for read in reads:
            assert read()
    with lock(bank, fcntl.LOCK_EX):
        for read in reads:
            with pytest.raises(BankBusy):
                read()


def test_matchers_take_no_lock(bank: HashBank) -> None:
    add(bank, "a")
    bank.publish()
    with lock(bank, fcntl.LOCK_EX):
        matcher = Matcher.open(bank.folder)
        assert not matcher.refresh()
        assert len(matcher.search(matcher.snapshot.codes("pdq")).rows) == 1


def test_file_is_parsed_before_the_lock_is_taken(bank: HashBank) -> None:
    free: list[bool] = []

    def progress(rows: int) -> None:
        with lock(bank, fcntl.LOCK_EX | fcntl.LOCK_NB):
            free.append(True)

    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", progress=progress)
    assert free
    hurried = HashBank.open(bank.folder, lock_seconds=0.05)
    with lock(bank, fcntl.LOCK_EX), pytest.raises(FormatError):
        hurried.import_list(Source(content=b"\x00\x01nothing", name="x"))


def test_change_is_held_against_the_state_of_the_moment_in_which_the_lock_is_had(bank: HashBank) -> None:
    other = HashBank.open(bank.folder)
    add(bank, "a")
    add(other, "a", "b")
    add(bank, "b", "c")
    assert [entry.counts["added"] for entry in bank.history()] == [1, 1, 1]
    assert [line["source_id"] for line in objects(exported(other))[1:]].count("b") == 1
