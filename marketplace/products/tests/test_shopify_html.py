"""Descriptions: what is read of HTML, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.cleaning import clean_text
from marketplace.products.shopify.html import html_to_text, text_to_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Plain &amp; simple\nin two lines", "Plain & simple\nin two lines"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<p>One</p>\n\n  <p>Two <b>bold</b>\n words</p>", "One\n\nTwo bold words"),
        ("<div><div><p>One</p></div></div><p>Two<br/>lines</p>", "One\n\nTwo\nlines"),
        ("<p>One</p><br><br><p>&nbsp;</p><p></p><p>Two<br></p><p>Three</p>", "One\n\nTwo\n\nThree"),
        (
            "Made of:<ul>\n<li>wool</li>\n<li><p>cotton</p></li></ul>Wash cold",
            "Made of:\n\n- wool\n- cotton\n\nWash cold",
        ),
        ("<ol><li>Open<li>Close</ol>", "1. Open\n2. Close"),
        ("<ul><li>Top<ul><li>Deep</li></ul></li><li>Next</li></ul>", "- Top\n  - Deep\n- Next"),
        (
            "<table><tr><th>Size</th><th>Chest</th></tr><tr><td>S</td><td>90</td></tr></table>",
            "Size | Chest\nS | 90",
        ),
        ("<h2>Care</h2>Cold<script>alert(1)</script><style>p{}</style><!-- x -->", "Care\n\nCold"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<p>caf&eacute; &#8212; &lt;b&gt;</p>", "café — <b>"),
        ("<p>open <a href='https://x.example'>shop", "open shop"),
        ("<textarea>gone</textarea><p onclick=x>stays</p></div></ul>", "stays"),
    ],
)
def test_what_is_read_is_kept(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("One\ntwo\n\nThree & four", "<p>One<br>two</p><p>Three &amp; four</p>"),
        ("- a\n- b\n\n1. c\n2. d", "<ul><li>a</li><li>b</li></ul><ol><li>c</li><li>d</li></ol>"),
        ("a\n\n\nb", "<p>a<br><br><br>b</p>"),
        ("1. c\n3. d", "<p>1. c<br>3. d</p>"),
    ],
)
def test_shopify_shows_paragraphs_and_lists(text, html):
    assert text_to_html(text) == html


PROSE = st.text(st.sampled_from("ab -1.&<>;\n\"'=&nbsp/p")).map(clean_text) | st.text().map(clean_text)


@given(PROSE)
def test_every_text_comes_back_exactly(text):
    assert html_to_text(text_to_html(text)) == text
