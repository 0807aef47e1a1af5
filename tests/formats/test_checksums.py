from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source

from .samples import OPTIONS, read, rejects_of, rows_of
from .samples_intelligence import made_up

MD5, SHA1, SHA256, SHA512, PDQ = (made_up(name, 1) for name in ("md5", "sha1", "sha256", "sha512", "pdq"))


def row_of(line: str, file: str = "list") -> dict[str, object]:
    (chunk,) = read("checksums", line.encode() + b"\n", OPTIONS, file)
    assert not chunk.rejects
    (row,) = chunk.rows.to_pylist()
    return {key: value for key, value in row.items() if value is not None}


def name_of(line: str) -> str:
    return str(json.loads(str(row_of(line)["extra"]))["filename"])


@pytest.mark.parametrize(
    ("line", "algorithm", "digest", "name"),
    [
        (f"{MD5}  a.jpg", "md5", MD5, "a.jpg"),
        (f"{MD5} *a.jpg", "md5", MD5, "a.jpg"),
        (f"{SHA1.upper()}  a.jpg", "sha1", SHA1.upper(), "a.jpg"),
        (f"{SHA512}  a.jpg", "sha512", SHA512, "a.jpg"),
        (f"{MD5}   two blanks", "md5", MD5, " two blanks"),
        (f"{MD5}  *star", "md5", MD5, "*star"),
        (f"\\{MD5}  a\\nb\\\\c\\rd", "md5", MD5, "a\nb\\c\rd"),
        (f"{MD5}  a\\nb", "md5", MD5, "a\\nb"),
        (f"MD5 (a.jpg) = {MD5}", "md5", MD5, "a.jpg"),
        (f"SHA1 (a (1) = b) = {SHA1}", "sha1", SHA1, "a (1) = b"),
        (f"SHA256 (a.jpg) = {SHA256}", "sha256", SHA256, "a.jpg"),
        (f"\\SHA512 (a\\\\b) = {SHA512}", "sha512", SHA512, "a\\b"),
        (f"SHA2-256(a.jpg)= {SHA256}", "sha256", SHA256, "a.jpg"),
        (f"SHA256(a.jpg)= {SHA256}", "sha256", SHA256, "a.jpg"),
        (f"PDQ (a.jpg) = {PDQ}", "pdq", PDQ, "a.jpg"),
        (f"{MD5}  ü.jpg", "md5", MD5, "ü.jpg"),
    ],
)
def test_lines_in_form(line: str, algorithm: str, digest: str, name: str) -> None:
    row = row_of(line)
    assert (row["algorithm"], row["digest"], name_of(line)) == (algorithm, digest, name)
    assert "source_id" not in row
    assert recognise(Source(content=line.encode()), ALGORITHMS).name == "checksums"


@given(
    st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), min_size=1).filter(
        lambda n: n[-1] != "\r"
    )
)
def test_a_name_comes_back_as_it_is_or_escaped(name: str) -> None:
    assert name_of(f"{MD5}  {name}") == name
    escaped = name.replace("\\", "\\\\").replace("\r", "\\r")
    assert name_of(f"\\{MD5}  {escaped}") == name
    assert name_of(f"\\SHA1 ({escaped}) = {SHA1}") == name


def test_a_golden_row() -> None:
    assert row_of(f"{MD5}  clips/leaflet.mp4") == {
        "line": 1,
        "algorithm": "md5",
        "digest": MD5,
        "media_type": "video",
        "extra": '{"filename":"clips/leaflet.mp4"}',
    }


@pytest.mark.parametrize(
    ("file", "algorithm"),
    [
        ("SHA256SUMS", "sha256"),
        ("sha256sum.txt", "sha256"),
        ("partner.sha256", "sha256"),
        ("partner.SHA-256.gz", "sha256"),
        ("CHECKSUM.SHA256", "sha256"),
        ("partner-sha256sums-2024.txt", "sha256"),
        ("partner.pdq.txt", "pdq"),
        ("list.txt", None),
        ("md5sums", None),
        ("mysha256ish", None),
        ("sha2560", None),
    ],
)
def test_of_64_digits_only_the_name_of_the_list_can_tell(file: str, algorithm: str | None) -> None:
    assert row_of(f"{SHA256}  a.jpg", file).get("algorithm") == algorithm


def test_a_list_of_pdq_hashes_with_names_is_not_mistaken() -> None:
    (chunk,) = read("checksums", f"{PDQ}  a.jpg\n".encode())
    (reject,) = check(chunk.rows, None).rejects
    assert "name the algorithm" in reject.reason
    assert check(chunk.rows, "pdq").rows.column("algorithm").to_pylist() == ["pdq"]


@pytest.mark.parametrize("file", ["SHA3-256SUMS", "list.sha3", "B2SUMS", "b3sums", "list.blake2b"])
@pytest.mark.parametrize("digest", [SHA256, SHA512])
def test_the_name_of_the_list_may_say_that_we_have_no_such_algorithm(file: str, digest: str) -> None:
    with pytest.raises(FormatError, match=r"a checksum of [a-z0-9-]+, an algorithm that we do not have"):
        read("checksums", f"{digest}  a.jpg\n".encode(), OPTIONS, file)


@pytest.mark.parametrize(
    ("file", "digest", "named"),
    [
        ("RMD160SUMS", SHA1, "rmd160"),
        ("list.ripemd-160", SHA1, "ripemd160"),
        ("whirlpool.txt", SHA512, "whirlpool"),
        ("WHIRLPOOLSUMS", SHA512, "whirlpool"),
        ("md4.txt", MD5, "md4"),
        ("partner.sm3", SHA256, "sm3"),
        ("streebog-512.txt", SHA512, "streebog512"),
    ],
)
def test_what_is_as_long_as_a_digest_of_ours_is_not_taken_for_one(file: str, digest: str, named: str) -> None:
    with pytest.raises(FormatError, match=f"a checksum of {named}, an algorithm that we do not have"):
        read("checksums", f"{digest}  a.jpg\n".encode(), OPTIONS, file)


@pytest.mark.parametrize("file", ["RMD160SUMS", "whirlpool.txt", "b3sums"])
def test_what_is_shorter_than_the_algorithm_in_the_name_is_something_else(file: str) -> None:
    assert row_of(f"{MD5}  a.jpg", file)["algorithm"] == "md5"


def test_what_we_cannot_use_is_a_reject_that_names_it_and_the_next_goes_on() -> None:
    lines = [
        f"{MD5}  good.jpg",
        f"{'ab' * 28}  a",
        f"{'ab' * 48}  a",
        f"SHA3-256 (a) = {SHA256}",
        f"{MD5} one blank",
        f"{MD5}",
        "Dear all,",
        f"\\{MD5}  a\\qb",
        f"\\{MD5}  a\\",
        f"{MD5}  a\0{MD5}  b",
        "x" * 100_000,
        f"{MD5}  good.jpg",
    ]
    content = "\n".join(lines).encode()
    assert [row["line"] for row in rows_of("checksums", content)] == [1, 12]
    rejects = dict(rejects_of("checksums", content))
    assert list(rejects) == list(range(2, 12))
    assert rejects[2] == "a checksum of SHA-224, an algorithm that we do not have"
    assert rejects[3] == "a checksum of SHA-384, an algorithm that we do not have"
    assert rejects[4] == "a checksum of SHA3-256, an algorithm that we do not have"
    assert rejects[8] == "a backslash in the name that escapes nothing"
    assert rejects[10].startswith("a NUL byte")
    assert all(len(reason) < 150 for reason in rejects.values())


def test_a_name_that_is_not_utf_8_costs_no_hash() -> None:
    (row,) = rows_of("checksums", MD5.encode() + b"  caf\xe9.jpg\n")
    assert json.loads(str(row["extra"])) == {"filename": "caf\\xe9.jpg"}


@pytest.mark.parametrize(
    "content",
    [
        f"{MD5}\n",
        f"{MD5} a.jpg\n",
        f"{MD5}  a.jpg\nDear all,\n",
        f"{'ab' * 10}  a.jpg\n",
        f"md5  {MD5}\n",
        f"{PDQ},100,a.jpg\n",
    ],
)
def test_what_is_no_checksum_file_is_not_recognised(content: str) -> None:
    assert not FORMATS["checksums"].recognises(Source(content=content.encode()), ALGORITHMS)


DEEP = f"""%%%% HASHDEEP-1.0
%%%% size,md5,sha256,whirlpool,filename
## Invoked from: /home/user
## $ hashdeep -c md5,sha256,whirlpool a
##
1234,{MD5},{SHA256},aabb,a, b.jpg
5,{made_up("md5", 2)},{made_up("sha256", 2)},ccdd,c.pdf
"""


def test_hashdeep_lists_several_hashes_of_each_file() -> None:
    assert recognise(Source(content=DEEP.encode()), ALGORITHMS).name == "checksums"
    rows = rows_of("checksums", DEEP.encode())
    head = {"line": 6, "source_id": f"sha256:{SHA256}", "media_type": "image"}
    extra = '{"filename":"a, b.jpg","size":"1234","whirlpool":"aabb"}'
    assert rows[:2] == [
        {**head, "algorithm": "md5", "digest": MD5, "extra": extra},
        {**head, "algorithm": "sha256", "digest": SHA256, "extra": extra},
    ]
    assert [row["line"] for row in rows] == [6, 6, 7, 7]


def test_what_is_blank_or_no_digest_names_no_file() -> None:
    def line(number: int, sha256: str) -> str:
        return f"5,{made_up('md5', number)},{sha256},aabb,c.pdf\n"

    base64 = b64encode(bytes.fromhex(SHA256)).decode()
    strange = (line(3, ""), line(4, "  "), line(5, "zz"), line(6, SHA256.upper()), line(7, base64))
    rows = rows_of("checksums", "".join((DEEP, *strange, "5,,,aabb,c.pdf\n")).encode())[4:]
    assert [(row["line"], row.get("source_id"), row["algorithm"]) for row in rows] == [
        (8, None, "md5"),
        (9, None, "md5"),
        (10, f"md5:{made_up('md5', 5)}", "md5"),
        (10, f"md5:{made_up('md5', 5)}", "sha256"),
        *((number, f"sha256:{SHA256}", name) for number in (11, 12) for name in ("md5", "sha256")),
    ]
    content = (DEEP + "5,,,aabb,c.pdf\n").encode()
    assert rejects_of("checksums", content) == [(8, "no hash of an algorithm that we have, only whirlpool")]


def test_a_name_that_no_row_can_carry_costs_no_hash() -> None:
    assert json.loads(str(row_of(f"{MD5}  {'x' * 100_000}")["extra"])) == {"left_out": ["filename"]}


def test_a_torn_line_of_hashdeep_is_a_reject() -> None:
    assert rejects_of("checksums", (DEEP + "1234,abc\n").encode()) == [(8, "2 cells where the columns are 5")]
    foreign = DEEP.replace("md5,sha256", "tiger,tiger2")
    with pytest.raises(FormatError, match="no hash of an algorithm that we have, only tiger, tiger2, whirlpool"):
        read("checksums", foreign.encode())
    wide = DEEP.replace("filename", "x," * 100 + "filename")
    with pytest.raises(FormatError, match="more than 20 columns"):
        read("checksums", wide.encode())


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", b"Dear all,\nplease find attached.\n"])
def test_what_is_no_checksum_file_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^list is not in the format checksums: [^\n]+$"):
        read("checksums", content)


def algorithms_of(content: str, file: str, algorithm: str) -> list[object]:
    chunks = read("checksums", content.encode(), replace(OPTIONS, algorithm=algorithm), file)
    assert not any(chunk.rejects for chunk in chunks)
    return [row["algorithm"] for chunk in chunks for row in chunk.rows.to_pylist()]


@pytest.mark.parametrize("file", ["partner.sha256", "SHA256SUMS", "SHA3-256SUMS", "list"])
def test_what_the_user_says_wins_over_the_name_of_the_list_where_the_length_fits(file: str) -> None:
    assert algorithms_of(f"{PDQ}  a.jpg\n", file, "pdq") == ["pdq"]
    # A line says what it holds itself, and other lengths fit no PDQ.
    assert algorithms_of(f"SHA256 (a.jpg) = {SHA256}\n{MD5}  a.jpg\n", file, "pdq") == ["sha256", "md5"]


def test_what_the_user_says_of_another_length_leaves_the_name_of_the_list_its_word() -> None:
    assert algorithms_of(f"{SHA256}  a.jpg\n", "partner.sha256", "md5") == ["sha256"]
