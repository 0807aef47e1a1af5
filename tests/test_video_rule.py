from __future__ import annotations

from typing import Any

import pytest

from hashmatch.errors import InvalidValue
from hashmatch.video_rule import VideoRule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("aligned", VideoRule()),
        ("vpdq", VideoRule.vpdq()),
        ("vpdq", VideoRule("vpdq", 0.8, 0.0)),
        ("vpdq:50:2.5", VideoRule.vpdq(0.5, 0.025)),
        ("vpdq:0:100", VideoRule.vpdq(0, 1)),
    ],
)
def test_rules_as_they_are_written(text: str, rule: VideoRule) -> None:
    assert VideoRule.parse(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", "tmk", "vpdq:", "vpdq:80", "vpdq:80:0:1", "vpdq:a:b", "vpdq:101:0", "vpdq:-1:0", "vpdq:nan:0", "aligned:80:0"],
)
def test_what_is_no_rule(text: str) -> None:
    with pytest.raises(InvalidValue):
        VideoRule.parse(text)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "x"}, {"known": 1.1}, {"slowest": 0}, {"slowest": 1.5}, {"fastest": 99}, {"frames": 0}, {"bits": -1}],
)
def test_numbers_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue):
        VideoRule(**wrong)
