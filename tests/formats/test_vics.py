from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.json_stream import ELEMENT_BYTES
from hashmatch.formats.source import HEAD_BYTES, Source

from .growth import growth
from .samples import OPTIONS, read, rejects_of, rows_of
from .samples_hotlines import MD5, MD5_2, PDQ, PDQ_2, SHA1, as_text, digest, hash_set, media

MODELS = "http://github.com/ICMEC/ProjectVic/DataModels"


def vics(*files: object) -> bytes:
    return as_text(hash_set(*files))


def row_of(**changes: object) -> dict[str, object]:
    return rows_of("vics", vics(media(**changes)))[0]


def extra_of(**changes: object) -> dict[str, object]:
    return json.loads(str(row_of(**changes)["extra"]))


def test_a_file_under_our_names() -> None:
    said = {
        "line": 1,
        "source_id": f"md5:{MD5}",
        "labels": ["vics:category-1"],
        "updated_at": "2023-06-07T02:31:49.8300Z",
        "extra": '{"DataModel":"2.0/US","IsPrecategorized":"true","MediaID":7,"MediaSize":2835}',
    }
    assert rows_of("vics", vics(media())) == [
        {**said, "algorithm": "md5", "digest": MD5.upper()},
        {**said, "algorithm": "sha1", "digest": SHA1.upper()},
        {**said, "algorithm": "pdq", "digest": PDQ},
    ]
    assert FORMATS["vics"].mode is None
    assert not FORMATS["vics"].row_is_word


def test_its_rows_are_as_the_checks_read_them() -> None:
    (chunk,) = read("vics", vics(media(), media(MD5=MD5_2, DateUpdated="2023-06-07T02:31:49-05:00")))
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    assert checked.rows.column("digest")[0].as_py().hex() == MD5
    dates = [date.isoformat() for date in checked.rows.column("updated_at").to_pylist()]
    assert (dates[0], dates[-1]) == ("2023-06-07T02:31:49.830000+00:00", "2023-06-07T07:31:49+00:00")


@pytest.mark.parametrize(
    ("category", "labels", "opinion"),
    [
        (1, ["vics:category-1"], None),
        (5, ["vics:category-5"], None),
        ("2", ["vics:category-2"], None),
        (1.0, ["vics:category-1"], None),
        (0.0, ["vics:category-0"], "negative"),
        (0, ["vics:category-0"], "negative"),
        ("0", ["vics:category-0"], "negative"),
        (None, None, "negative"),
        ("", None, "negative"),
    ],
)
def test_what_nobody_found_to_be_of_concern_is_negative(category: object, labels: object, opinion: object) -> None:
    rows = rows_of("vics", vics(media(Category=category)))
    assert len(rows) == 3
    assert {row.get("opinion") for row in rows} == {opinion}
    assert rows[0].get("labels") == labels


def test_a_file_without_category_is_negative() -> None:
    record = media()
    del record["Category"]
    assert rows_of("vics", vics(record))[0]["opinion"] == "negative"


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("none", [0, "0", None, ""])
def test_without_a_category_is_no_objection_to_one(none: object, turned: bool) -> None:
    copies = [media(Category=2), media(Category=none, MD5=MD5.upper(), SHA1="", AlternativeHashes=None)]
    content = vics(*(reversed(copies) if turned else copies), media(MD5=MD5_2, Category=0))
    opinions = {(row["source_id"], row.get("opinion")) for row in rows_of("vics", content)}
    assert opinions == {(f"md5:{MD5}", None), (f"md5:{MD5_2}", "negative")}


@pytest.mark.parametrize("written", [MD5, MD5.upper(), b64encode(bytes.fromhex(MD5)).decode(), f" {MD5} "])
def test_an_md5_names_its_file_however_it_is_written(written: str) -> None:
    assert {row["source_id"] for row in rows_of("vics", vics(media(MD5=written)))} == {f"md5:{MD5}"}


def test_hashes_that_we_do_not_have_are_kept() -> None:
    alternatives = [
        {"HashName": "pdq", "HashValue": PDQ_2},
        {"HashName": "SHA-256", "HashValue": digest("x", 32)},
        {"HashName": "TMK", "HashValue": "AA=="},
        {"HashName": "PDQ"},
        "strange",
    ]
    rows = rows_of("vics", vics(media(PhotoDNA="QUJD", AlternativeHashes=alternatives)))
    assert [row["algorithm"] for row in rows] == ["md5", "sha1", "pdq", "sha256"]
    extra = json.loads(str(rows[0]["extra"]))
    assert extra["hashes"] == {"PhotoDNA": "QUJD", "TMK": "AA=="}
    assert extra["AlternativeHashes"] == [{"HashName": "PDQ"}, "strange"]


@pytest.mark.parametrize("value", [None, "none", {"HashName": "PDQ"}, []])
def test_alternative_hashes_of_another_shape_cost_nothing(value: object) -> None:
    rows = rows_of("vics", vics(media(AlternativeHashes=value)))
    assert [row["algorithm"] for row in rows] == ["md5", "sha1"]
    assert json.loads(str(rows[0]["extra"])).get("AlternativeHashes") == (value or None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"MimeType": "video/mp4"}, "video"),
        ({"MimeType": "image/unknown"}, "image"),
        ({"MimeType": "application/pdf"}, "document"),
        ({"MimeType": "application/octet-stream", "RelativeFilePath": "Media\\00\\a.JPG"}, "image"),
        ({"RelativeFilePath": "Media/b.mov"}, "video"),
        ({"MediaFiles": [{"FileName": "c.png", "FilePath": "/home"}]}, "image"),
        ({"MediaFiles": "c.png"}, None),
        ({"MimeType": 5}, None),
        ({}, None),
    ],
)
def test_what_kind_of_file_it_is(changes: dict[str, object], expected: str | None) -> None:
    assert row_of(**changes).get("media_type") == expected
    assert {key: extra_of(**changes)[key] for key in changes} == changes


@pytest.mark.parametrize(
    ("key", "context", "model"),
    [
        ("odata.metadata", f"{MODELS}/1.2.xml#Media", "1.2"),
        ("odata.metadata", f"{MODELS}/1.3.xml#Media", "1.3"),
        ("@odata.context", f"{MODELS}/2.0.xml/Default/$metadata#Media", "2.0/Default"),
        ("@odata.context", f"{MODELS}/2.0.xml/UK/$metadata#MEDIA", "2.0/UK"),
        ("@odata.context", "http:\\/\\/x\\/ProjectVic\\/DataModels\\/2.0.xml\\/US\\/$metadata#Media", "2.0/US"),
    ],
)
def test_every_version_and_country(key: str, context: str, model: str) -> None:
    content = as_text(hash_set(media(), key=key, context=context)).replace(b"\\\\/", b"\\/")
    assert recognise(Source(content=content), ALGORITHMS).name == "vics"
    assert json.loads(str(rows_of("vics", content)[0]["extra"]))["DataModel"] == model


def case(*files: object, **changes: object) -> dict[str, object]:
    return {"CaseID": "c-1", "CaseNumber": 17, "SourceApplicationName": "x", "Contacts": [{"Media": 1}], **changes} | {
        "Media": files
    }


def cases(*values: object) -> bytes:
    return as_text({"odata.metadata": f"{MODELS}/1.3.xml#Cases", "value": values})


def test_the_files_of_cases() -> None:
    content = cases(case(media(), media(MD5=MD5_2)), case(CaseID="empty"), case(media(MD5=PDQ[:32]), CaseID="c-2"))
    rows = [row for row in rows_of("vics", content) if row["algorithm"] == "md5"]
    assert recognise(Source(content=content), ALGORITHMS).name == "vics"
    assert [(row["line"], row["source_id"]) for row in rows] == [
        (1, f"md5:{MD5}"),
        (2, f"md5:{MD5_2}"),
        (3, f"md5:{PDQ[:32]}"),
    ]
    named = [json.loads(str(row["extra"])) for row in rows]
    assert [(extra["CaseID"], extra["CaseNumber"]) for extra in named] == [("c-1", 17), ("c-1", 17), ("c-2", 17)]
    assert "SourceApplicationName" not in named[0]


def test_what_names_a_case_is_repeated_within_bounds() -> None:
    (row, *_) = rows_of("vics", cases(case(media(), CaseID="x" * 100_000, CaseNumber="y" * 1_000)))
    extra = json.loads(str(row["extra"]))
    assert (extra["CaseID"], extra["CaseNumber"]) == ("x" * 1_000, "y" * 1_000)


@pytest.mark.parametrize("many", [1, HEAD_BYTES // 300])
def test_a_context_may_stand_behind_what_it_is_of(many: int) -> None:
    usual = hash_set(*(media(MD5=digest(str(number), 16)) for number in range(many)))
    content = as_text({name: usual[name] for name in sorted(usual, reverse=True)})
    assert content.index(b"odata") > content.index(b"MediaID")
    assert (len(content) > HEAD_BYTES) is (many > 1)
    assert recognise(Source(content=content), ALGORITHMS).name == "vics"
    assert rows_of("vics", content) == rows_of("vics", as_text(usual))


@pytest.mark.parametrize(
    "context", ["DataModels/1.0.xml" * 50_000, "x" * 500_000 + "ProjectVic/DataModels/1.3.xml#Media"]
)
def test_a_context_without_end_is_none(context: str) -> None:
    content = as_text(hash_set(media(), context=context))
    with pytest.raises(FormatError, match="no context of VICS stands in it"):
        read("vics", content)


def test_a_byte_order_mark_and_an_empty_set() -> None:
    assert len(rows_of("vics", b"\xef\xbb\xbf" + vics(media()))) == 3
    assert rows_of("vics", vics()) == []
    assert rejects_of("vics", vics()) == []


BAD: list[tuple[bytes, str]] = [
    (b'{"MD5": NaN}', "not JSON"),
    (b'{"MD5": 1e999}', "Number out of range"),
    (b'{"MediaSize": -1' + b"0" * 400 + b".5}", "Number out of range"),
    (b'{"MD5": "\xff"}', "UTF-8"),
    (b'{"MD5" "a"}', "not JSON"),
    (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
    (b'{"a": ' + b'{"b":' * 100 + b"1" + b"}" * 100 + b', "MD5": "' + MD5.encode() + b'"}', "nested too deeply"),
    (b'{"MD5": ""}', "no MD5"),
    (b'{"MD5": {"a": 1}}', "an object as MD5"),
    (b'{"MD5": "zz", "SHA1": "' + SHA1.encode() + b'"}', "'zz' is not 32 hexadecimal digits"),
    (b"[]", "Expected `object`, got `array`"),
    (b"17", "Expected `object`, got `int`"),
    (b'{"MD5": "' + MD5.encode() + b'", "Category": -1}', "as Category"),
    (b'{"MD5": "' + MD5.encode() + b'", "Category": 1.5}', "as Category"),
    (b'{"MD5": "' + MD5.encode() + b'", "Category": true}', "as Category"),
    (b'{"MD5": "' + MD5.encode() + b'", "DateUpdated": []}', "an array as DateUpdated"),
    (b'{"MD5": "' + b"a" * ELEMENT_BYTES + b'"}', "longer than"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_file_that_cannot_be_read_is_a_reject_and_the_next_goes_on(bad: bytes, reason: str) -> None:
    content = vics(media(), "BAD", media(MD5=MD5_2)).replace(b'"BAD"', bad)
    rows = [row["source_id"] for row in rows_of("vics", content) if row["algorithm"] == "md5"]
    assert rows == [f"md5:{MD5}", f"md5:{MD5_2}"]
    ((number, told),) = rejects_of("vics", content)
    assert number == 2
    assert reason in told
    assert len(told) < 300


def test_a_reject_names_its_claim_where_it_can() -> None:
    (chunk,) = read("vics", vics(media(), media(Category="A")))
    assert [reject.source_id for reject in chunk.rejects] == [f"md5:{MD5}"]


def test_of_equal_keys_the_last_counts() -> None:
    content = vics(media()).replace(b'"Category": 1', b'"Category": 0, "Category": 3')
    assert rows_of("vics", content)[0]["labels"] == ["vics:category-3"]


def test_a_hundred_thousand_hashes_of_one_file_are_a_reject() -> None:
    many = [{"HashName": "PDQ", "HashValue": f"{n:x}"} for n in range(100_000)]
    assert [reason for _, reason in rejects_of("vics", vics(media(), media(AlternativeHashes=many)))] == [
        f"longer than {ELEMENT_BYTES} bytes"
    ]
    assert "more than 10000 hashes" in rejects_of("vics", vics(media(), media(AlternativeHashes=many[:20_000])))[0][1]


def test_what_a_row_cannot_carry_is_left_out_and_named() -> None:
    properties = [{"PropertyName": f"p{n}", "PropertyValue": "é" * 20} for n in range(1000)]
    extra = extra_of(Exifs=properties, Comments="kept")
    assert extra["left_out"] == ["Exifs"]
    assert extra["Comments"] == "kept"
    assert extra_of(Exifs=properties[:10])["Exifs"] == properties[:10]
    (chunk,) = read("vics", vics(media(Exifs=properties, MediaFiles=properties, **{f"k{n}": "x" for n in range(5000)})))
    assert check(chunk.rows, None).rejects == ()


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"value": []}', b'{"@odata.context": "x#Media", "value": []}'])
def test_what_is_not_vics_is_a_format_error(content: bytes) -> None:
    assert not FORMATS["vics"].recognises(Source(content=content), ALGORITHMS)
    with pytest.raises(FormatError, match="no context of VICS stands in it"):
        read("vics", content)


def test_a_file_that_is_cut_off_is_a_format_error() -> None:
    content = vics(media(), media(MD5=MD5_2))
    for size in range(len(content) - 40, len(content) - 2):
        with pytest.raises(FormatError, match="is not whole"):
            list(FORMATS["vics"].read(Source(content=content[:size]), OPTIONS))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    record = as_text(media(Exifs=[{"PropertyName": "Make", "PropertyValue": "x" * 200}] * 10))
    short, long = tmp_path / "short.json", tmp_path / "long.json"
    for path, times in ((short, 4_000), (long, 24_000)):
        opening, closing = vics("HERE").split(b'"HERE"')
        path.write_bytes(opening + b",\n".join([record] * times) + closing)
    assert long.stat().st_size > 60_000_000
    rows, more = growth("vics", short, long)
    assert rows == 72_000
    assert more < 15_000_000
