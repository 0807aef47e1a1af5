"""docs/bank.md, "Allow lists", sentence by sentence, as seen from the bank."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from hashmatch.bank import HashBank
from hashmatch.errors import InvalidValue, NotPublished, UnknownList
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.hashing import hash_file
from hashmatch.matching import Matcher
from hashmatch.records import Mode, Role
from hashmatch.results import HashedMedia

from ..drawing import textured
from .clock import Clock
from .files import MD5, PDQ, Row, jsonl
from .looking import known, standing


def turned(digest: str, bits: int) -> str:
    """The digest with its first bits the other way round."""
    return f"{int(digest, 16) ^ ((1 << bits) - 1):0{len(digest)}x}"


def upload(**hashes: str) -> HashedMedia:
    return HashedMedia(
        {
            name: MediaHash(name, (FrameHash(bytes.fromhex(digest), 100 if name == "pdq" else None),))
            for name, digest in hashes.items()
        }
    )


def matcher(bank: HashBank, block: list[Row], allow: list[Row]) -> Matcher:
    bank.import_list(jsonl(block), "block")
    bank.import_list(jsonl(allow), "fine", role="allow")
    bank.publish()
    return Matcher.open(bank.folder)


def test_allow_record_that_is_at_least_as_near_hides_a_block_match_and_both_are_reported(bank: HashBank) -> None:
    near, far = turned(PDQ[0], 4), turned(PDQ[0], 8)
    report = matcher(bank, [Row("a", far)], [Row("ok", near)]).match_hashes(upload(pdq=PDQ[0]))
    assert not report.matched
    (hidden,) = report.suppressed
    assert (hidden.match.record.source_id, hidden.match.distance) == ("a", 8)
    assert (hidden.allowed_by.record.source_id, hidden.allowed_by.distance) == ("ok", 4)


def test_equally_near_allow_record_hides(bank: HashBank) -> None:
    same = turned(PDQ[0], 4)
    assert not matcher(bank, [Row("a", same)], [Row("ok", same)]).match_hashes(upload(pdq=PDQ[0])).matched


def test_allow_record_that_is_farther_hides_nothing(bank: HashBank) -> None:
    report = matcher(bank, [Row("a", turned(PDQ[0], 4))], [Row("ok", turned(PDQ[0], 8))]).match_hashes(
        upload(pdq=PDQ[0])
    )
    assert report.matched
    assert report.suppressed == ()


def test_perceptual_allow_hit_never_hides_an_exact_block_hit(bank: HashBank) -> None:
    report = matcher(bank, [Row("a", MD5[0], "md5")], [Row("ok", PDQ[0])]).match_hashes(upload(pdq=PDQ[0], md5=MD5[0]))
    assert [match.record.source_id for match in report.matches] == ["a"]


def test_exact_allow_hit_hides_the_files_perceptual_hits(bank: HashBank) -> None:
    report = matcher(bank, [Row("a", PDQ[0])], [Row("ok", MD5[0], "md5")]).match_hashes(upload(pdq=PDQ[0], md5=MD5[0]))
    assert not report.matched
    assert report.suppressed[0].allowed_by.record.source_id == "ok"


def test_lists_chooses_among_block_lists_and_allow_lists_always_apply(bank: HashBank) -> None:
    both = matcher(bank, [Row("a", PDQ[0])], [Row("ok", PDQ[0])])
    assert not both.match_hashes(upload(pdq=PDQ[0]), lists=["block"]).matched
    with pytest.raises(UnknownList, match="allow lists always apply"):
        both.match_hashes(upload(pdq=PDQ[0]), lists=["fine"])


def test_allow_list_alone_is_nothing_to_match_against(bank: HashBank) -> None:
    bank.allow("pdq:" + PDQ[0], publish=True)
    with pytest.raises(NotPublished):
        Matcher.open(bank.folder)


# hashmatch allow FILE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fine.png"
    Image.fromarray(textured(120, 90, 7)).save(path)
    return path


def test_allowing_a_file_writes_one_claim_with_its_sha256_and_every_hash_in_all_eight_orientations(
    bank: HashBank, file: Path
) -> None:
    report = bank.allow(file)
    (settings,) = [summary.settings for summary in bank.lists()]
    assert (settings.name, settings.role, settings.mode, report.added) == ("allow", Role.ALLOW, Mode.UPDATE, 1)
    hashed = hash_file(file, algorithms=("pdq", "sha256", "phash"))
    (source_id,) = standing(bank, "allow")
    found = standing(bank, "allow")[source_id]
    assert source_id == f"sha256:{hashed['sha256'].hex}"
    assert {hashed["sha256"].hex, *hashed["pdq"].orientations.values(), *hashed["phash"].orientations.values()} <= found
    assert len(set(hashed["pdq"].orientations.values())) == 8


def test_allowed_file_no_longer_matches_turned_or_mirrored(bank: HashBank, file: Path, tmp_path: Path) -> None:
    hashed = hash_file(file, algorithms=("pdq",))
    bank.import_list(jsonl([Row("a", hashed["pdq"].hex)]), "block", publish=True)
    mirrored = tmp_path / "mirrored.png"
    Image.open(file).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(mirrored)
    assert all(Matcher.open(bank.folder).match(path).matched for path in (file, mirrored))
    bank.allow(file, publish=True)
    assert not any(Matcher.open(bank.folder).match(path).matched for path in (file, mirrored))


def test_one_hash_can_be_allowed(bank: HashBank) -> None:
    bank.allow(MD5[0])
    bank.allow(PDQ[0], algorithm="pdq")
    bank.allow("pdq:" + PDQ[1].upper())
    assert standing(bank, "allow").keys() == {f"md5:{MD5[0]}", f"pdq:{PDQ[0]}", f"pdq:{PDQ[1]}"}


@pytest.mark.parametrize("target", [PDQ[0], "0f1e2d3c4b5a6978", "zz", "nope:00", "pdq:00", "no-such-file.png"])
def test_hash_that_fits_several_algorithms_and_what_is_none_is_refused(bank: HashBank, target: str) -> None:
    with pytest.raises(InvalidValue, match=r"neither a file nor a hash|can be"):
        bank.allow(target)
    assert bank.history() == ()


@pytest.mark.parametrize("seconds", [1, 0, -86_400])
def test_allowing_again_what_was_withdrawn_by_hand_counts_whatever_the_clock_says(
    bank: HashBank, clock: Clock, seconds: int
) -> None:
    bank.allow("pdq:" + PDQ[0])
    bank.withdraw("allow", f"pdq:{PDQ[0]}")
    clock.tick(seconds)
    assert bank.allow("pdq:" + PDQ[0]).added == 1
    assert standing(bank, "allow").keys() == {f"pdq:{PDQ[0]}"}


def test_list_called_allow_that_blocks_is_not_written_into(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "allow")
    with pytest.raises(InvalidValue, match="not an allow list"):
        bank.allow("pdq:" + PDQ[1])
    assert len(known(bank, "allow")) == 1
