"""A bank that is killed at any point holds what it held or what it was about to hold, and goes on."""

from __future__ import annotations

import re
import signal

from .conftest import Swept
from .durability import violations


def commit(swept: Swept, target: str) -> int:
    """The number of the one rename to a path that matches ``target``."""
    (number,) = (
        number
        for number, point in enumerate(swept.points)
        if point.call == "rename" and re.fullmatch(f"bank/{target}", point.target)
    )
    return number


def holds_new(death: dict[str, object], at: int) -> bool:
    return (death["number"], death["moment"] == "after") >= (at, True)


def test_every_point_is_swept(swept: Swept) -> None:
    assert len(swept.points) > 20
    assert {"open", "write", "fsync", "rename", "unlink"} <= {point.call for point in swept.points}
    every = {(moment, number) for moment in ("before", "after") for number in range(len(swept.points))}
    torn = {("torn", number) for number, point in enumerate(swept.points) if point.call == "write"}
    assert {(death["moment"], death["number"]) for death in swept.deaths} == every | torn
    assert {death["signal"] for death in swept.deaths} == {signal.SIGKILL}
    assert [swept.where(death) for death in swept.deaths if not death["foreseen"]] == []


def test_nothing_is_changed_past_the_tracer(swept: Swept) -> None:
    assert swept.untraced == []


def test_nothing_is_relied_on_before_it_is_synced(swept: Swept) -> None:
    assert violations(swept.points) == []


def test_the_scenario_changes_something(swept: Swept) -> None:
    assert swept.new != swept.old
    assert swept.last["answers"]["batch"] == swept.last["held"]["history"][-1][0]


def test_the_log_holds_the_old_state_up_to_the_rename_and_the_new_one_from_there(swept: Swept) -> None:
    committed = commit(swept, swept.scenario.commits) if swept.scenario.commits else -1
    for death in swept.deaths:
        state = swept.new if holds_new(death, committed) else swept.old
        assert death["found"]["held"] == state["held"], swept.where(death)


def test_matchers_answer_from_the_old_snapshot_until_the_new_one_is_named(swept: Swept) -> None:
    publishes = any(point.target == "bank/CURRENT" for point in swept.points)
    made = [number for number, point in enumerate(swept.points) if point.target == "bank/bank.json"]
    for death in swept.deaths:
        expected = swept.old["answers"]
        if publishes and holds_new(death, commit(swept, "CURRENT")):
            expected = swept.new["answers"]
        elif made and holds_new(death, made[0]):
            expected = "NotPublished"
        assert death["found"]["answers"] == expected, swept.where(death)


def test_the_bank_goes_on_to_where_it_would_be_and_publishes(swept: Swept) -> None:
    for death in swept.deaths:
        assert death["found"]["published"], swept.where(death)
        assert death["found"]["last"] == swept.last, swept.where(death)


def test_nothing_is_left_lying_about(swept: Swept) -> None:
    for death in swept.deaths:
        assert death["found"]["litter"] == [], swept.where(death)
