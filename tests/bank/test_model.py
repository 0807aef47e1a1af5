"""The bank against a plain dictionary, step by step, whatever is done to it in whatever order."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hashmatch.bank import HashBank
from hashmatch.batches import BATCH_SCHEMA
from hashmatch.errors import FormatError
from hashmatch.records import Mode, Role, ShareLevel
from hashmatch.results import BatchEntry, ImportReport
from hashmatch.snapshot import Snapshot

from .clock import START, Clock, micros
from .files import BLANK_PDQ, Row, csv_file, jsonl, tcap, tcap_v1
from .looking import check_some
from .model import COUNTS, Claim, Entry, File, Hash, Model, outcome
from .strategies import ACCEPT, IDS, MODES, NAME, NAMES, SPARE_IDS, Step, about_one_claim, rows


class Banks(RuleBasedStateMachine):
    """A bank, and its model, to which the same is done."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
        self.clock = Clock()
        self.ruling = self.clock.ruling()
        self.ruling.__enter__()
        self.model = Model()
        self.bank = HashBank.open(self.folder / "bank")

    def teardown(self) -> None:
        self.ruling.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def same(self, real: Any, told: Any) -> tuple[Any, Any]:
        """Do one thing to both; errors must be the same. The answers, or None twice."""
        (told_error, expected), (real_error, answer) = outcome(told), outcome(real)
        assert real_error is told_error
        return answer, expected

    # What is done

    @initialize(mine=rows(SPARE_IDS))
    def begin(self, mine: tuple[Row, ...]) -> None:
        self.take("jsonl", mine, "one", {"mode": Mode.UPDATE}, accept=False)

    @rule(seconds=st.sampled_from([0, 1, 1, 2, 5, -3]))
    def tick(self, seconds: int) -> None:
        self.clock.tick(seconds)

    @rule(mine=rows(SPARE_IDS), name=NAME, mode=MODES, accept=ACCEPT, at=st.none() | st.integers(0, 3))
    def import_feed(self, mine: tuple[Row, ...], name: str, mode: Mode | None, accept: bool, at: int | None) -> None:
        mine = tuple(Row(r.id, r.digest, r.algorithm, r.labels[:1], r.date, r.withdrawn, r.broken) for r in mine)
        checkpoint = None if at is None else f"at-{at}"
        self.take("tcap", mine, name, _said(mode), accept, Mode.UPDATE, checkpoint)

    @rule(mine=rows(st.none()), name=NAME, mode=MODES, accept=ACCEPT)
    def import_daily_file(self, mine: tuple[Row, ...], name: str, mode: Mode | None, accept: bool) -> None:
        mine = tuple(Row(None, r.digest, r.algorithm, r.labels[:1], broken=r.broken) for r in mine)
        self.take("tcap-v1", mine, name, _said(mode), accept, Mode.REPLACE)

    @rule(
        mine=rows(SPARE_IDS | st.none() | SPARE_IDS.map(lambda source_id: f" {source_id} ")),
        name=NAME,
        mode=MODES,
        accept=ACCEPT,
        form=st.sampled_from(["jsonl", "csv"]),
        role=st.sampled_from([None] * 8 + [Role.ALLOW]),
    )
    def import_rows(
        self, mine: tuple[Row, ...], name: str, mode: Mode | None, accept: bool, form: str, role: Role | None
    ) -> None:
        self.take(form, mine, name, _said(mode, role=role), accept)

    @rule(
        mine=rows(SPARE_IDS, NAMES[:2]),
        count=st.integers(1, 2),
        mode=MODES,
        accept=ACCEPT,
        partner=st.sampled_from([None, "P", "Q"]),
        own_mode=MODES,
        partial=st.sampled_from([False, False, False, True]),
    )
    def import_with_headers(
        self,
        mine: tuple[Row, ...],
        count: int,
        mode: Mode | None,
        accept: bool,
        partner: str | None,
        own_mode: Mode | None,
        partial: bool,
    ) -> None:
        mine = tuple(row for row in mine if row.list in NAMES[:count])
        stated = {"partner": partner, "mode": own_mode and own_mode.value, "checkpoint": "own"}
        headers = tuple({"name": name, **stated} for name in NAMES[:count])
        self.take(
            "jsonl",
            mine,
            None,
            _said(mode),
            accept,
            headers=headers,
            partial=partial,
        )

    @rule(name=NAME, source_id=st.sampled_from([*IDS, "unknown"]), undo=st.sampled_from([False, False, False, True]))
    def withdraw(self, name: str, source_id: str, undo: bool) -> None:
        self.same(
            lambda: self.bank.withdraw(name, source_id, undo=undo),
            lambda: self.model.withdraw(name, source_id, self.clock.moment, undo=undo),
        )

    @rule(name=NAME)
    def drop(self, name: str) -> None:
        self.same(lambda: self.bank.drop_list(name), lambda: self.model.drop(name, self.clock.moment))

    @rule(name=NAME, back=st.integers(0, 40))
    def roll_back(self, name: str, back: int) -> None:
        self.go_back(name, self.model.head + 1 - back % (self.model.head + 3))

    @rule(name=NAME, back=st.integers(1, 4))
    def roll_back_a_little(self, name: str, back: int) -> None:
        self.go_back(name, self.model.head - back)

    @rule(name=NAME, back=st.integers(1, 4), seconds=st.integers(0, 4), days=st.sampled_from([0, 1, 2, 3]))
    def roll_back_and_compact(self, name: str, back: int, seconds: int, days: int) -> None:
        self.tick(seconds)
        self.roll_back_a_little(name, back)
        self.compact(days / 86_400)

    @rule(
        name=NAME, source_id=st.sampled_from([*IDS, "new"]), steps=st.lists(about_one_claim(), min_size=2, max_size=4)
    )
    def dispute(self, name: str, source_id: str, steps: list[Step]) -> None:
        """Much about one claim: what is said of it and what is done by hand."""
        for step in steps:
            if step.undo is not None:
                self.withdraw(name, source_id, step.undo)
            mine = tuple(replace(row, id=step.shown.format(source_id)) for row in step.rows)
            if step.format == "tcap":
                self.import_feed(mine, name, None, True, None)
            elif mine:
                self.import_rows(mine, name, step.mode, True, step.format, None)
            self.tick(step.seconds)

    def go_back(self, name: str, to: int) -> None:
        """Put a list back."""
        self.same(lambda: self.bank.rollback(name, to), lambda: self.model.rollback(name, to, self.clock.moment))

    @rule(days=st.sampled_from([0, 0, 5 / 86_400]))
    def compact(self, days: float) -> None:
        assert (self.bank.compact(days) is not None) is self.model.compact(days, self.clock.moment)

    @rule(
        name=NAME,
        said=st.fixed_dictionaries(
            {},
            optional={
                "partner": st.sampled_from(["P", "Q"]),
                "role": st.sampled_from(list(Role)),
                "share_level": st.sampled_from(list(ShareLevel)),
                "mode": st.sampled_from(list(Mode)),
                "radius": st.sampled_from([{}, {"pdq": 20}]),
                "checkpoint": st.just("hand"),
            },
        ),
        accept=st.booleans(),
    )
    def configure(self, name: str, said: dict[str, Any], accept: bool) -> None:
        self.same(
            lambda: self.bank.configure(name, accept_change=accept, **said),
            lambda: self.model.configure(name, said, self.clock.moment, accept=accept),
        )

    @rule(name=NAME, undo=st.booleans())
    def release(self, name: str, undo: bool) -> None:
        releases = frozenset() if undo else frozenset({("pdq", BLANK_PDQ)})
        self.same(
            lambda: self.bank.release(name, "pdq", BLANK_PDQ.upper(), undo=undo),
            lambda: self.model.configure(name, {"releases": releases}, self.clock.moment, accept=True),
        )

    @rule()
    def reopen(self) -> None:
        self.bank = HashBank.open(self.folder / "bank", create=False)

    @rule()
    def publish(self) -> None:
        version = self.bank.publish()
        assert version == self.bank.publish()
        self.check_snapshot(version)

    def take(
        self,
        format: str,
        mine: tuple[Row, ...],
        name: str | None,
        said: Mapping[str, Any],
        accept: bool,
        mode: Mode | None = None,
        checkpoint: str | None = None,
        headers: tuple[Mapping[str, object], ...] = (),
        partial: bool = False,
    ) -> None:
        """Import a file: dry, for good, and again."""
        mine = tuple(_dated(row) for row in mine)
        feed = format == "tcap"
        content = {
            "tcap": lambda: tcap(mine, checkpoint),
            "tcap-v1": lambda: tcap_v1(mine),
            "csv": lambda: csv_file(mine),
            "jsonl": lambda: jsonl(mine, headers, partial=partial),
        }[format]
        file = File(mine, feed, mode, headers, checkpoint, partial)

        def real(*, dry: bool) -> ImportReport:
            source = content()
            return self.bank.import_list(source, name, format=format, accept_change=accept, dry_run=dry, **said)

        def told(*, dry: bool) -> dict[str, int]:
            return self.model.import_file(file, name, said, self.clock.moment, accept=accept, dry=dry)

        if not headers and format != "csv" and not feed and not any(not row.hashless for row in mine):
            # Nothing in it says what it is.
            assert outcome(lambda: real(dry=False))[0] is FormatError
            return
        report, counts = self.same(lambda: real(dry=True), lambda: told(dry=True))
        assert report is None or _counts(report) == counts
        self.check_history()
        head = self.model.head
        report, counts = self.same(lambda: real(dry=False), lambda: told(dry=False))
        if report is not None:
            assert _counts(report) == counts
            assert report.batch == (self.model.head if self.model.head > head else None)
            self.again(real)

    def again(self, real: Any) -> None:
        """The same content twice in a row writes nothing, whether it is taken or refused."""
        head = self.bank.history()[-1:]
        error, report = outcome(lambda: real(dry=False))
        assert self.bank.history()[-1:] == head
        if error is None:
            assert report.batch is None  # type: ignore[attr-defined]
            assert report.added == report.changed == report.withdrawn == 0  # type: ignore[attr-defined]

    # What must agree

    @invariant()
    def check_history(self) -> None:
        assert [_entry(entry) for entry in self.bank.history()] == self.model.history

    @invariant()
    def check_lists(self) -> None:
        summaries = self.bank.lists()
        assert {summary.settings.name: summary.settings for summary in summaries} == {
            name: own.settings for name, own in self.model.lists.items()
        }
        for summary in summaries:
            own = self.model.lists[summary.settings.name]
            assert summary.claims == len(own.standing)
            assert summary.withdrawn == len(own.claims) - len(own.standing)
            assert summary.hashes == sum(len(claim.word.rows) for claim in own.standing.values() if claim.word)

    @invariant()
    def check_claims(self) -> None:
        log = self.bank._ledger.log
        for name, own in self.model.lists.items():
            standing = log.standing(name)
            check_some(log, name, standing)
            table = pa.concat_tables([BATCH_SCHEMA.empty_table(), *log.rows(standing, BATCH_SCHEMA.names)])
            found: dict[str, list[dict[str, Any]]] = {}
            for row in table.to_pylist():
                assert row["list"] == name
                found.setdefault(row["source_id"], []).append(row)
            assert found.keys() == own.claims.keys()
            for source_id, claim in own.claims.items():
                _check_claim(found[source_id], claim)

    @invariant()
    @precondition(lambda self: self.model.lists)
    def check_export(self) -> None:
        sink = BytesIO()
        self.bank.export_list(sink, allow_restricted=True)
        lines = [json.loads(line) for line in sink.getvalue().splitlines()]
        assert [line["list"]["name"] for line in lines if "hashmatch" in line] == sorted(self.model.lists)
        found = [(line["list"], line["source_id"], _hash(line)) for line in lines if "hashmatch" not in line]
        assert sorted(found) == sorted(
            (name, source_id, key)
            for name, own in self.model.lists.items()
            for source_id, claim in own.standing.items()
            for key in (claim.word.rows if claim.word else ())
        )

    def check_snapshot(self, version: str) -> None:
        snapshot = Snapshot.open_current(self.folder / "bank")
        snapshot.verify()
        assert (snapshot.version, snapshot.batch) == (version, self.model.head)
        assert snapshot.settings == {name: own.settings for name, own in self.model.lists.items()}
        found = [
            (row["list"], row["source_id"], row["algorithm"], row["frame"], row["digest"].hex())
            for algorithm in snapshot.algorithms
            for row in snapshot.records(algorithm, _all(len(snapshot.codes(algorithm)))).to_pylist()
        ]
        assert len(found) == len(set(found))
        assert set(found) == self.model.live()


def _said(mode: Mode | None, **others: object) -> dict[str, object]:
    return {name: value for name, value in {"mode": mode, **others}.items() if value is not None}


def _dated(row: Row) -> Row:
    return row if row.date is None else replace(row, date=micros(START) + 1_000_000 * row.date)


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS}


def _entry(entry: BatchEntry) -> Entry:
    return Entry(entry.number, entry.kind, entry.time, entry.lists, entry.target, entry.compacted)


def _hash(line: Mapping[str, Any]) -> Hash:
    return line["algorithm"], line.get("frame", -1), line["digest"]


def _all(count: int) -> Any:
    return np.arange(count)


def _micros(moment: Any) -> int | None:
    return None if moment is None else micros(moment)


def _check_claim(rows: list[dict[str, Any]], claim: Claim) -> None:
    """What the log says of a claim is what the model says."""
    known = claim.known
    state = "hand" if claim.veto_at is not None else None if known else "feed"
    assert {row["withdrawal"] for row in rows} == {state}
    assert {_micros(row["withdrawn_at"]) for row in rows} == {claim.veto_at}
    assert {row["batch"] for row in rows} == {claim.batch}
    if claim.word is None:
        assert [row["digest"] for row in rows] == [None]
        return
    assert {_micros(row["said_at"]) for row in rows} == {claim.said_at}
    if not known:
        assert [(row["algorithm"], row["digest"]) for row in rows] == [(None, None)]
        assert _micros(rows[0]["updated_at"]) == claim.word.date
        return
    found = {(row["algorithm"], row["frame"], row["digest"].hex()): row for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == claim.word.rows.keys()
    for key, said in claim.word.rows.items():
        row = found[key]
        assert tuple(row["labels"]) == said.labels
        assert (row["quality"], row["opinion"], _micros(row["updated_at"])) == (said.quality, said.opinion, said.date)
        assert (row["quarantine"] is not None) is (key[2] == BLANK_PDQ)


_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_bank_is_what_a_dictionary_would_be() -> None:
    chosen = settings(max_examples=12, stateful_step_count=25, suppress_health_check=_CHECKS)
    run_state_machine_as_test(Banks, settings=chosen)


@pytest.mark.slow
def test_bank_is_what_a_dictionary_would_be_for_long() -> None:
    run_state_machine_as_test(
        Banks,
        settings=settings(max_examples=400, stateful_step_count=50, suppress_health_check=_CHECKS),
    )
