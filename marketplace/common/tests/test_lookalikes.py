import pytest

from marketplace.common.lookalikes import skeleton


@pytest.mark.parametrize(
    "other",
    [
        "LOOM & LACE",
        "Loom  &  Lace",
        "Loom&Lace",
        "Loom-&-Lace",
        "Lööm & Lacé",
        "Ｌｏｏｍ ＆ Ｌａｃｅ",
        "L00m & Lace",
        "Lоom & Lасe",  # Cyrillic о, а, с
        "Lοοm & Lace",  # Greek ο
        "Ioom & Iace",  # capital i
        "1oom & 1ace",
        "Łoom & Lace",
        "Loorn & Lace",
        "Lo\u200bom & Lace",
        "Lo\u0336om & Lace",
    ],
)
def test_what_looks_alike_is_alike(other):
    assert skeleton(other) == skeleton("Loom & Lace")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beans", "Beams"),
        ("Fern & Kettle", "Fern and Kettle"),
        ("豆", "豆腐"),
        ("Beans 2", "Beans 3"),
        ("Beans", "Beans!"),
        ("Книги", "Кино"),
    ],
)
def test_other_names_are_others(one, other):
    assert skeleton(one) != skeleton(other)


def test_a_name_of_signs_is_itself():
    assert skeleton("...") == "..."
    assert skeleton("- -") != skeleton("'")


def test_a_name_is_its_own_skeletons_skeleton():
    """Stored keys may be made anew from what is shown, never from a key; still, nothing is left to fold."""
    for name in ("Loom & Lace", "Книжный шкаф", "ΩMEGA", "Straße 17"):
        assert skeleton(skeleton(name)) == skeleton(name)
