"""docs/bank.md, "Claims and words", sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hashmatch.bank import HashBank
from hashmatch.formats.source import Source

from .clock import Clock, micros
from .files import MD5, PDQ, Row, csv_file, jsonl, lines, tcap, tcap_v1
from .looking import exported, known, live, objects, standing


def days(clock: Clock, count: float) -> int:
    """A date so many days from the clock, microseconds since 1970."""
    return micros(clock.moment + timedelta(days=count))


def said_at(bank: HashBank, source_id: str = "a") -> int:
    return micros(known(bank)[source_id][0]["said_at"])


# A claim is a list and a partner's id, with the set of hashes that it stands for.


def test_claim_is_a_list_and_an_id(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one")
    bank.import_list(jsonl([Row("a", PDQ[1])]), "two")
    bank.withdraw("one", "a")
    assert standing(bank, "one") == {}
    assert standing(bank, "two") == {"a": {PDQ[1]}}


def test_claim_stands_for_several_hashes(bank: HashBank) -> None:
    report = bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", MD5[0], "md5"), Row("a", PDQ[1])]), "one")
    assert (report.added, report.rows) == (1, 3)
    assert standing(bank) == {"a": {PDQ[0], PDQ[1], MD5[0]}}


def test_hash_is_an_algorithm_a_frame_and_a_digest_and_stands_in_a_claim_once(bank: HashBank) -> None:
    same_digits = [Row("a", PDQ[0]), Row("a", PDQ[0], "sha256"), Row("a", PDQ[0], frame=3), Row("a", PDQ[0])]
    report = bank.import_list(jsonl(same_digits), "one")
    assert report.duplicates == 1
    assert sorted((row["algorithm"], row["frame"]) for row in known(bank)["a"]) == [
        ("pdq", -1),
        ("pdq", 3),
        ("sha256", -1),
    ]


def test_frame_of_a_whole_file_is_minus_one(bank: HashBank) -> None:
    bank.import_list(lines(f"pdq {PDQ[0]}"), "one")
    assert known(bank)[f"pdq:{PDQ[0]}"][0]["frame"] == -1


def test_hash_stops_matching_when_the_last_claim_on_it_is_gone(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("b", PDQ[0])]), "one")
    bank.import_list(jsonl([Row("c", PDQ[0])]), "two")
    bank.withdraw("one", "a")
    bank.withdraw("two", "c")
    assert live(bank) == {("one", "b", PDQ[0])}
    bank.withdraw("one", "b")
    assert live(bank) == set()


def test_source_without_ids_gives_algorithm_and_hex(bank: HashBank) -> None:
    bank.import_list(lines(f"pdq {PDQ[0].upper()}", MD5[0]), "one")
    assert standing(bank) == {f"pdq:{PDQ[0]}": {PDQ[0]}, f"md5:{MD5[0]}": {MD5[0]}}


# A word is what one file says of one claim; a newer word replaces the whole claim.


def test_newer_word_replaces_the_whole_claim(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1], labels=("x",))]), "one", mode="update")
    report = bank.import_list(jsonl([Row("a", PDQ[2])]), "one")
    assert report.changed == 1
    assert standing(bank) == {"a": {PDQ[2]}}


# Feeds: every row is a word.


def test_of_a_feeds_rows_on_one_id_the_newest_date_wins(bank: HashBank, clock: Clock) -> None:
    rows = [Row("a", PDQ[0], date=days(clock, -2)), Row("a", PDQ[1], date=days(clock, -1)), Row("a", PDQ[2])]
    rows[2] = replace(rows[2], date=days(clock, -3))
    bank.import_list(tcap(rows), "one")
    assert standing(bank) == {"a": {PDQ[1]}}


def test_of_a_feeds_equally_new_rows_the_last_wins(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[i], date=days(clock, -1)) for i in range(3)]), "one")
    assert standing(bank) == {"a": {PDQ[2]}}


def test_feeds_row_without_a_date_counts_as_newest(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[0]), Row("a", PDQ[1], date=days(clock, 1))]), "one")
    assert standing(bank) == {"a": {PDQ[0]}}


def test_feeds_withdrawal_is_a_word_like_any(bank: HashBank, clock: Clock) -> None:
    rows = [Row("a", PDQ[0], date=days(clock, -1), withdrawn=True), Row("a", PDQ[0], date=days(clock, -2))]
    bank.import_list(tcap(rows), "one")
    assert standing(bank) == {}
    assert known(bank)["a"][0]["withdrawal"] == "feed"


# In all other formats the rows of one id are one word.


@pytest.mark.parametrize("form", [jsonl, csv_file])
def test_rows_of_one_id_are_one_word_and_none_is_dropped(bank: HashBank, clock: Clock, form: object) -> None:
    rows = [Row("a", PDQ[i], date=days(clock, -i)) for i in range(4)] + [Row("b", PDQ[0])]
    bank.import_list(form([*rows, Row("a", PDQ[5])]), "one")  # type: ignore[operator]
    assert standing(bank) == {"a": {*PDQ[:4], PDQ[5]}, "b": {PDQ[0]}}


def test_of_equal_hashes_labels_are_united_and_the_last_rows_values_hold(bank: HashBank) -> None:
    rows = [
        Row("a", PDQ[0], labels=("x", "z"), quality=90, opinion="seed"),
        Row("a", PDQ[0], labels=("y", "x"), quality=60),
    ]
    report = bank.import_list(jsonl(rows), "one")
    (row,) = known(bank)["a"]
    assert (row["labels"], row["quality"], row["opinion"]) == (["x", "y", "z"], 60, "positive")
    assert (report.duplicates, report.rows, report.added) == (1, 2, 1)


@pytest.mark.parametrize(
    ("opinions", "united"),
    [
        (("positive", "negative"), "disputed"),
        (("negative", None), "disputed"),
        (("disputed", "positive", "positive"), "disputed"),
        (("negative", "negative"), "negative"),
        (("seed", "positive"), "positive"),
        (("positive", "seed"), "seed"),
    ],
)
def test_rows_that_contradict_each_other_on_a_hash_leave_it_disputed(
    bank: HashBank, opinions: tuple[str | None, ...], united: str
) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], opinion=opinion) for opinion in opinions]), "one")
    assert [row["opinion"] for row in known(bank)["a"]] == [united]


def test_withdrawn_row_beside_live_rows_only_says_that_the_hash_is_not_in_it(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1])]), "one", mode="update")
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1], withdrawn=True)]), "one")
    assert standing(bank) == {"a": {PDQ[0]}}


@pytest.mark.parametrize("dates", [(None, None), (-2, -1), (-1, -1), (-1, None)])
def test_withdrawn_row_takes_back_what_older_rows_of_the_word_say_of_its_hash(
    bank: HashBank, clock: Clock, dates: tuple[int | None, int | None]
) -> None:
    before, after = (None if day is None else days(clock, day) for day in dates)
    bank.import_list(jsonl([Row("a", PDQ[0], date=before), Row("b", PDQ[2])]), "one", mode="update")
    log = [Row("a", PDQ[0], date=before), Row("a", PDQ[0], date=after, withdrawn=True)]
    both = [Row("c", PDQ[1], date=before), *(replace(row, id="c") for row in log)]
    report = bank.import_list(jsonl([*log, *both]), "one", accept_change=True)
    assert report.withdrawn == 1
    assert standing(bank) == {"b": {PDQ[2]}, "c": {PDQ[1]}}


@pytest.mark.parametrize("dates", [(None, None), (-2, -1), (-1, -1), (-1, None)])
def test_hash_that_is_said_again_after_it_was_taken_back_stays(
    bank: HashBank, clock: Clock, dates: tuple[int | None, int | None]
) -> None:
    before, after = (None if day is None else days(clock, day) for day in dates)
    log = [Row("a", PDQ[0], date=before, withdrawn=True), Row("a", PDQ[0], date=after)]
    bank.import_list(jsonl(log), "one")
    assert standing(bank) == {"a": {PDQ[0]}}


def test_row_that_withdraws_without_a_hash_takes_back_every_older_row_of_the_word(bank: HashBank) -> None:
    gone = Row("a", "", withdrawn=True, broken="hashless")
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1]), gone, Row("b", PDQ[0])]), "one")
    assert standing(bank) == {"b": {PDQ[0]}}
    bank.import_list(jsonl([Row("c", PDQ[0]), replace(gone, id="c"), Row("c", PDQ[1])]), "two")
    assert standing(bank, "two") == {"c": {PDQ[1]}}


def test_row_that_withdraws_a_hash_that_cannot_be_read_takes_back_no_other(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", "zz", withdrawn=True)]), "one")
    assert standing(bank) == {"a": {PDQ[0]}}


def test_taking_a_hash_back_is_as_new_as_the_row_that_does(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], date=days(clock, -9)), Row("a", PDQ[1], date=days(clock, -5))]), "one")
    gone = [Row("a", PDQ[0], date=days(clock, -9)), Row("a", PDQ[1], date=days(clock, -1), withdrawn=True)]
    bank.import_list(jsonl(gone), "one", mode="update")
    assert standing(bank) == {"a": {PDQ[0]}}
    assert said_at(bank) == days(clock, -1)


def test_word_of_nothing_but_withdrawn_rows_is_a_withdrawal(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("a", PDQ[1]), Row("b", PDQ[0])]), "one", mode="update")
    gone = [Row("a", PDQ[0], withdrawn=True), Row("a", PDQ[1], withdrawn=True)]
    report = bank.import_list(jsonl(gone), "one", accept_change=True)
    assert report.withdrawn == 1
    assert standing(bank) == {"b": {PDQ[0]}}


def test_withdrawal_by_hash_where_there_is_no_id(bank: HashBank) -> None:
    bank.import_list(jsonl([Row(None, PDQ[0]), Row(None, PDQ[1])]), "one", mode="update")
    bank.import_list(jsonl([Row(None, PDQ[0], withdrawn=True)]), "one", accept_change=True)
    assert standing(bank) == {f"pdq:{PDQ[1]}": {PDQ[1]}}


# Every word carries said_at.


def test_said_at_is_updated_at(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], date=days(clock, -3))]), "one")
    assert said_at(bank) == days(clock, -3)


def test_said_at_is_the_time_of_import_where_the_date_is_in_the_future(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], date=days(clock, 3))]), "one")
    assert said_at(bank) == days(clock, 0)
    assert micros(known(bank)["a"][0]["updated_at"]) == days(clock, 3)


def test_said_at_is_of_the_newest_row(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[i], date=days(clock, -3 + i)) for i in range(3)]), "one")
    assert said_at(bank) == days(clock, -1)


@pytest.mark.parametrize("order", [(-3, -1), (-1, -3)])
def test_said_at_of_a_withdrawal_is_of_the_newest_row_too(bank: HashBank, clock: Clock, order: tuple[int, int]) -> None:
    rows = [Row("a", PDQ[i], date=days(clock, day), withdrawn=True) for i, day in enumerate(order)]
    bank.import_list(jsonl(rows), "one", mode="update")
    assert said_at(bank) == days(clock, -1)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_said_at_is_the_time_of_import_where_any_row_has_no_date(bank: HashBank, clock: Clock, withdrawn: bool) -> None:
    rows = [Row("a", PDQ[0], date=days(clock, -3), withdrawn=withdrawn), Row("a", PDQ[1], withdrawn=withdrawn)]
    bank.import_list(jsonl(rows), "one", mode="update")
    assert said_at(bank) == days(clock, 0)


def test_said_at_is_the_time_of_import_when_replacing(bank: HashBank, clock: Clock) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0], date=days(clock, -3))]), "one", mode="replace")
    assert said_at(bank) == days(clock, 0)


def test_said_at_is_never_exported(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one")
    assert all("said_at" not in line for line in objects(exported(bank)))


def test_time_of_import_is_a_microsecond_after_the_last_batch_where_the_clock_is_behind(
    bank: HashBank, clock: Clock
) -> None:
    first = bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update")
    clock.tick(-86_400)
    bank.import_list(jsonl([Row("a", PDQ[1])]), "one")
    times = [entry.time for entry in bank.history()]
    assert first.batch == 1
    assert times[1] == times[0] + timedelta(microseconds=1)
    assert said_at(bank) == micros(times[1])
    assert standing(bank) == {"a": {PDQ[1]}}


# The newest said_at wins; of equal ones the later batch.


def test_newest_said_at_wins_whatever_came_last(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -1))]), "one")
    report = bank.import_list(tcap([Row("a", PDQ[1], date=days(clock, -2))]), "one")
    assert (report.older, report.changed, report.batch) == (1, 0, None)
    assert standing(bank) == {"a": {PDQ[0]}}


def test_of_equally_new_words_the_later_batch_wins(bank: HashBank, clock: Clock) -> None:
    for i in range(3):
        bank.import_list(tcap([Row("a", PDQ[i], date=days(clock, -1))]), "one", accept_change=True)
    assert standing(bank) == {"a": {PDQ[2]}}


def test_undated_word_wins_over_what_was_said_before(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, 5))]), "one")
    clock.tick()
    bank.import_list(tcap([Row("a", PDQ[1])]), "one")
    assert standing(bank) == {"a": {PDQ[1]}}


# Written is the difference.


def test_equal_words_are_not_written_and_there_is_no_batch(bank: HashBank, clock: Clock) -> None:
    rows = [Row("a", PDQ[0], labels=("x", "y")), Row("a", PDQ[1]), Row("b", PDQ[2], date=days(clock, -1))]
    bank.import_list(jsonl(rows), "one", mode="update")
    clock.tick()
    report = bank.import_list(jsonl([rows[2], rows[1], replace(rows[0], labels=("y", "x"))]), "one")
    assert (report.unchanged, report.batch) == (2, None)
    assert len(bank.history()) == 1


def test_extra_is_compared_as_canonical_json(bank: HashBank) -> None:
    texts = ['{"b": 1, "a": {"d": 2.0, "c": "é"}}', '{"a":{"c":"\\u00e9","d":2.0},"b":1}']
    for text in texts:
        line = f'{{"source_id": "a", "algorithm": "pdq", "digest": "{PDQ[0]}", "extra": {text}}}'
        report = bank.import_list(Source(content=line.encode(), name="x.jsonl"), "one", mode="update")
    assert (report.unchanged, report.batch) == (1, None)


CHANGES = {
    "quality": 70,
    "opinion": "disputed",
    "labels": ["x"],
    "media_type": "video",
    "timestamp": 1.5,
    "share_level": "red",
    "created_at": "2020-01-01",
    "expires_at": "2030-01-01",
    "extra": {"note": 1},
    "frame": 4,
}


@pytest.mark.parametrize("column", CHANGES)
def test_other_value_in_any_column_is_written(bank: HashBank, column: str) -> None:
    for extra in ("", f', "{column}": {CHANGES[column]!r}'.replace("'", '"')):
        line = f'{{"source_id": "a", "algorithm": "pdq", "digest": "{PDQ[0]}"{extra}}}'
        report = bank.import_list(Source(content=line.encode(), name="x.jsonl"), "one", mode="update")
    assert (report.changed, report.batch) == (1, 2)


def test_newer_updated_at_alone_is_written_and_counted_as_unchanged(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -2))]), "one")
    report = bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -1))]), "one")
    assert (report.unchanged, report.changed, report.batch) == (1, 0, 2)
    assert said_at(bank) == days(clock, -1)


def test_older_updated_at_alone_is_not_written_and_counted_as_older(bank: HashBank, clock: Clock) -> None:
    bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -1))]), "one")
    report = bank.import_list(tcap([Row("a", PDQ[0], date=days(clock, -2))]), "one")
    assert (report.older, report.batch) == (1, None)


def test_daily_file_twice_writes_nothing(bank: HashBank, clock: Clock) -> None:
    rows = [Row(None, digest) for digest in PDQ]
    bank.import_list(tcap_v1(rows), "one")
    clock.tick(86_400)
    report = bank.import_list(tcap_v1(rows), "one")
    assert (report.unchanged, report.batch) == (6, None)
