from __future__ import annotations

import json
from pathlib import Path

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.ncmec import ENTRY_BYTES, ENTRY_ELEMENTS
from hashmatch.formats.source import Source
from hashmatch.records import Mode

from .growth import growth
from .samples import OPTIONS, read, rejects_of, rows_of
from .samples_hotlines import MD5, MD5_2, NAMESPACE, PDQ, SAMPLES, SHA1, XML, answer, entry, fingerprints

HASHES = fingerprints(md5=MD5, sha1=SHA1, pdq=PDQ)
OTHER = entry(own="other", more=fingerprints(md5=MD5_2))


def extra_of(images: str) -> dict[str, object]:
    return json.loads(str(rows_of("ncmec", answer(images))[0]["extra"]))


def opinions_of(feedback: str) -> dict[object, object]:
    content = answer(entry(more=f"{HASHES}<feedback>{feedback}</feedback>"))
    return {row["algorithm"]: row.get("opinion") for row in rows_of("ncmec", content)}


def test_entries_under_our_names() -> None:
    said = {"updated_at": "2017-10-24T15:00:00Z", "extra": '{"member":"Example Member"}'}
    image = {"line": 1, "source_id": "42-image1", "media_type": "image", "labels": ["ncmec:a1"], **said}
    assert rows_of("ncmec", SAMPLES["ncmec"]) == [
        {**image, "algorithm": "md5", "digest": MD5},
        {**image, "algorithm": "sha1", "digest": SHA1},
        {**image, "algorithm": "pdq", "digest": PDQ},
        {"line": 2, "source_id": "43-image4", "media_type": "image", "withdrawn": True, **said},
        {"line": 3, "source_id": "42-video1", "media_type": "video", "algorithm": "md5", "digest": MD5_2, **said},
    ]
    assert FORMATS["ncmec"].mode is Mode.UPDATE
    assert not FORMATS["ncmec"].row_is_word


def test_its_rows_are_as_the_checks_read_them() -> None:
    (chunk,) = read("ncmec", answer(entry(more=HASHES.upper().replace("FINGERPRINTS", "fingerprints"))))
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    assert [code.hex() for code in checked.rows.column("digest").to_pylist()] == [MD5, SHA1, PDQ]


def test_deletions_of_images_and_videos() -> None:
    rows = rows_of("ncmec", answer(entry("deletedImage"), entry("deletedVideo", member="7", own="v")))
    assert [(row["source_id"], row["media_type"], row["withdrawn"]) for row in rows] == [
        ("42-image1", "image", True),
        ("7-v", "video", True),
    ]


def test_fingerprints_that_we_do_not_have_are_kept_beside_those_that_we_have() -> None:
    large = '<tmk-pdqf rel="self" href="/v2/entries/1/fingerprints/TMK_PDQF"/>'
    more = f"<fingerprints><md5>{MD5}</md5><pdna>a1a1</pdna><pdna>b1</pdna>{large}<sha1/><NETCLEAN>n</NETCLEAN></fingerprints>"
    (row,) = rows_of("ncmec", answer(entry(more=more)))
    assert row["algorithm"] == "md5"
    assert json.loads(str(row["extra"]))["hashes"] == {
        "pdna": ["a1a1", "b1"],
        "tmk-pdqf": "/v2/entries/1/fingerprints/TMK_PDQF",
        "NETCLEAN": "n",
    }


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (fingerprints(pdna="a1", SSVH_PDNA="b"), "only pdna, SSVH_PDNA"),
        ("", "no hash"),
        ("<fingerprints/>", "no hash"),
        (fingerprints(md5=" "), "no hash"),
    ],
)
def test_an_entry_without_a_hash_that_we_have_is_a_reject_with_its_id(more: str, reason: str) -> None:
    (chunk,) = read("ncmec", answer(entry(more=more) + OTHER))
    (reject,) = chunk.rejects
    assert reason in reject.reason
    assert (reject.line, reject.source_id) == (1, "42-image1")
    assert chunk.rows.column("source_id").to_pylist() == ["42-other"]


def dated(kind: str, timestamp: str, more: str = "") -> str:
    stated = "<timestamp>2017-10-24T15:00:00Z</timestamp>"
    assert stated in entry(kind)
    return entry(kind, more=more).replace(stated, f"<timestamp>{timestamp}</timestamp>" if timestamp else "")


OLD = dated("image", "2018-01-01T00:00:00Z", fingerprints(md5=MD5))
VERSIONS = {
    "a deletion": (OLD, dated("deletedImage", "2018-01-01T00:00:00.5Z"), [None]),
    "a deletion at an equal date": (OLD, dated("deletedImage", "2018-01-01T01:00:00+01:00"), [None]),
    "another hash": (OLD, dated("image", "2018-01-02T00:00:00Z", fingerprints(sha1=SHA1)), [SHA1]),
    "after a deletion": (dated("deletedImage", "2017-12-31T23:59:59Z"), OLD, [MD5]),
    "without a date": (OLD, dated("deletedImage", ""), [None]),
}


@pytest.mark.parametrize("what", VERSIONS)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_versions_the_newest_counts_wherever_it_stands(what: str, turned: bool) -> None:
    *versions, digests = VERSIONS[what]
    content = answer("".join(reversed(versions) if turned else versions) + OTHER)
    rows = [row for row in rows_of("ncmec", content) if row["source_id"] == "42-image1"]
    assert [row.get("digest") for row in rows] == digests
    assert [row.get("withdrawn", False) for row in rows] == [digest is None for digest in digests]
    (header,) = [header for chunk in read("ncmec", content) for header in chunk.headers]
    assert header == {"skipped": {"older version": 1}}


def test_versions_that_are_equally_new_all_count() -> None:
    versions = (fingerprints(md5=MD5), fingerprints(sha1=SHA1))
    rows = rows_of("ncmec", answer("".join(entry(more=more) for more in versions)))
    assert [row["digest"] for row in rows] == [MD5, SHA1]


def test_a_newer_version_that_cannot_be_read_does_not_bring_back_an_older_one() -> None:
    (chunk,) = read("ncmec", answer(OLD + dated("image", "2019-01-01T00:00:00Z", fingerprints(pdna="a1")) + OTHER))
    assert chunk.rows.column("source_id").to_pylist() == ["42-other"]
    assert [(reject.line, reject.source_id) for reject in chunk.rejects] == [(2, "42-image1")]


FEEDBACK = """
  <affirmativeFeedback type="Md5" lastUpdateTimestamp="2023-06-01T12:48:14Z">
    <members timestamp="2023-06-01T12:48:14Z"><member id="42">Example Member</member><member id="43"/></members>
  </affirmativeFeedback>
  <negativeFeedback type="Sha1">
    <reasons><reason guid="0-1" name="Example Reason 1" type="Sha1"/></reasons>
  </negativeFeedback>
"""


def test_feedback_is_kept_and_objections_make_their_own_fingerprint_disputed() -> None:
    assert opinions_of(FEEDBACK) == {"md5": None, "sha1": "disputed", "pdq": None}
    feedback = extra_of(entry(more=f"{HASHES}<feedback lastUpdateTimestamp='t'>{FEEDBACK}</feedback>"))["feedback"]
    assert feedback == {
        "lastUpdateTimestamp": "t",
        "affirmativeFeedback": {
            "type": "Md5",
            "lastUpdateTimestamp": "2023-06-01T12:48:14Z",
            "members": {
                "timestamp": "2023-06-01T12:48:14Z",
                "member": [{"id": "42", "text": "Example Member"}, {"id": "43"}],
            },
        },
        "negativeFeedback": {
            "type": "Sha1",
            "reasons": {"reason": {"guid": "0-1", "name": "Example Reason 1", "type": "Sha1"}},
        },
    }


@pytest.mark.parametrize(
    ("feedback", "disputed"),
    [
        ("<negativeFeedback><reasons/></negativeFeedback>", {"md5", "sha1", "pdq"}),
        ('<negativeFeedback type="Pdq"><reasons/></negativeFeedback>', {"pdq"}),
        ('<negativeFeedback type="PDNA"><reasons/></negativeFeedback>', set()),
        ('<negativeFeedback type="Md5"/>', set()),
        ('<affirmativeFeedback type="Md5"><members/></affirmativeFeedback>', set()),
        ("", set()),
    ],
)
def test_which_hashes_are_disputed(feedback: str, disputed: set[str]) -> None:
    assert {name for name, opinion in opinions_of(feedback).items() if opinion == "disputed"} == disputed


def test_what_we_do_not_know_is_kept() -> None:
    extra = extra_of(entry(more=f"{HASHES}<note lang='en'>a &amp; b</note><note>c</note><empty/>"))
    assert extra == {"member": "Example Member", "note": [{"lang": "en", "text": "a & b"}, "c"]}


def test_namespaces_may_have_prefixes() -> None:
    content = SAMPLES["ncmec"].replace(b"<", b"<n:").replace(b"<n:/", b"</n:").replace(b"<n:?", b"<?")
    content = content.replace(b"xmlns=", b"xmlns:n=")
    assert recognise(Source(content=content), ALGORITHMS).name == "ncmec"
    assert rows_of("ncmec", content) == rows_of("ncmec", SAMPLES["ncmec"])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry(member="", more=HASHES), "no id of a member"),
        (entry(own="", more=HASHES), "no id"),
        (entry(more="<id>b</id>" + HASHES), "2 elements 'id'"),
        (entry(more="<member id='1'/>" + HASHES), "2 elements 'member'"),
        (entry("audio", more=HASHES), "'audio' is no entry that is known here"),
        (entry("deletedImage", own=" "), "no id"),
        ("<image/>", "no id of a member"),
        (entry(more="<fingerprints>" + f"<md5>{MD5}</md5>" * 100_000 + "</fingerprints>"), "more than 10000 hashes"),
    ],
)
def test_an_entry_that_cannot_be_read_is_a_reject_and_the_next_goes_on(bad: str, reason: str) -> None:
    content = answer(bad + OTHER)
    assert [(row["line"], row["source_id"]) for row in rows_of("ncmec", content)] == [(2, "42-other")]
    ((number, told),) = rejects_of("ncmec", content)
    assert number == 1
    assert reason in told
    assert len(told) < 300


def test_an_answer_without_entries_is_in_the_format() -> None:
    assert rows_of("ncmec", answer()) == []
    assert rejects_of("ncmec", answer()) == []
    assert recognise(Source(content=answer()), ALGORITHMS).name == "ncmec"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DECLARATIONS = {
    "billion laughs": f'<!DOCTYPE q [<!ENTITY l0 "ha">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE q [<!ENTITY l9 "{"x" * 100_000}">]>',
    "external entity": '<!DOCTYPE q [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE q [<!ENTITY % l9 SYSTEM "http://localhost/x"> %l9;]>',
    "external subset": '<!DOCTYPE q SYSTEM "http://localhost/x.dtd">',
    "empty": "<!DOCTYPE queryResult>",
}


@pytest.mark.parametrize("what", DECLARATIONS)
def test_declarations_are_refused(what: str) -> None:
    content = answer(entry(own="&l9;", more=HASHES)).decode().replace(XML, XML + DECLARATIONS[what])
    with pytest.raises(FormatError, match=r"^bomb\.xml declares entities or a document type, which no list needs$"):
        list(FORMATS["ncmec"].read(Source(content=content.encode(), name="bomb.xml"), OPTIONS))


def declared(encoding: str, content: bytes) -> bytes:
    return content.replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode())


def test_another_encoding_is_read_where_it_is_declared() -> None:
    content = SAMPLES["ncmec"].replace(b"Example Member", "Exämple".encode("cp1252"))
    for encoding in ("ISO-8859-1", "windows-1252"):
        row = rows_of("ncmec", declared(encoding, content))[0]
        assert row["extra"] == '{"member":"Exämple"}'


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        ("UTF-16", "cannot be read as XML: encoding specified in XML declaration is incorrect"),
        ("nonsense", "unknown encoding"),
        ("utf-7", "encoding"),
        ("shift_jis", "in an encoding that cannot be read: multi-byte encodings are not supported"),
        ("zlib", "encoding"),
        ("US-ASCII", "not well-formed"),
    ],
)
def test_a_wrong_encoding_is_a_format_error(encoding: str, reason: str) -> None:
    content = declared(encoding, SAMPLES["ncmec"].replace(b"Example Member", "Exämple".encode()))
    with pytest.raises(FormatError, match=rf"^\(bytes\) [^\n]*{reason}[^\n]*$"):
        list(FORMATS["ncmec"].read(Source(content=content), OPTIONS))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read as XML: no element found"),
        (b"<a/>", "it is a 'a'"),
        (f'<status xmlns="{NAMESPACE}"><member id="1"/></status>'.encode(), "it is a 'status'"),
        (SAMPLES["ncmec"][:-20], "cannot be read as XML"),
        (SAMPLES["ncmec"].replace(b"</id>", b"</di>", 1), "mismatched tag"),
        (SAMPLES["ncmec"].replace(b"image1", b"image\x00", 1), "not well-formed"),
        (SAMPLES["ncmec"].replace(b"image1", b"image\xff", 1), "not well-formed"),
        (SAMPLES["ncmec"].replace(b"image1", b"&undefined;", 1), "undefined entity"),
        (SAMPLES["ncmec"].replace(b"<id>", b'<id a="1" a="2">', 1), "duplicate attribute"),
        (SAMPLES["ncmec"] * 2, "goes on after its end, as pages do that were joined"),
        (SAMPLES["ncmec"] + b"and so on", "goes on after its end"),
        (answer(entry(more="<a>" * 40 + "</a>" * 40)), "nested deeper"),
        (answer("<image>" * 1_000_000), "nested deeper"),
        (answer(entry(more="<a/>" * ENTRY_ELEMENTS)), "divided further"),
        (answer(entry(more="<a>" + "x" * (ENTRY_BYTES + 200_000) + "</a>")), f"more than {ENTRY_BYTES} bytes"),
        (answer("x" * (ENTRY_BYTES + 200_000)), f"more than {ENTRY_BYTES} bytes"),
        (answer(f"<image a='{'x' * (ENTRY_BYTES + 200_000)}'/>"), f"more than {ENTRY_BYTES} bytes"),
        (answer(f"<!--{'x' * (ENTRY_BYTES + 200_000)}-->"), f"more than {ENTRY_BYTES} bytes"),
        (answer("<image/>" * 200), "is not in the format ncmec: line 1: no id of a member"),
    ],
)
def test_what_is_no_answer_is_a_format_error(content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=rf"^\(bytes\) [^\n]*{reason}[^\n]*$"):
        list(FORMATS["ncmec"].read(Source(content=content), OPTIONS))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    record = entry(more=HASHES + f"<note>{'x' * 2000}</note>")
    short, long = tmp_path / "short.xml", tmp_path / "long.xml"
    for path, times in ((short, 4_000), (long, 16_000)):
        path.write_bytes(answer(record * times))
    assert long.stat().st_size > 35_000_000
    rows, more = growth("ncmec", short, long)
    assert rows == 48_000
    assert more < 15_000_000
