from __future__ import annotations

import numpy as np
import pytest

from tests.drawing import textured

from .framing import Framed, laid, written

PICTURE = (textured(420, 560, 12) // 2 + 60).astype(np.uint8)


def captioned(above: int, below: int, ground: int, ink: int) -> Framed:
    framed = laid(PICTURE, (above, below, 0, 0), (ground,) * 3)
    if above:
        written(framed.pixels[:above], ink, 2)
    if below:
        written(framed.pixels[-below:], ink, 3)
    return framed


@pytest.mark.parametrize(("ground", "ink"), [(255, 0), (0, 255), (240, 90)])
@pytest.mark.parametrize(("above", "below"), [(90, 0), (0, 120), (60, 150)])
def test_bars_with_words_are_taken_off(above: int, below: int, ground: int, ink: int) -> None:
    framed = captioned(above, below, ground, ink)
    assert framed.found("captioned")
    assert framed.found("bordered") == [], "the words are in the way"


def test_a_picture_on_a_page_is_found() -> None:
    page = laid(PICTURE, (120, 240, 70, 70), (255, 255, 255))
    written(page.pixels[:120], 0, 3)
    written(page.pixels[-240:], 0, 5)
    assert page.found("captioned")


def test_plain_lines_in_the_picture_do_not_end_it_where_the_bar_has_another_color() -> None:
    framed = captioned(90, 0, 255, 0)
    framed.pixels[250:280] = 20
    assert framed.found("captioned")
