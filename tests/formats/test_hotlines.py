"""What hotlines share, from the file to the match."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hashmatch import HashBank, Matcher
from hashmatch.records import Mode

from .samples_hotlines import (
    MD5,
    MD5_2,
    PDQ,
    SAMPLES,
    answer,
    as_text,
    entry,
    fingerprints,
    hash_page,
    hash_record,
    hash_set,
    media,
)


def taken(bank: HashBank, content: bytes, tmp_path: Path, **said: object) -> dict[str, object]:
    """Import a list, and what then stands of it by hash."""
    path = tmp_path / "list"
    path.write_bytes(content)
    report = bank.import_list(path, name="hotline", accept_change=True, **said)  # type: ignore[arg-type]
    assert report.rejected == 0
    return {name: getattr(report, name) for name in ("added", "changed", "withdrawn", "unchanged")}


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[HashBank]:
    with HashBank.open(tmp_path / "bank") as opened:
        yield opened


def test_a_deletion_of_ncmec_takes_the_claim_back(bank: HashBank, tmp_path: Path) -> None:
    hashes = fingerprints(md5=MD5, pdq=PDQ)
    assert taken(bank, answer(entry(more=hashes) + entry(own="b", more=hashes)), tmp_path)["added"] == 2
    later = entry("deletedImage").replace("2017", "2018")
    assert taken(bank, answer(later), tmp_path) == {"added": 0, "changed": 0, "withdrawn": 1, "unchanged": 0}


def test_a_status_of_stopncii_takes_the_hash_back(bank: HashBank, tmp_path: Path) -> None:
    assert taken(bank, SAMPLES["stopncii"], tmp_path)["added"] == 2
    gone = as_text(hash_page(hash_record(hashStatus="Deleted", lastModtimestamp=1625167999)))
    assert taken(bank, gone, tmp_path) == {"added": 0, "changed": 0, "withdrawn": 1, "unchanged": 0}


def test_a_category_of_vics_that_changes_is_a_change(bank: HashBank, tmp_path: Path) -> None:
    both = hash_set(media(), media(MD5=MD5_2, Category=0))
    assert taken(bank, as_text(both), tmp_path, mode=Mode.REPLACE)["added"] == 2
    both = hash_set(media(Category=0), media(MD5=MD5_2, Category=0))
    assert taken(bank, as_text(both), tmp_path) == {"added": 0, "changed": 1, "withdrawn": 0, "unchanged": 1}


def test_what_nobody_found_to_be_of_concern_does_not_match(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_bytes(as_text(hash_set(media(), media(MD5=MD5_2, SHA1=None, Category=0, AlternativeHashes=[]))))
    codes = np.array([list(bytes.fromhex(digest)) for digest in (MD5, MD5_2)], dtype=np.uint8)
    found = Matcher.from_lists([path]).search(codes, algorithm="md5", radius=0)
    assert found.offsets.tolist() == [0, 1, 1]
    assert [record.labels for record in found.records(0)] == [("vics:category-1",)]
