from __future__ import annotations

import pytest

from hashmatch.views import WHOLE, Span, View


def test_a_span_counts_what_is_put_back_by_what_is_kept() -> None:
    span = Span(0.25, 0.75, 0.1, 0.3)
    assert (span.kept, round(span.length, 12)) == (0.5, 0.7)
    assert span.ends == (0.25, 0.75)
    assert span.bare == Span(0.25, 0.75)
    assert span.uncut == Span(0.0, 1.0, 0.1, 0.3)
    assert Span(0.25, 0.75).extended(0.1, 0.3) == span


def test_a_view_that_puts_back_alone_cuts_nothing() -> None:
    assert not View("a").cuts
    assert not View("a", Span(before=0.1), Span(after=0.2)).cuts
    assert View("a", WHOLE, Span(stop=0.9)).cuts
    assert View("a", Span(0.1, 0.9, 0.05), WHOLE).uncut == View("a", Span(before=0.05), WHOLE)
    assert View("a", Span(0.1, 0.9, 0.05), WHOLE).bare == View("b", Span(0.1, 0.9), WHOLE).bare


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (Span(0.1, 0.9), Span(0.101, 0.899), True),
        (Span(0.1, 0.9), Span(0.103, 0.898), False),
        (Span(0.1, 0.9), Span(0.1, 0.9, 0.01), False),
        (Span(0.1, 0.9, 0.01), Span(0.1, 0.9, 0.01), True),
    ],
)
def test_near_means_both_ends_together(one: Span, other: Span, near: bool) -> None:
    assert one.near(other, 0.004) is near
    assert other.near(one, 0.004) is near
    assert View("a", one, WHOLE).near(View("b", other, WHOLE), 0.004) is near
    assert View("a", WHOLE, one).near(View("b", WHOLE, other), 0.004) is near


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (View("extended"), "extended: nothing changed"),
        (View("bordered", Span(0.125, 0.875), WHOLE), "bordered: top 12.5 % bottom 12.5 % taken off"),
        (View("extended", Span(before=0.02), Span(after=0.01)), "extended: top 2 % right 1 % put back"),
        (
            View("extended", Span(0.1, 1.0, 0.0, 0.03), WHOLE),
            "extended: top 10 % taken off, bottom 3 % put back",
        ),
    ],
)
def test_a_view_says_what_it_is(view: View, said: str) -> None:
    assert str(view) == said
