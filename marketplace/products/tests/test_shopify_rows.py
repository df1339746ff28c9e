"""The rows of a file, whatever a shop, an editor or a spreadsheet made of it."""

import io

import pytest

from marketplace.common.errors import Invalid
from marketplace.products.shopify import rows as rows_module
from marketplace.products.shopify.rows import Table

HEADER = "Handle,Title,Variant Price,Body (HTML)\n"


def read(content: str | bytes, encoding: str = "utf-8") -> list[tuple[int, list[str]]]:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    fields = ("handle", "title", "price", "body")
    return [(row.line, [row.get(field) for field in fields]) for row in Table(io.BytesIO(data)).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_texts_are_read_as_they_were_written(encoding):
    assert read(HEADER + "mug,Käthes „Café“-Becher,9,\n", encoding) == [
        (2, ["mug", "Käthes „Café“-Becher", "9", ""])
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_what_the_header_has(separator, end):
    text = HEADER + 'mug,Mug,9,"one, two; three"\ncup,Cup,8,\n'
    cells = text.replace(", two", "\0").replace(",", separator).replace("\0", ", two").replace("\n", end)

    assert read(cells) == [(2, ["mug", "Mug", "9", "one, two; three"]), (3, ["cup", "Cup", "8", ""])]


def test_what_a_spreadsheet_writes_above_the_header_is_passed_over():
    assert read("sep=;\n" + HEADER.replace(",", ";") + "mug;Mug;9,50;\n") == [(3, ["mug", "Mug", "9,50", ""])]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("one\rtwo", "one\ntwo"),
        ('"one\rtwo"', "one\ntwo"),
        ('"one\r\ntwo"', "one\ntwo"),
        ('"one\ntwo"', "one\ntwo"),
        ('12" wide', '12" wide'),
        ('"12"" wide"', '12" wide'),
        ("'=1+1", "=1+1"),
    ],
)
def test_breaks_and_quotes_in_cells_are_part_of_their_text(cell, text):
    assert (
        read(f"{HEADER}mug,Mug,9,{cell}\r\ncup,Cup,8,x\r\n".replace("Body (HTML)\n", "Body (HTML)\r\n"))[0][
            1
        ][3]
        == text
    )


def test_a_row_keeps_the_line_that_it_begins_in():
    lines = read(HEADER + 'mug,Mug,9,"one\ntwo\n\nthree"\n\ncup,Cup,8,\n')

    assert [line for line, _cells in lines] == [2, 7]


def problems(text: str) -> list[tuple[int, str, str]]:
    return [
        (row.line, row.get("handle"), row.problem)
        for row in Table(io.BytesIO((HEADER + text).encode())).rows()
    ]


def test_an_open_quote_takes_no_other_product_with_it():
    found = problems('mug,"Mug,9,\ncup,Cup,8,\n' + 'jar,"Jar",7,"fine"\nbox,Box,6,\n')

    assert [(line, handle, bool(problem)) for line, handle, problem in found] == [
        (2, "mug", True),
        (3, "cup", False),
        (4, "jar", False),
        (5, "box", False),
    ]


def test_an_open_quote_at_the_end_of_the_file_is_noticed():
    assert [bool(problem) for *_row, problem in problems('cup,Cup,8,\nmug,Mug,9,"open\n')] == [False, True]


def test_a_quote_within_quotes_is_not_guessed_at():
    assert [bool(problem) for *_row, problem in problems('mug,"5" wide",9,\ncup,Cup,8,\n')] == [True, False]


def test_more_cells_than_columns_are_a_problem_and_fewer_are_empty():
    found = problems("mug,Mug,9,1,50\ncup,Cup,8\n")

    assert "more cells" in found[0][2]
    assert found[1][2] == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a text file"),
        (b"\xff\xfea\0\0\xd8", "not a text file"),
        (b"Name,Amount\nmug,9\n", "“Handle”, “Title”, “Variant Price”"),
        (b"Handle,Title\nmug,Mug\n", "“Variant Price”"),
        (b"Handle;Title;Variant Price", ""),
    ],
)
def test_what_is_no_product_file_is_refused_with_the_reason(content, sentence):
    if not sentence:
        assert read(content) == []
        return
    with pytest.raises(Invalid, match=sentence) as refused:
        read(content)
    assert refused.value.field == "file"


def test_there_are_limits(monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_ROWS", 2)
    assert len(read(HEADER + "mug,Mug,9,\n" * 2)) == 2
    with pytest.raises(Invalid, match="2 rows at most"):
        read(HEADER + "mug,Mug,9,\n" * 3)

    monkeypatch.setattr(rows_module, "MAX_BYTES", 20)
    with pytest.raises(Invalid, match="MB at most"):
        read(HEADER)


def test_columns_that_are_nobodys_are_named_and_shopifys_others_are_not():
    header = (
        "Handle,Title,Variant Price,SEO Title,Google Shopping / MPN,Price / International,Colour (product.metafields"
        ".shopify.color-pattern),Shelf,Image Src,Image Src,Option1 Linked To,Cost per item,Variant Taxable\n"
    )

    assert Table(io.BytesIO(header.encode())).columns.unknown == ("Shelf", "Image Src")
