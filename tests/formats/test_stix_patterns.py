from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue
from hashmatch.formats.stix_patterns import pattern_hashes

from .samples import rejects_of, rows_of
from .samples_intelligence import made_up, stix_bundle, stix_id, stix_indicator

MD5, SHA256, PDQ = made_up("md5", 1), made_up("sha256", 1), made_up("pdq", 1)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (f"[file:hashes.MD5='{MD5}']", ["MD5"]),
        (f"  [ file:hashes.'MD5'  ==  '{MD5}' ]\n", ["MD5"]),
        (f"[file:hashes.SHA-256 = '{SHA256}']", ["SHA-256"]),
        (f"[file:hashes.MD5 = '{MD5}'] OR [file:hashes.PDQ = '{PDQ}']", ["MD5", "PDQ"]),
        (f"([file:hashes.MD5 = '{MD5}'] OR ([file:hashes.PDQ = '{PDQ}']))", ["MD5", "PDQ"]),
        (f"[(file:hashes.MD5 = '{MD5}' OR (file:hashes.PDQ = '{PDQ}'))]", ["MD5", "PDQ"]),
        (f"[file:hashes.MD5 = '{MD5}' OR file:hashes.'x-own' = 'a' OR file:hashes.PDQ = '']", ["MD5", "x-own", "PDQ"]),
    ],
)
def test_patterns_that_are_taken(pattern: str, names: list[str]) -> None:
    assert [name for name, _ in pattern_hashes(pattern)] == names


ONE = f"file:hashes.MD5 = '{MD5}'"


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        " ",
        "[]",
        ONE,
        f"[{ONE}",
        f"[{ONE}]]",
        f"[[{ONE}]]",
        f"[{ONE} OR]",
        f"[{ONE}] OR",
        f"OR [{ONE}]",
        f"[{ONE}] [{ONE}]",
        f"[{ONE} {ONE}]",
        f"([{ONE}]",
        f"[({ONE}])",
        f"[{ONE})]",
        f"()[{ONE}]",
        f"[{ONE} OR [{ONE}]]",
        f"[{ONE} AND {ONE}]",
        f"[{ONE} AND file:name = 'a.jpg']",
        f"[{ONE} OR file:name = 'a.jpg']",
        f"[{ONE} OR ipv4-addr:value = '198.51.100.1']",
        f"[{ONE}] AND [{ONE}]",
        f"[{ONE}] FOLLOWEDBY [{ONE}]",
        f"[{ONE}] WITHIN 5 SECONDS",
        f"[{ONE}] START t'2025-01-01T00:00:00Z' STOP t'2025-01-02T00:00:00Z'",
        f"[{ONE}] REPEATS 2 TIMES",
        f"[file:hashes.MD5 != '{MD5}']",
        f"[file:hashes.MD5 NOT = '{MD5}']",
        f"[file:hashes.MD5 IN ('{MD5}')]",
        f"[file:hashes.MD5 LIKE '{MD5}%']",
        f"[file:hashes.MD5 MATCHES '{MD5}']",
        f"[file:hashes.MD5 > '{MD5}']",
        "[EXISTS file:hashes.MD5]",
        f"[NOT {ONE}]",
        f"[artifact:hashes.MD5 = '{MD5}']",
        f"[file:content_ref.hashes.MD5 = '{MD5}']",
        f'[file:hashes.MD5 = "{MD5}"]',
        "[file:hashes.MD5 = 'a\\'b']",
        "[file:hashes.MD5 = h'00']",
        f"[{ONE} ORfile:hashes.MD5 = '{MD5}']",
        "[ipv4-addr:value = '198.51.100.1']",
        "[" * 100_000,
        "(" * 100_000,
        f"[{ONE}] OR " + "(" * 100_000,
    ],
)
def test_a_pattern_that_says_anything_else_is_never_half_taken(pattern: str) -> None:
    with pytest.raises(InvalidValue, match="only equalities of file hashes, joined by OR, can be taken") as raised:
        pattern_hashes(pattern)
    assert len(str(raised.value)) < 200
    content = stix_bundle(stix_indicator(1, pattern=pattern), stix_indicator(2))
    assert [row["source_id"] for row in rows_of("stix", content)] == [stix_id("indicator", 2)]
    assert [line for line, _ in rejects_of("stix", content)] == [1]


ATOMS = st.sampled_from(["[", "]", "(", ")", " OR ", " AND ", ONE, "file:name = 'a'", " ", "'", "\\"])


def means(pattern: str) -> bool | None:
    """Whether a pattern, with a digest found, is true, as Python reads it; None if it is no expression."""
    text = pattern.replace(ONE, "T").strip()
    try:
        return bool(
            eval(text.replace("[", "(").replace("]", ")").replace("OR", "or"), {"__builtins__": {}}, {"T": True})
        )
    except (SyntaxError, NameError, TypeError, ValueError):
        return None


@given(st.lists(ATOMS, max_size=12).map("".join))
def test_what_is_taken_is_an_expression_of_equalities_alone(pattern: str) -> None:
    try:
        hashes = pattern_hashes(pattern)
    except InvalidValue:
        return
    assert hashes == [("MD5", MD5)] * pattern.count(ONE) != []
    assert "AND" not in pattern
    assert means(pattern) is True
