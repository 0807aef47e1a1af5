"""Commands that change a bank or tell what stands in it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import hashmatch

from .conftest import HASHES, MEDIA, objects, run

DIGEST = "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"


def import_tcap(bank: Path, *more: object) -> dict[str, object]:
    (report,) = objects(run("import", HASHES / "tcap.json", "--bank", bank, "--name", "tcap", "--json", *more))
    return report


def test_import_tells_what_it_did_and_publishes(tmp_path: Path) -> None:
    report = import_tcap(tmp_path / "bank")
    assert (report["file"], report["error"]) == (str(HASHES / "tcap.json"), None)
    assert (report["format"], report["added"], report["rows"], report["batch"]) == ("tcap", 7, 8, 1)
    assert report["snapshot"] == hashmatch.Matcher.open(tmp_path / "bank").version
    again = import_tcap(tmp_path / "bank")
    assert (again["batch"], again["added"]) == (None, 0)


def test_import_as_text(tmp_path: Path) -> None:
    result = run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank", "--name", "tcap")
    assert result.exit_code == 0
    assert "tcap.json (tcap): tcap changed" in result.stdout
    assert "7 added" in result.stdout


def test_notes_of_an_import_as_lines_and_as_text(bank: Path) -> None:
    (note,) = import_tcap(bank, "--partner", "Another", "--dry-run")["notes"]
    assert note == "tcap: partner would be Another"
    result = run("import", HASHES / "tcap.json", "--bank", bank, "--name", "tcap", "--partner", "Another")
    assert "  tcap: partner is now Another" in result.stdout.splitlines()


def test_no_publish_leaves_matchers_without_a_snapshot(tmp_path: Path) -> None:
    assert import_tcap(tmp_path / "bank", "--no-publish")["snapshot"] is None
    result = run("match", MEDIA / "coast.jpg", "--bank", tmp_path / "bank")
    assert result.exit_code == 1
    assert "publish" in result.stderr


def test_dry_run_writes_nothing(bank: Path) -> None:
    before = objects(run("history", "--bank", bank, "--json"))
    report = import_tcap(bank, "--dry-run", "--partner", "Another")
    assert report["dry_run"] is True
    assert objects(run("history", "--bank", bank, "--json")) == before


@pytest.mark.parametrize("exists", [False, True])
def test_dry_run_makes_no_bank(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "bank"
    if exists:
        folder.mkdir()
    report = import_tcap(folder, "--dry-run")
    assert (report["dry_run"], report["added"], report["batch"], report["snapshot"]) == (True, 7, None, None)
    assert list(tmp_path.rglob("*")) == ([folder] if exists else [])


def test_dry_run_fails_where_no_bank_could_be_made(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    for folder in (tmp_path, tmp_path / "photo.jpg"):
        result = run("import", HASHES / "tcap.json", "--bank", folder, "--name", "tcap", "--dry-run")
        assert result.exit_code == 1
        assert "is not a bank" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "photo.jpg"]


def test_rejects_are_told_with_line_and_reason(tmp_path: Path) -> None:
    rows = "".join(f"pdq bad{number}\n" for number in range(12))
    (tmp_path / "list.txt").write_text(f"pdq {DIGEST}\n{rows}")
    arguments = ("import", tmp_path / "list.txt", "--bank", tmp_path / "bank", "--name", "n", "--format", "lines")
    result = run(*arguments)
    assert result.exit_code == 3
    assert "12 rejected" in result.stdout
    assert "line 2: " in result.stderr
    assert "and 2 more rows" in result.stderr
    (report,) = objects(run(*arguments, "--update", "--json"))
    assert [reject["line"] for reject in report["rejects"]] == list(range(2, 14))


def test_a_file_in_no_format_fails_and_changes_nothing(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes(range(256)) * 20)
    before = objects(run("lists", "--bank", bank, "--json"))
    result = run("import", tmp_path / "noise", "--bank", bank, "--name", "tcap")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: noise ")
    assert objects(run("lists", "--bank", bank, "--json")) == before


def test_one_bad_list_among_several_is_told_and_the_others_are_published(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    result = run("import", HASHES / "tcap.json", "nowhere.csv", "--bank", bank, "--name", "tcap", "--update", "--json")
    good, bad = objects(result)
    assert result.exit_code == 3
    assert good["error"] is None
    assert bad == {"file": "nowhere.csv", "error": "nowhere.csv does not exist"}
    assert hashmatch.Matcher.open(bank).version.startswith("00000001-")
    assert run("import", "no.csv", "nowhere.csv", "--bank", bank, "--name", "tcap", "--update").exit_code == 1


def test_update_and_replace_together_are_a_usage_error(tmp_path: Path) -> None:
    modes = ("--update", "--replace")
    for both in (modes, reversed(modes)):
        result = run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank", "--name", "tcap", *both)
        assert result.exit_code == 2
        assert "--update or --replace" in result.stderr
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize("mode", [(), ("--replace",)])
def test_several_files_of_one_name_must_be_updates(tmp_path: Path, mode: tuple[str, ...]) -> None:
    for number, name in enumerate(("one.txt", "two.txt")):
        (tmp_path / name).write_text(f"pdq {DIGEST[:-1]}{number}\n")
    arguments = ("import", tmp_path / "one.txt", tmp_path / "two.txt", "--bank", tmp_path / "bank", "--name", "n")
    result = run(*arguments, *mode)
    assert result.exit_code == 2
    assert "whole list" in result.stderr
    assert "--update" in result.stderr
    assert not (tmp_path / "bank").exists()
    assert run(*arguments, "--update").exit_code == 0
    (line,) = objects(run("lists", "--bank", tmp_path / "bank", "--json"))
    assert line["claims"] == 2


def test_the_guard_names_the_option_that_goes_on(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("case,algorithm,hash_hex\nN-101,pdq," + DIGEST)
    result = run("import", tmp_path / "short.csv", "--bank", bank, "--name", "north")
    assert result.exit_code == 1
    assert "--accept-change" in result.stderr
    accepted = run("import", tmp_path / "short.csv", "--bank", bank, "--name", "north", "--accept-change", "--json")
    assert objects(accepted)[0]["withdrawn"] == 2


def test_gzip_and_column_map_and_remembered_settings(bank: Path, tmp_path: Path) -> None:
    rows = "case,algorithm,hash_hex\nN-104,pdq," + DIGEST
    (tmp_path / "more.csv.gz").write_bytes(gzip.compress(rows.encode()))
    # The column map stands in the list's settings since its first import.
    result = run("import", tmp_path / "more.csv.gz", "--bank", bank, "--name", "north", "--update", "--accept-change")
    assert result.exit_code == 0, result.stderr
    north = next(line for line in objects(run("lists", "--bank", bank, "--json")) if line["name"] == "north")
    assert (north["claims"], north["columns"]) == (4, {"source_id": "case", "digest": "hash_hex"})


@pytest.mark.parametrize("pair", ["digest", "=x", "digest="])
def test_map_must_be_field_equals_column(tmp_path: Path, pair: str) -> None:
    result = run("import", HASHES / "partner_north.csv", "--bank", tmp_path / "b", "--name", "n", "--map", pair)
    assert result.exit_code == 2
    assert "FIELD=COLUMN" in result.stderr


@pytest.mark.parametrize("wrong", [("--format", "xml"), ("--role", "deny"), ("--share-level", "pink")])
def test_a_word_that_does_not_exist_is_a_usage_error(tmp_path: Path, wrong: tuple[str, str]) -> None:
    result = run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank", "--name", "tcap", *wrong)
    assert result.exit_code == 2
    assert wrong[1] in result.stderr
    assert not (tmp_path / "bank").exists()


def test_a_list_without_a_name_is_a_usage_error(tmp_path: Path) -> None:
    assert run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank").exit_code == 2


def test_lists_as_text_and_as_lines(sample_bank: Path) -> None:
    result = run("lists", "--bank", sample_bank)
    assert [line.split()[0] for line in result.stdout.splitlines()[2:]] == ["allowed", "north", "south", "tcap"]
    north = objects(run("lists", "--bank", sample_bank, "--json"))[1]
    assert {key: north[key] for key in ("name", "role", "share_level", "mode", "claims", "hashes", "batch")} == {
        "name": "north",
        "role": "block",
        "share_level": "green",
        "mode": "replace",
        "claims": 3,
        "hashes": 4,
        "batch": 2,
    }


@pytest.mark.parametrize("command", ["lists", "history", "snapshot", "compact", "export"])
def test_reading_commands_make_no_bank(tmp_path: Path, command: str) -> None:
    result = run(command, "--bank", tmp_path / "none")
    assert result.exit_code == 1
    assert "is not a bank" in result.stderr
    assert not (tmp_path / "none").exists()


def test_history_of_all_and_of_one_list(sample_bank: Path) -> None:
    entries = objects(run("history", "--bank", sample_bank, "--json"))
    assert [(entry["number"], entry["kind"], entry["lists"]) for entry in entries] == [
        (1, "import", ["tcap"]),
        (2, "import", ["north"]),
        (3, "import", ["south"]),
        (4, "import", ["allowed"]),
    ]
    assert len(entries[0]["sha256"]) == 64
    result = run("history", "north", "--bank", sample_bank)
    assert len(result.stdout.splitlines()) == 3
    assert "partner_north.csv" in result.stdout
    assert run("history", "nothing", "--bank", sample_bank).exit_code == 1


def matched_ids(bank: Path, *names: str) -> set[str]:
    lines = objects(run("match", *(MEDIA / name for name in names), "--bank", bank, "--json"))
    return {match["source_id"] for line in lines for match in line["matches"]}


def test_withdraw_and_undo(bank: Path) -> None:
    assert "70005" in matched_ids(bank, "lantern.gif")
    (entry,) = objects(run("withdraw", "tcap", "70005", "--bank", bank, "--json"))
    assert (entry["kind"], entry["number"]) == ("withdraw", 5)
    assert "70005" not in matched_ids(bank, "lantern.gif")
    again = run("withdraw", "tcap", "70005", "--bank", bank)
    assert again.exit_code == 0
    assert "stood so already" in again.stdout
    assert run("withdraw", "tcap", "70005", "--undo", "--bank", bank).exit_code == 0
    assert "70005" in matched_ids(bank, "lantern.gif")
    assert run("withdraw", "nothing", "1", "--bank", bank).exit_code == 1
    assert run("withdraw", "tcap", "70004", "--undo", "--bank", bank).exit_code == 1


def test_withdrawing_what_no_list_knows_claims_no_success(bank: Path) -> None:
    result = run("withdraw", "tcap", "unheard-of", "--bank", bank)
    assert result.exit_code == 0
    assert result.stdout == "no claim of that id stands in tcap; the withdrawal is remembered\n"
    (*_, entry) = objects(run("history", "tcap", "--bank", bank, "--json"))
    assert (entry["kind"], entry["counts"]) == ("withdraw", {"withdrawn": 0})


def test_rollback_and_drop(bank: Path) -> None:
    assert run("drop", "tcap", "--bank", bank).exit_code == 0
    assert matched_ids(bank, "coast.jpg") == set()
    result = run("rollback", "tcap", "--to", 4, "--bank", bank)
    assert result.exit_code == 0
    assert "batch 6: rollback of tcap" in result.stdout
    assert matched_ids(bank, "coast.jpg") == {"70001", "70002", "70003", "70004"}
    assert run("rollback", "tcap", "--to", 99, "--bank", bank).exit_code == 1
    assert run("rollback", "tcap", "--bank", bank).exit_code == 2


def test_allow_stops_a_match_at_once(bank: Path) -> None:
    assert matched_ids(bank, "coast.jpg")
    (report,) = objects(run("allow", MEDIA / "coast.jpg", "--bank", bank, "--json"))
    assert (report["lists"], report["added"]) == (["allow"], 1)
    (line,) = objects(run("match", MEDIA / "coast.jpg", "--bank", bank, "--json"))
    assert "pdq" not in {match["algorithm"] for match in line["matches"]}
    hidden = [match for match in line["suppressed"] if match["source_id"] == "70004"]
    assert hidden[0]["allowed_by"]["list"] == "allow"


def test_allow_makes_no_bank(tmp_path: Path) -> None:
    result = run("allow", MEDIA / "coast.jpg", "--bank", tmp_path / "none")
    assert result.exit_code == 1
    assert "is not a bank" in result.stderr
    assert not (tmp_path / "none").exists()


def test_allow_a_bare_hash_needs_its_algorithm(bank: Path) -> None:
    result = run("allow", DIGEST, "--bank", bank)
    assert result.exit_code in (1, 2)
    assert all(name in result.stderr for name in ("pdq", "sha256", "phash256"))
    assert run("allow", DIGEST, "--algorithm", "pdq", "--bank", bank).exit_code == 0
    assert run("allow", f"sha256:{DIGEST}", "--bank", bank).exit_code == 0


def test_snapshot_tells_what_it_holds_and_verify_finds_damage(bank: Path) -> None:
    (summary,) = objects(run("snapshot", "--bank", bank, "--verify", "--json"))
    assert summary["lists"] == ["allowed", "north", "south", "tcap"]
    assert (summary["batch"], summary["verified"], summary["codes"]["sha512"]) == (4, True, 1)
    assert (summary["indexes"]["pdq"], summary["indexes"]["sha512"]) == ("faiss_flat", "exact")
    shown = run("snapshot", "--bank", bank).stdout
    assert summary["version"] in shown
    assert next(line.split() for line in shown.splitlines() if line.startswith("pdq"))[-1] == "faiss_flat"
    records = bank / "snapshots" / summary["version"] / "records.arrow"
    content = bytearray(records.read_bytes())
    content[len(content) // 2] ^= 1
    records.write_bytes(content)
    result = run("snapshot", "--bank", bank, "--verify")
    assert result.exit_code == 1
    assert "records.arrow" in result.stderr


def test_export_goes_to_standard_output_and_imports_again(sample_bank: Path, tmp_path: Path) -> None:
    result = run("export", "--bank", sample_bank, "--name", "north")
    assert result.exit_code == 0
    assert "4 rows of 3 claims of north as jsonl" in result.stderr
    header, *rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert header["list"]["name"] == "north"
    assert len(rows) == 4
    (tmp_path / "north.jsonl").write_text(result.stdout)
    (report,) = objects(run("import", tmp_path / "north.jsonl", "--bank", tmp_path / "bank", "--json"))
    assert (report["lists"], report["added"], report["rejected"]) == (["north"], 3, 0)


def test_export_obeys_share_levels(sample_bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "tcap.jsonl"
    result = run("export", "--bank", sample_bank, "--name", "tcap", "-o", out)
    assert result.exit_code == 1
    assert "amber" in result.stderr
    assert not out.exists()
    allowed = run("export", "--bank", sample_bank, "--name", "tcap", "-o", out, "--allow-restricted", "--json")
    assert objects(allowed)[0]["rows"] == 7
    assert len(out.read_text().splitlines()) == 8


def test_export_of_a_selection(sample_bank: Path) -> None:
    arguments = ("export", "--bank", sample_bank, "--name", "north", "--format", "csv")
    by_label = run(*arguments, "--label", "behaviour:instruction").stdout.splitlines()
    assert [line.split(",")[0] for line in by_label] == ["source_id", "N-102"]
    by_algorithm = run(*arguments, "--algorithm", "phash").stdout.splitlines()
    assert [line.split(",")[1] for line in by_algorithm] == ["algorithm", "phash"]


def test_export_json_needs_a_file(sample_bank: Path) -> None:
    result = run("export", "--bank", sample_bank, "--name", "north", "--json")
    assert result.exit_code == 2
    assert "-o" in result.stderr


def test_compact_folds_and_tells(bank: Path) -> None:
    result = run("compact", "--bank", bank)
    assert result.exit_code == 0
    assert "nothing to fold" in result.stdout
    (entry,) = objects(run("compact", "--bank", bank, "--days", 0, "--json"))
    assert entry["kind"] == "base"
    assert matched_ids(bank, "coast.jpg") == {"70001", "70002", "70003", "70004"}
    assert run("rollback", "tcap", "--to", 1, "--bank", bank).exit_code == 1
