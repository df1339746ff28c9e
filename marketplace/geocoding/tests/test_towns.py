"""Towns and postcodes that are here: what an address names, without asking anybody."""

import io

import pytest
from django.core.management import CommandError, call_command

from marketplace.geocoding import towns
from marketplace.geocoding.search import find_places, pin_for

DE_TXT = (
    "DE\t10119\tBerlin\tBerlin\tBE\t\t00\tBerlin, Stadt\t11000\t52.5305\t13.4045\t\n"
    "DE\t12047\tBerlin Neukölln\tBerlin\tBE\t\t00\tBerlin, Stadt\t11000\t52.4919\t13.4265\t\n"
    "DE\t20095\tHamburg\tHamburg\tHH\t\t00\tHamburg\t02000\t53.5545\t9.9990\t4\n"
)


@pytest.fixture
def postcodes(tmp_path, settings):
    """The three postcodes of DE_TXT, loaded as a store loads them."""
    settings.POSTCODES_DIR = str(tmp_path / "postcodes")
    (tmp_path / "DE.txt").write_text(DE_TXT, encoding="utf-8")
    call_command("load_postcodes", str(tmp_path / "DE.txt"), stdout=io.StringIO())


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Torstraße 1, 10119 Berlin", "10119 Berlin, DE"),
        ("Torstraße 1, Berlin", "Berlin, DE"),
        ("Marienplatz 1\n80331 München", "80331 München, DE"),
        ("Marienplatz 1, München", "Munich, DE"),
        ("Hamburger Straße 12, 04129 Leipzig", "04129 Leipzig, DE"),
        ("Berlin, Hamburg", "Hamburg, DE"),
        ("koeln", "Köln, DE"),
        ("KÖLN", "Köln, DE"),
        ("Am Bahnhof 3, 60329 Frankfurt am Main", "60329 Frankfurt am Main, DE"),
        ("Hauptstraße 5, 99999 Berlin", "Berlin, DE"),  # no such postcode
    ],
)
def test_an_address_names_its_town(address, label):
    assert pin_for(address).label == label


@pytest.mark.parametrize("address", ["", "12", "Nowhere at all 7", "x" * 400, "☃ 1", "\x00"])
def test_what_names_no_town_is_no_place(address):
    assert pin_for(address) is None


def test_a_beginning_finds_the_largest_towns_first():
    labels = [found.label for found in find_places("Berl")]

    assert labels[0] == "Berlin, DE"
    assert len(labels) <= 6


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("Stephansplatz 1, 1010 Wien", "1010 Wien, Innere Stadt, AT"),
        ("10 Downing Street, London SW1A 2AA", "SW1A Westminster Abbey, GB"),
        ("Rua Augusta 1, 1100-053 Lisboa", "1100 Lisboa, PT"),
        ("Damrak 1, 1012 LG Amsterdam", "1012 Amsterdam, NL"),
    ],
)
def test_postcodes_of_other_countries_are_here(settings, address, label):
    settings.STORE_COUNTRIES = [label[-2:]]

    assert pin_for(address).label == label


def test_what_is_here_of_postcodes_is_small():
    assert sum(file.stat().st_size for file in towns.CODES.glob("*.tsv.gz")) < 2_200_000


def test_a_postcode_is_nearer_than_its_town(postcodes):
    found = pin_for("Hobrechtstraße 8, 12047 Berlin")

    assert found.label == "12047 Berlin Neukölln, DE"
    assert (str(found.place.lat), str(found.place.lng)) == ("52.491900", "13.426500")
    assert [found.label for found in find_places("1204")] == ["12047 Berlin Neukölln, DE"]


def test_a_country_that_is_not_here_names_nothing(settings):
    settings.STORE_COUNTRIES = ["XX"]

    assert pin_for("Torstraße 1, 10119 Berlin") is None


@pytest.mark.parametrize(
    "text",
    ["DE\t10119\n", "DE\t10119\tB\t\t\t\t\t\t\tnorth\t13\t\n", "DEU\t1\tB\t\t\t\t\t\t\t1\t1\t\n", "\xff"],
)
def test_another_file_is_refused_whole(tmp_path, settings, text):
    settings.POSTCODES_DIR = str(tmp_path / "postcodes")
    (tmp_path / "DE.txt").write_bytes(DE_TXT.encode() + text.encode("latin-1"))

    with pytest.raises(CommandError):
        call_command("load_postcodes", str(tmp_path / "DE.txt"))

    assert not (tmp_path / "postcodes").exists()


def test_postcodes_need_a_folder(tmp_path, settings):
    settings.POSTCODES_DIR = ""

    with pytest.raises(CommandError, match="POSTCODES_DIR"):
        call_command("load_postcodes", str(tmp_path / "DE.txt"))


def test_words_are_compared_without_marks_and_capitals():
    assert towns.words_of("Straße-Ä, N° 5!") == ["strasse", "a", "n", "5"]
