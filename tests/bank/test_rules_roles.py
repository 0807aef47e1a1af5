"""A format whose lists can only allow: its files come into no other list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hashmatch import Matcher
from hashmatch.bank import HashBank
from hashmatch.errors import ChangeTooLarge, FormatError, InvalidValue
from hashmatch.formats.source import Source
from hashmatch.records import Role

from ..formats.samples import SAMPLES
from .files import PDQ, Row, jsonl

NSRL = Source(content=SAMPLES["nsrl"], name="NSRLFile.txt")


def role(bank: HashBank) -> Role:
    return bank.lists()[0].settings.role


def test_a_new_list_takes_the_role_by_itself_and_the_report_says_so(bank: HashBank) -> None:
    report = bank.import_list(NSRL, "one")
    assert role(bank) is Role.ALLOW
    assert "one: role by the file itself is allow" in report.notes


def test_the_role_may_be_said(bank: HashBank) -> None:
    bank.import_list(NSRL, "one", role="allow")
    assert role(bank) is Role.ALLOW
    assert bank.import_list(NSRL, "one").batch is None


def test_another_role_is_refused(bank: HashBank) -> None:
    for name in ("one", "two"):
        with pytest.raises(InvalidValue, match=f"{name} is a block list; nsrl files are for allow lists alone"):
            bank.import_list(NSRL, name, role="block")
        assert [summary.settings.name for summary in bank.lists()] == ([] if name == "one" else ["one"])
        bank.import_list(NSRL, "one")
    with pytest.raises(InvalidValue, match="allow lists alone"):
        bank.import_list(NSRL, "one", role="block", accept_change=True)


def test_a_standing_block_list_takes_no_such_file_unless_its_role_is_changed(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="replace")
    with pytest.raises(InvalidValue, match="one is a block list"):
        bank.import_list(NSRL, "one", accept_change=True)
    with pytest.raises(ChangeTooLarge, match="role"):
        bank.import_list(NSRL, "one", role="allow")
    bank.import_list(NSRL, "one", role="allow", accept_change=True)
    assert role(bank) is Role.ALLOW


def test_lists_without_a_bank_obey_too(tmp_path: Path) -> None:
    (tmp_path / "NSRLFile.txt").write_bytes(SAMPLES["nsrl"])
    (tmp_path / "block.txt").write_text(f"pdq:{PDQ[0]}\n")
    matcher = Matcher.from_lists([tmp_path])
    roles = {name: settings.role for name, settings in matcher.snapshot.settings.items()}
    assert roles == {"nsrlfile": Role.ALLOW, "block": Role.BLOCK}
    (tmp_path / "lists.json").write_text(json.dumps({"NSRLFile.txt": {"role": "block"}}))
    with pytest.raises(FormatError, match=r"NSRLFile\.txt: nsrlfile is a block list; nsrl files are for allow lists"):
        Matcher.from_lists([tmp_path])
