"""Tables: figures as people read them, and nobody left out."""

from __future__ import annotations

import pytest

from benchmarks.contenders import Way
from benchmarks.figures import number, share, whole
from benchmarks.search import show

from .results_drawn import results, row


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (None, "–"),
        (0.0, "0.00"),
        (0.000_04, "0.000"),
        (0.012_34, "0.012"),
        (0.999_6, "1.000"),
        (1.0, "1.00"),
        (12.345, "12.3"),
        (123.45, "123"),
        (1_234.5, "1 230"),
        (86_400_000.0, "86 400 000"),
    ],
)
def test_numbers_have_three_digits_that_count(figure: float | None, text: str) -> None:
    assert number(figure) == text


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert share(1.0) == "1"
    assert share(0.999_999) == "0.9999"
    assert share(0.0) == "0.0000"


def test_whole_numbers_and_ways_are_read_in_thousands() -> None:
    assert whole(10_000_000) == "10 000 000"
    assert [str(way) for way in (Way(), Way(8), Way(20_000, 2))] == [
        "single",
        "batch of 8",
        "batch of 20 000, 2 threads",
    ]


def test_everything_that_was_measured_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(results(row(n=1_000), row("faiss_flat", Way(256)), row(way=Way(1, 2)), row(distribution="skewed", n=2_000)))
    shown = capsys.readouterr().out
    for text in (
        "uniform, 1 000 codes",
        "skewed, 2 000 codes",
        "title of multi_index",
        "title of faiss_flat",
        "batch of 256",
        "pdq_index",
        "it is not here",
        "0.900 (2 threads)",
        "many neighbours",
        "few codes",
        "× one thread",
    ):
        assert text in shown
