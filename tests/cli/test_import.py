"""``hashmatch import``: what it shows, what it writes down, and what a list remembers."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import click
import pytest

from hashmatch import examples, proximity
from hashmatch.cli.import_ import import_command

from .conftest import HASHES, MEDIA, objects, process, run

DIGESTS = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(4)]


def test_a_dry_run_shows_examples_of_each_kind(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    (tmp_path / "one.csv").write_text("id,algorithm,hash\n" + "".join(f"{n},pdq,{d}\n" for n, d in enumerate(DIGESTS)))
    (tmp_path / "two.csv").write_text(
        f"id,algorithm,hash\n0,pdq,{DIGESTS[0]}\n1,pdq,{DIGESTS[2]}\nx,pdq,{DIGESTS[1]}\ny,pdq,{'00' * 32}\n"
    )
    assert run("import", tmp_path / "one.csv", "--bank", bank, "--name", "n", "--replace").exit_code == 0
    result = run("import", tmp_path / "two.csv", "--bank", bank, "--name", "n", "--dry-run")
    cells = {tuple(line.split(maxsplit=4)) for line in result.stdout.splitlines() if "pdq  " in line}
    assert ("unchanged", "0", "pdq", DIGESTS[0]) in cells
    assert ("changed", "1", "pdq", DIGESTS[2], "hashes") in cells
    assert ("added", "x", "pdq", DIGESTS[1]) in cells
    assert ("withdrawn", "2", "pdq", DIGESTS[2]) in cells
    assert ("quarantined", "y", "pdq", "00" * 32, "all bits are zero") in cells
    none = run("import", tmp_path / "two.csv", "--bank", bank, "--name", "n", "--dry-run", "--examples", 0)
    assert "for example" not in none.stdout
    (line,) = objects(run("import", tmp_path / "two.csv", "--bank", bank, "--name", "n", "--dry-run", "--json"))
    assert line["examples"]["changed"] == [
        {
            "list": "n",
            "source_id": "1",
            "algorithm": "pdq",
            "hex": DIGESTS[2],
            "hashes": 1,
            "fields": ["hashes"],
            "reason": None,
        }
    ]


def test_what_lies_near_an_allow_list_or_in_a_crowd_is_shown(bank: Path, tmp_path: Path) -> None:
    allowed = run("allow", MEDIA / "coast.jpg", "--bank", bank)
    assert "near a block list: 2 added hashes" in " ".join(allowed.stdout.split())
    near = int(DIGESTS[0], 16)
    rows = "".join(f"{n},pdq,{near ^ n:064x}\n" for n in range(12))
    (tmp_path / "list.csv").write_text(f"id,algorithm,hash\n{rows}")
    arguments = ("import", tmp_path / "list.csv", "--bank", bank, "--name", "n", "--dry-run", "--density", 11)
    result = run(*arguments)
    assert "among many hashes of other claims: 12 added hashes" in result.stdout
    assert "10 are shown; --json names them all" in result.stderr
    (line,) = objects(run(*arguments, "--json"))
    assert line["crowded"]["count"] == len(line["crowded"]["first"]) == 12
    assert {(one["hashes"], one["claims"], one["more"]) for one in line["crowded"]["first"]} == {(11, 11, False)}
    (line,) = objects(run(*arguments, "--no-check-density", "--json"))
    assert line["crowded"] == {"count": 0, "first": []}


def test_rejects_of_several_lists_stand_in_one_file(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"pdq:{DIGESTS[0]}\n" + "pdq:zz\n" * 12)
    rejects = tmp_path / "rejects.csv"
    files = [tmp_path / "a.txt", tmp_path / "b.txt"]
    result = run("import", *files, "--bank", tmp_path / "bank", "--name", "n", "--update", "--rejects", rejects)
    assert result.exit_code == 3
    assert f"and 2 more rows; all of them: {rejects}" in result.stderr
    with rejects.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["file"], row["line"]) for row in rows] == [
        (name, str(line)) for name in ("a.txt", "b.txt") for line in range(2, 14)
    ]
    (line,) = objects(
        run("import", files[0], "--bank", tmp_path / "bank", "--name", "n", "--rejects", rejects, "--json")
    )
    assert line["rejects_file"] == str(rejects)


def test_rejects_are_not_written_over_a_list_nor_where_no_folder_is(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"pdq:{DIGESTS[0]}\n")
    for rejects in (path, tmp_path / "nowhere" / "r.csv", tmp_path):
        result = run("import", path, "--bank", tmp_path / "bank", "--name", "n", "--rejects", rejects)
        assert result.exit_code in (1, 2)
        assert "Error" in result.stderr
    assert path.read_text() == f"pdq:{DIGESTS[0]}\n"
    assert run("lists", "--bank", tmp_path / "bank").exit_code == 1 or not objects(
        run("lists", "--bank", tmp_path / "bank", "--json")
    )


@pytest.mark.parametrize("wrong", [("--examples", -1), ("--examples", 1001), ("--density", 0)])
def test_a_number_that_makes_no_sense_is_a_usage_error(tmp_path: Path, wrong: tuple[str, int]) -> None:
    result = run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank", "--name", "tcap", *wrong)
    assert result.exit_code == 2
    assert wrong[0] in result.stderr


def test_the_second_import_needs_only_the_file_and_the_name(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    # No name of a column is a usual one, no name of the file says what it is, no hash says its algorithm.
    first, second = tmp_path / "monday.dat", tmp_path / "tuesday.dat"
    first.write_text(f"case;fingerprint;theme\n1;{DIGESTS[0]};arson\n2;{DIGESTS[1]};arson\n3;{DIGESTS[2]};theft\n")
    second.write_text(f"case;fingerprint;theme\n1;{DIGESTS[0]};fraud\n2;{DIGESTS[1]};arson\n3;{DIGESTS[3]};theft\n")
    columns = ["--map", "source_id=case", "--map", "digest=fingerprint", "--map", "labels=theme"]
    said = [*columns, "--replace", "--algorithm", "phash256", "--partner", "A Partner", "--share-level", "green"]
    begun = process(["import", first, "--bank", bank, "--name", "partner", "--json", *said])
    assert (begun.returncode, objects(begun)[0]["added"]) == (0, 3), begun.stderr
    again = process(["import", second, "--bank", bank, "--name", "partner", "--json"])
    assert again.returncode == 0, again.stderr
    (report,) = objects(again)
    assert {kind: report[kind] for kind in ("added", "changed", "withdrawn", "unchanged", "rejected")} == {
        "added": 0,
        "changed": 2,
        "withdrawn": 0,
        "unchanged": 1,
        "rejected": 0,
    }
    (settings,) = objects(process(["lists", "--bank", bank, "--json"]))
    assert settings["columns"] == {"source_id": "case", "digest": "fingerprint", "labels": "theme"}
    assert {key: settings[key] for key in ("mode", "algorithm", "partner", "share_level", "claims")} == {
        "mode": "replace",
        "algorithm": "phash256",
        "partner": "A Partner",
        "share_level": "green",
        "claims": 3,
    }
    exported = process(["export", "--bank", bank, "--name", "partner"])
    rows = [json.loads(line) for line in exported.stdout.splitlines()[1:]]
    assert {(row["source_id"], row["algorithm"], row["digest"]) for row in rows} == {
        ("1", "phash256", DIGESTS[0]),
        ("2", "phash256", DIGESTS[1]),
        ("3", "phash256", DIGESTS[3]),
    }


def test_what_is_said_again_is_remembered_instead(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    for name, column in (("a.csv", "first"), ("b.csv", "second"), ("c.csv", "second")):
        (tmp_path / name).write_text(f"key,{column}\n1,{DIGESTS[0]}\n")
    arguments = ["--bank", bank, "--name", "n", "--json"]
    columns = ["--map", "source_id=key", "--map", "digest=first", "--algorithm", "pdq", "--update"]
    assert process(["import", tmp_path / "a.csv", *arguments, *columns]).returncode == 0
    unread = process(["import", tmp_path / "b.csv", *arguments])
    assert unread.returncode == 1
    columns = ["--map", "source_id=key", "--map", "digest=second"]
    assert process(["import", tmp_path / "b.csv", *arguments, *columns]).returncode == 0
    assert objects(process(["import", tmp_path / "c.csv", *arguments]))[0]["unchanged"] == 1


def test_json_lines_with_names_of_their_own_are_recognised_again(tmp_path: Path) -> None:
    record = {"ref": "1", "fingerprint": DIGESTS[0], "kind": "pdq", "theme": "arson"}
    path = tmp_path / "list.dat"
    path.write_text(json.dumps(record) + "\n")
    arguments = ["import", path, "--bank", tmp_path / "bank", "--name", "n", "--json"]
    columns = [f"--map={field}" for field in ("source_id=ref", "digest=fingerprint", "algorithm=kind", "labels=theme")]
    (first,) = objects(run(*arguments, *columns, "--replace"))
    assert (first["format"], first["added"]) == ("jsonl", 1)
    (again,) = objects(run(*arguments))
    assert (again["format"], again["unchanged"]) == ("jsonl", 1)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "arrow"])
def test_an_export_of_a_list_with_mapped_columns_comes_back_by_its_name(form: str, tmp_path: Path) -> None:
    bank, path = tmp_path / "bank", tmp_path / "list.csv"
    path.write_text(f"case,fingerprint,kind,theme\n1,{DIGESTS[0]},pdq,arson\n")
    columns = [f"--map={field}" for field in ("source_id=case", "digest=fingerprint", "algorithm=kind", "labels=theme")]
    assert run("import", path, "--bank", bank, "--name", "n", "--replace", *columns).exit_code == 0
    exported = tmp_path / f"export.{form}"
    export = ("export", "--bank", bank, "--name", "n", "--format", form, "--allow-restricted", "-o", exported)
    assert run(*export).exit_code == 0
    back = run("import", exported, "--bank", bank, "--name", "n", "--json")
    assert (back.exit_code, objects(back)[0]["unchanged"]) == (0, 1), back.stderr
    assert objects(run("import", path, "--bank", bank, "--name", "n", "--json"))[0]["unchanged"] == 1


def test_a_field_is_mapped_once(tmp_path: Path) -> None:
    twice = ("--map", "digest=a", "--map", "digest=b")
    result = run("import", HASHES / "tcap.json", "--bank", tmp_path / "bank", "--name", "n", *twice)
    assert result.exit_code == 2
    assert "digest is given twice" in result.stderr


def test_the_bounds_that_the_help_states_are_those_of_the_library() -> None:
    options = {option.name: option for option in import_command.params if isinstance(option, click.Option)}
    examples_, density, checked = (options[name] for name in ("examples", "density", "check_density"))
    assert isinstance(examples_.type, click.IntRange)
    assert isinstance(density.type, click.IntRange)
    assert (examples_.type.min, examples_.type.max, examples_.default) == (0, examples.MOST_EXAMPLES, examples.EXAMPLES)
    assert (density.type.min, density.type.max, density.default) == (1, proximity.MOST_CROWD, proximity.CROWD)
    assert f"at most {proximity.FEW_ROWS} rows" in str(checked.help)


def test_a_video_is_named_on_the_way_in_and_chosen_on_the_way_out(tmp_path: Path) -> None:
    bank, clips = tmp_path / "bank", [tmp_path / f"clip{number}.txt" for number in (1, 2)]
    for number, clip in enumerate(clips):
        clip.write_text("".join(f"{30 * n},100,{code},{n:.3f}\n" for n, code in enumerate(DIGESTS[number:])))
    named = ("--bank", bank, "--name", "clips", "--update")
    both = run("import", *clips, *named, "--source-id", "C-1")
    assert both.exit_code == 2
    assert "each is a claim of its own" in both.stderr
    assert not bank.exists()
    assert run("import", clips[0], *named, "--source-id", "C-1").exit_code == 0
    assert run("import", clips[1], *named).exit_code == 0
    several = run("export", "--bank", bank, "--format", "vpdq", "--allow-restricted", "-o", tmp_path / "out.txt")
    assert several.exit_code == 1
    assert "choose one by its id" in several.stderr
    assert not (tmp_path / "out.txt").exists()
    one = run("export", "--bank", bank, "--format", "vpdq", "--allow-restricted", "--source-id", "C-1")
    assert one.exit_code == 0
    assert one.stdout == clips[0].read_text()
    plain = tmp_path / "plain.txt"
    plain.write_text(f"pdq {DIGESTS[0]}\n")
    refused = run("import", plain, *named, "--source-id", "C-1")
    assert refused.exit_code == 2
    assert "plain.txt is lines, which says its ids itself: an id is given to vpdq alone" in refused.stderr
