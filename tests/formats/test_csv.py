from __future__ import annotations

import io

import pyarrow as pa
import pytest

from hashmatch.errors import FormatError, InvalidValue
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import ReadOptions
from hashmatch.formats.source import Source

from .samples import ALGORITHMS, MD5, PDQ, PDQ_2, SHA256, read, rejects_of, rows_of


def mapped(**columns: str) -> ReadOptions:
    return ReadOptions(columns=columns, algorithms=ALGORITHMS)


def test_columns_are_recognised_by_their_usual_names() -> None:
    header = "Hash Value,Hash-Type,ID,Frame,file_type,Timestamp,Quality,Tags,Ideology,Opinion,TLP,Created,Modified,Expires,Deleted,Case No"
    line = f" {PDQ} ,SHA-256,7,3,mp4,1.5,90,a; b|c,Far-Right,seed,TLP:AMBER,2024-01-01,2024-02-01,2030-01-01,no,X-1"
    assert rows_of("csv", f"{header}\n{line}\n".encode()) == [
        {
            "line": 2,
            "source_id": "7",
            "algorithm": "sha256",
            "digest": PDQ,
            "frame": "3",
            "media_type": "video",
            "timestamp": "1.5",
            "quality": "90",
            "labels": ["a", "b", "c", "ideology:far-right"],
            "opinion": "seed",
            "share_level": "TLP:AMBER",
            "created_at": "2024-01-01",
            "updated_at": "2024-02-01",
            "expires_at": "2030-01-01",
            "withdrawn": False,
            "extra": '{"Case No":"X-1","file_type":"mp4"}',
        }
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    content = f"id|hash|note\n1|{PDQ}|a b\n".replace("|", delimiter).encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "csv"
    assert rows_of("csv", content) == [{"line": 2, "source_id": "1", "digest": PDQ, "extra": '{"note":"a b"}'}]


@pytest.mark.parametrize("name", ["digest", "HASH", "hash_digest", "hashvalue", "hash value", "hex", "value", "signal"])
def test_a_single_column_is_known_by_its_name_alone(name: str) -> None:
    content = f"{name}\n{PDQ}\n".encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "csv"
    assert [row["digest"] for row in rows_of("csv", content)] == [PDQ]


def test_columns_named_after_algorithms_give_a_row_for_each_hash() -> None:
    content = f"id,MD5,SHA-256,pdq,quality,type\n1,{MD5},{SHA256},{PDQ},40,image\n2,,,{PDQ_2},99,\n".encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "csv"
    rows = [(row["source_id"], row["algorithm"], row["digest"], row.get("quality")) for row in rows_of("csv", content)]
    assert rows == [
        ("1", "md5", MD5, None),
        ("1", "sha256", SHA256, None),
        ("1", "pdq", PDQ, "40"),
        ("2", "pdq", PDQ_2, "99"),
    ]
    assert rows_of("csv", content)[0]["extra"] == '{"type":"image"}'


def test_what_the_user_maps_wins() -> None:
    content = f"my hash,hash,kind\n{PDQ},other,PDQ\n".encode()
    assert rows_of("csv", content, mapped(digest="My-Hash", algorithm="kind")) == [
        {"line": 2, "algorithm": "pdq", "digest": PDQ, "extra": '{"hash":"other"}'}
    ]
    assert rows_of("csv", content, mapped(pdq="my hash"))[0]["algorithm"] == "pdq"


def test_a_mapped_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(FormatError, match=r"no column 'nope' for digest; its columns are id, hash$"):
        read("csv", b"id,hash\n", mapped(digest="nope"))
    with pytest.raises(InvalidValue, match="no field 'hashes'"):
        read("csv", b"id,hash\n", mapped(hashes="hash"))


def test_without_a_column_of_hashes_it_is_not_in_the_format() -> None:
    content = b"id,name\n1,a\n"
    assert recognise(Source(content=content, name="list.csv"), ALGORITHMS).name == "csv"
    with pytest.raises(FormatError, match=r"list\.csv has no column .* its columns are id, name$"):
        read("csv", content, file="list.csv")
    assert rows_of("csv", content, mapped(digest="name"))[0]["digest"] == "a"


def test_ragged_rows_are_rejects_that_name_their_claim() -> None:
    content = f"id,hash,a,b\n1,{PDQ},x,y,z\n2,{PDQ}\n3,{PDQ},x,y\n".encode()
    (chunk,) = read("csv", content)
    assert [(reject.line, reject.reason, reject.source_id) for reject in chunk.rejects] == [
        (2, "5 cells where the header has 4", "1"),
        (3, "2 cells where the header has 4", "2"),
    ]
    assert chunk.rows.column("source_id").to_pylist() == ["3"]


def test_blank_lines_are_skipped_and_counted() -> None:
    content = f"\n\r\nhash,id\n\n{PDQ},1\n \n\n{PDQ_2},2\n".encode()
    assert [row["line"] for row in rows_of("csv", content)] == [5, 8]


def test_a_row_without_hash_is_a_reject_unless_it_withdraws() -> None:
    content = b"id,hash,deleted\n1,,\n2,,yes\n3,abc,maybe\n"
    assert [(row["source_id"], row["withdrawn"]) for row in rows_of("csv", content)] == [("2", True)]
    assert rejects_of("csv", content) == [(2, "no hash"), (4, "'maybe' as withdrawn, where true or false is meant")]


def test_quoted_cells_hold_delimiters_quotes_and_lines() -> None:
    content = f'hash,note\n"{PDQ}", "a, ""b""\n\nc" \n{PDQ_2},5" wide\n'.encode()
    rows = rows_of("csv", content)
    assert [(row["line"], row["extra"]) for row in rows] == [
        (2, '{"note":"a, \\"b\\"\\n\\nc"}'),
        (5, '{"note":"5\\" wide"}'),
    ]


def test_a_quote_that_is_never_closed_swallows_nothing() -> None:
    lines = [f"{number:064x},n" for number in range(3000)]
    lines[5] = lines[5][:64] + ',"n'
    content = ("hash,note\n" + "\n".join(lines) + "\n").encode()
    assert rejects_of("csv", content) == [(7, "a quote that is not closed")]
    assert len(rows_of("csv", content)) == 2999


def test_quotes_without_end_take_no_time_without_end() -> None:
    # From either side of a quote each of these lines ends inside one.
    content = b"hash,a,b\n" + b'x",y,"w\n' * 50_000
    rejects = rejects_of("csv", content)
    assert len(rejects) + len(rows_of("csv", content)) >= 49_000
    assert rejects[0] == (2, "a quote that is not closed")


def test_text_after_a_closing_quote_is_a_reject() -> None:
    assert rejects_of("csv", f'hash,note\n{PDQ},"a"b\n'.encode()) == [(2, "text after a closing quote")]


def test_bytes_that_are_no_text_spoil_their_line_alone() -> None:
    content = f"hash,note\n{PDQ},caf\xe9\n".encode("latin-1") + f"{PDQ},a\0b\n{PDQ_2},c\n".encode()
    assert [row["line"] for row in rows_of("csv", content)] == [4]
    assert [line for line, _ in rejects_of("csv", content)] == [2, 3]
    assert "UTF-8" in rejects_of("csv", content)[0][1]
    assert rejects_of("csv", content)[1][1] == "a NUL byte"


def test_labels_may_be_json() -> None:
    content = f'hash,labels\n{PDQ},"[""a;b"", 5]"\n{PDQ},[nope\n'.encode()
    assert rows_of("csv", content)[0]["labels"] == ["a;b", "5"]
    assert [line for line, _ in rejects_of("csv", content)] == [3]


def test_a_column_called_extra_is_ours_only_if_it_holds_an_object() -> None:
    content = f'hash,extra,n\n{PDQ},"{{""a"":[1]}}",2\n{PDQ},free text,\n{PDQ},{{nope,\n'.encode()
    assert [row["extra"] for row in rows_of("csv", content)] == ['{"a":[1],"n":"2"}', '{"extra":"free text"}']
    assert [line for line, _ in rejects_of("csv", content)] == [4]


def test_a_list_column_of_others_is_no_list_name() -> None:
    assert rows_of("csv", f"list,hash\nred,{PDQ}\n".encode())[0]["extra"] == '{"list":"red"}'
    own = f"list,source_id,algorithm,digest\nred,1,pdq,{PDQ}\n".encode()
    assert rows_of("csv", own)[0]["list"] == "red"


def test_columns_of_one_name_or_none_are_all_kept() -> None:
    content = f"hash,note,note,\n{PDQ},a,b,c\n".encode()
    assert rows_of("csv", content)[0]["extra"] == '{"column_4":"c","note":"a","note_3":"b"}'


def test_many_columns_are_read_and_too_many_refused() -> None:
    content = f"hash,{','.join(f'c{i}' for i in range(10_000))}\n{PDQ}{',' * 10_000}\n".encode()
    assert rows_of("csv", content) == [{"line": 2, "digest": PDQ}]
    with pytest.raises(FormatError, match="more than 16384 columns"):
        read("csv", b"hash" + b"," * 1_000_000 + b"\n")


def test_a_mime_type_is_kept_beside_our_word_for_it() -> None:
    (row,) = rows_of("csv", f"hash,media_type\n{PDQ},image/PNG\n".encode())
    assert (row["media_type"], row["extra"]) == ("image", '{"media_type":"image/PNG"}')


def test_lines_that_end_in_cr_alone_are_refused_whole() -> None:
    with pytest.raises(FormatError, match="end in CR alone"):
        read("csv", f"id,hash\r1,{PDQ}\r".encode())


def test_a_list_without_rows_is_a_header() -> None:
    sink = io.BytesIO()
    FORMATS["csv"].write(iter([]), {}, sink, False)
    assert sink.getvalue().decode().startswith("source_id,algorithm,digest,frame,")
    assert recognise(Source(content=sink.getvalue()), ALGORITHMS).name == "csv"
    assert read("csv", sink.getvalue())[0].rows.num_rows == 0
    assert isinstance(read("csv", sink.getvalue())[0].rows, pa.Table)


@pytest.mark.parametrize("header", ["id,algorithm,hash,hash", "id,algorithm,hash,value"])
def test_of_two_columns_that_may_hold_the_hash_one_must_be_mapped(header: str) -> None:
    content = f"{header}\n1,pdq,{PDQ},{PDQ_2}\n".encode()
    with pytest.raises(FormatError, match="several columns that may hold hashes"):
        rows_of("csv", content)
    options = ReadOptions({"digest": header.split(",")[2]}, ALGORITHMS)
    assert [row["digest"] for row in rows_of("csv", content, options)] == [PDQ]


@pytest.mark.parametrize("names", ["withdrawn,deleted", "Deleted,withdrawn", "deleted,deleted"])
def test_of_two_columns_that_may_withdraw_a_row_one_must_be_mapped(names: str) -> None:
    content = f"id,algorithm,hash,{names}\n1,pdq,{PDQ},,true\n".encode()
    first, second = names.split(",")
    with pytest.raises(FormatError) as caught:
        rows_of("csv", content)
    assert str(caught.value) == (
        f"list has several columns that may say that a row is withdrawn ({first}, {second}): map one as withdrawn"
    )
    if first != second:
        assert [row.get("withdrawn") for row in rows_of("csv", content, mapped(withdrawn=second))] == [True]
        assert [row.get("withdrawn") for row in rows_of("csv", content, mapped(withdrawn=first))] == [None]


@pytest.mark.parametrize("line", [f"1,pdq,{PDQ}", f"{MD5.upper()},pdq", f'"1"," {SHA256} "', f"hash;{PDQ}", PDQ])
def test_a_file_without_header_is_refused_and_loses_no_row(line: str) -> None:
    with pytest.raises(FormatError, match=r"^list has no header: its first line holds a hash$"):
        read("csv", f"{line}\n{line}\n".encode())


@pytest.mark.parametrize("name", ["deadbeef", "hash_" + MD5, "g" * 32])
def test_a_column_may_be_called_almost_like_a_hash(name: str) -> None:
    assert rows_of("csv", f"hash,{name}\n{PDQ},x\n".encode())[0]["extra"] == f'{{"{name}":"x"}}'
