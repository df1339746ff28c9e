"""The development server's pictures."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from marketplace.web.media import media


def test_a_picture_is_sent(tmp_path, db):
    (tmp_path / "a.webp").write_bytes(b"picture")

    answer = media(RequestFactory().get("/media/a.webp"), "a.webp", tmp_path)

    assert b"".join(answer.streaming_content) == b"picture"
    answer.close()


@pytest.mark.parametrize("path", ["x" * 5_000, "x/" * 3_000, "a\0b", "", "none.webp"])
def test_what_cannot_be_a_file_is_not_there(tmp_path, path):
    """A name of five thousand letters was a 500: the file system refuses to look for it."""
    with pytest.raises(Http404):
        media(RequestFactory().get("/media/x"), path, tmp_path)
