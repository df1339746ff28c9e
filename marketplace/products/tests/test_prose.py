"""The text of a listing as HTML: what is kept of Markdown, and that nothing else comes through."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.products.prose import TAGS, as_html, as_words


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Soft.\nWarm.", "<p>Soft.<br>\nWarm.</p>"),
        ("**Wool** and *silk*", "<p><strong>Wool</strong> and <em>silk</em></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("# Care", "<h3>Care</h3>"),
        ("<b>bold</b> & <script>", "<p>&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;</p>"),
        ("[here](javascript:alert(1))", "<p>[here](javascript:alert(1))</p>"),
        ("![x](https://evil.example/x.png)", "<p>![x](https://evil.example/x.png)</p>"),
        ("", ""),
    ],
)
def test_a_small_part_of_markdown(text, html):
    assert as_html(text).strip() == html


@given(st.text(alphabet="<>/\"'=&;*_#->[]()!` \nabonscript:", max_size=60))
def test_nothing_comes_through_that_is_not_in_the_list(text):
    for tag, attributes in re.findall(r"</?([a-z0-9]+)([^>]*)>", as_html(text)):
        assert tag in TAGS
        assert attributes.strip(" /") == ""


def test_a_summary_has_the_words_without_their_signs():
    assert as_words("# Warm\n\n- *brass* & glass\n- <b>40 W</b>") == "Warm brass & glass <b>40 W</b>"
