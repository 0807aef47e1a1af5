"""A feed without news: its empty page is imported as nothing, and leaves the list as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hashmatch import HashBank
from hashmatch.algorithms import ALGORITHMS
from hashmatch.formats import recognise
from hashmatch.formats.source import Source

from .samples import SAMPLES, read
from .samples_exchanges import page, update

EMPTY = {
    "threatexchange": [{"data": []}, {"data": [], "paging": {"cursors": {}}}],
    "tcap": [{"count": 0, "next": None, "previous": None, "checkpoint": None, "results": []}],
    "stopncii": [{"hashRecords": []}, {"count": 0, "hashRecords": [], "hasMoreRecords": False}],
}


@pytest.mark.parametrize(("name", "empty"), [(name, empty) for name, pages in EMPTY.items() for empty in pages])
def test_an_empty_page_leaves_the_list_as_it_was(tmp_path: Path, name: str, empty: object) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        first = bank.import_list(Source(content=SAMPLES[name]), name="feed")
        again = bank.import_list(Source(content=json.dumps(empty).encode()), name="feed")
        new = bank.import_list(Source(content=json.dumps(empty).encode()), name="new")
    assert first.added > 0
    assert (again.format, again.rows, again.rejected, again.batch) == (name, 0, 0, None)
    assert (again.added, again.changed, again.withdrawn) == (0, 0, 0)
    assert (new.rows, new.lists) == (0, ("new",))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(page()).encode(),
        json.dumps(page(), sort_keys=True, indent=1).encode(),
        b'{"data":[],"paging":{}}',
        b'{"data": [], "paging": {"next": "x"}}',
        b'{"paging": {"cursors": {"after": "x"}}, "data" : [ ] }',
        b'{"data":[]}',
        b'[{"data":[]}, {"data":[]}]',
        b'{"data":[]}\n{"data":[]}\n',
    ],
)
def test_pages_of_the_graph_api_without_updates_are_in_the_format(content: bytes) -> None:
    assert recognise(Source(content=content), ALGORITHMS).name == "threatexchange"
    (chunk,) = read("threatexchange", content)
    assert (len(chunk.rows), chunk.rejects, chunk.headers) == (0, (), ())


def test_a_page_without_news_hides_none_that_follows() -> None:
    content = json.dumps([page(), page(update(id="5"))]).encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "threatexchange"
    (chunk,) = read("threatexchange", content)
    assert chunk.rows.column("source_id").to_pylist() == ["5"]


@pytest.mark.parametrize("content", [b"[]", b" [\n]\n"])
@pytest.mark.parametrize("name", EMPTY)
def test_an_array_of_no_records_is_no_news(name: str, content: bytes) -> None:
    (chunk,) = read(name, content)
    assert (len(chunk.rows), chunk.rejects) == (0, ())
