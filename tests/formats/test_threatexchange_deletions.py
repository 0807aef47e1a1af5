"""What ThreatExchange says was deleted is withdrawn, whatever stands beside it."""

from __future__ import annotations

import pytest

from .samples import as_lines, read, rejects_of, rows_of
from .samples_exchanges import update
from .test_threatexchange_hostile import BAD, ONE, document


@pytest.mark.parametrize(
    "reason", [reason for reason in BAD if reason.split()[-1] not in ("meant", "id", "last_updated")]
)
def test_of_a_deletion_only_id_and_date_have_to_be_right(reason: str) -> None:
    (row,) = rows_of("threatexchange", document(update(**{"id": "7", **BAD[reason], "should_delete": True})))
    assert row == {"line": 1, "source_id": "7", "updated_at": "1601513796", "withdrawn": True}


@pytest.mark.parametrize("bad", [{"tags": "a,b"}, {"indicator": {"a": 1}}, {"type": []}, {"status": {}}])
def test_nor_of_an_update_that_has_no_descriptors_left(bad: dict[str, object]) -> None:
    (row,) = rows_of("threatexchange", document(update(**{"id": "7", **bad, "descriptors": []})))
    assert (row["source_id"], row["withdrawn"]) == ("7", True)


@pytest.mark.parametrize("reason", ["an object as id", "an array as last_updated"])
def test_a_deletion_whose_id_or_date_cannot_be_read_is_a_reject(reason: str) -> None:
    ((_, found),) = rejects_of("threatexchange", document(update(**BAD[reason], should_delete=True)))
    assert found == f"{reason}, where one value is meant"


@pytest.mark.parametrize("raw", [b"1e400", b'"\xff"', b"[" * 600 + b"]" * 600])
def test_a_deletion_counts_whatever_cannot_be_read_beside_it(raw: bytes) -> None:
    for field in ("note", "descriptors", "indicator"):
        gone, standing = (update(**{"id": name, field: "SPOILT", "should_delete": name == "7"}) for name in "78")
        (chunk,) = read("threatexchange", as_lines(ONE, gone, standing).replace(b'"SPOILT"', raw))
        assert chunk.rows.column("source_id").to_pylist() == ["1", "7"]
        assert chunk.rows.column("withdrawn").to_pylist() == [False, True]
        assert [reject.source_id for reject in chunk.rejects] == ["8"]
