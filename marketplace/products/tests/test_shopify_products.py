"""Products from the rows of exports, old and new."""

import io

import pytest

from marketplace.products.shopify import (
    ImageDraft,
    OptionDraft,
    ProductDraft,
    ProductFile,
    RefusedProduct,
    VariantDraft,
)

from .shopify_files import file_of, with_check_digit

MUG = {"Handle": "mug", "Title": "Mug", "Variant Price": "9.50"}
SHIRT = {"Handle": "shirt", "Title": "Shirt", "Option1 Name": "Size"}


def read(rows, **how):
    return list(ProductFile(file_of(rows, **how)).products())


def taken(rows, **how) -> ProductDraft:
    [draft] = read(rows, **how)
    assert isinstance(draft, ProductDraft), draft
    return draft


def reasons(rows, **how) -> list[tuple[int, str, str]]:
    """Of the one product in `rows`, which is refused."""
    [refused] = read(rows, **how)
    assert isinstance(refused, RefusedProduct), refused
    return [(reason.line, reason.column, reason.why) for reason in refused.reasons]


def size(value, **cells):
    return {"Handle": "shirt", "Option1 Value": value, "Variant Price": "20", **cells}


def test_a_product_without_options_is_its_first_row():
    draft = taken(
        [
            MUG
            | {
                "Body (HTML)": "<p>Holds <b>tea</b>.</p>",
                "Vendor": "Potter",
                "Type": "Mugs",
                "Tags": "blue, tea , blue",
                "Option1 Name": "Title",
                "Option1 Value": "Default Title",
                "Variant SKU": "M-1",
                "Variant Grams": "310.0",
                "Variant Inventory Qty": "7",
                "Variant Barcode": "'4006381333931",
                "Image Src": "https://cdn.example/mug.jpg",
                "Image Alt Text": "A blue mug",
            }
        ]
    )

    assert draft == ProductDraft(
        handle="mug",
        title="Mug",
        text="Holds tea.",
        brand="Potter",
        type="Mugs",
        tags=("blue", "tea"),
        variants=(VariantDraft((), 950, sku="M-1", barcode="4006381333931", stock=7, grams=310),),
        images=(ImageDraft("https://cdn.example/mug.jpg", "A blue mug"),),
    )
    assert draft.lines == (2,)


def test_options_keep_the_order_in_which_their_values_come():
    rows = [
        SHIRT | size("M") | {"Option2 Name": "Colour", "Option2 Value": "Red"},
        size("S") | {"Option2 Value": "Blue"},
        size("M") | {"Option2 Value": "Blue"},
    ]

    draft = taken(rows)

    assert draft.options == (OptionDraft("Size", ("M", "S")), OptionDraft("Colour", ("Red", "Blue")))
    assert [variant.values for variant in draft.variants] == [("M", "Red"), ("S", "Blue"), ("M", "Blue")]


def test_the_first_row_may_have_no_option_value():
    draft = taken([SHIRT | {"Variant Price": "0"}, size("S"), size("M")])

    assert [variant.values for variant in draft.variants] == [("S",), ("M",)]


def test_every_row_may_say_again_what_the_product_is():
    same = SHIRT | {"Vendor": "Tailor", "Body (HTML)": "<p>Cotton</p>", "Status": "active"}

    draft = taken(
        [same | size("S"), same | size("M") | {"Title": "shirt "}, same | {"Image Src": "back.jpg"}]
    )

    assert (len(draft.variants), draft.title, draft.images[0].ref) == (2, "Shirt", "back.jpg")


def test_but_nothing_else():
    assert reasons([SHIRT | size("S"), size("M") | {"Title": "Blouse"}]) == [
        (3, "Title", "This is not what line 2 says of it.")
    ]


def test_a_variants_row_that_is_there_again_is_one_more_picture():
    row = MUG | {"Variant SKU": "M-1"}

    draft = taken(
        [row | {"Image Src": "a.jpg"}, row | {"Image Src": "b.jpg"}, {"Handle": "mug", "Image Src": "c.jpg"}]
    )

    assert [image.ref for image in draft.images] == ["a.jpg", "b.jpg", "c.jpg"]
    assert len(draft.variants) == 1


def test_so_is_the_row_of_a_variant_with_option_values():
    rows = [SHIRT | size("S", **{"Image Src": "a.jpg"}), size("S", **{"Image Src": "b.jpg"}), size("M")]

    draft = taken(rows)

    assert ([image.ref for image in draft.images], len(draft.variants)) == (["a.jpg", "b.jpg"], 2)


@pytest.mark.parametrize("cells", [{"Variant Price": "10"}, {"Variant SKU": "M-2"}])
def test_a_second_variant_without_options_is_refused(cells):
    assert reasons([MUG | {"Variant SKU": "M-1"}, {"Handle": "mug"} | cells]) == [
        (3, "Option1 Value", "This row has a price or a SKU, but no option values.")
    ]


def test_pictures_stand_as_their_positions_say_and_a_variants_own_comes_last():
    header = [
        "Handle",
        "Title",
        "Variant Price",
        "Option1 Name",
        "Option1 Value",
        "Image Src",
        "Image Position",
        "Variant Image",
    ]
    rows = [
        SHIRT | size("S", **{"Image Src": "b.jpg", "Image Position": "2", "Variant Image": "s.jpg"}),
        size("M", **{"Image Src": "a.jpg", "Image Position": "1", "Variant Image": "b.jpg"}),
    ]

    draft = taken(rows, header=header)

    assert [image.ref for image in draft.images] == ["a.jpg", "b.jpg", "s.jpg"]
    assert [variant.image_ref for variant in draft.variants] == ["s.jpg", "b.jpg"]


def test_a_ninth_picture_is_left_out_with_a_word_and_the_product_arrives():
    rows = [MUG, *({"Handle": "mug", "Image Src": f"{number}.jpg"} for number in range(10))]

    draft = taken(rows)

    assert len(draft.images) == 8
    assert [(remark.line, remark.why) for remark in draft.remarks] == [
        (11, "A product has 8 pictures at most: 2 are left out.")
    ]


def test_the_newest_columns_are_known():
    row = {
        "Title": "Lamp",
        "URL handle": "lamp",
        "Description": "<p>Bright</p>",
        "Vendor": "Light Ltd",
        "Product category": "Home > Lighting",
        "Published on online store": "TRUE",
        "Status": "Active",
        "SKU": "L-1",
        "Barcode": "96385074",
        "Option1 name": "Title",
        "Option1 value": "Default Title",
        "Option1 Linked To": "",
        "Price": "1200.00",
        "Compare-at price": "1500.00",
        "Inventory quantity": "3",
        "Weight value (grams)": "900",
        "Weight unit for display": "kg",
        "Product image URL": "https://x.example/l.jpg",
        "Image position": "1",
        "Image alt text": "A lamp",
        "Variant image URL": "",
        "Gift card": "FALSE",
    }

    file = ProductFile(file_of([row], header=list(row)))
    [draft] = file.products()

    assert draft.variants == (VariantDraft((), 120000, "L-1", "96385074", 150000, 3, 900),)
    assert (draft.category, draft.images[0].alt, draft.text) == ("Home > Lighting", "A lamp", "Bright")
    assert file.unknown_columns == ()


@pytest.mark.parametrize(
    ("category", "kind", "names"),
    [
        ("", "", ()),
        ("Apparel > Clothing > Shirts", "", ("Apparel > Clothing > Shirts", "Shirts", "Clothing", "Apparel")),
        ("Apparel > Tops", "Blouses", ("Blouses", "Apparel > Tops", "Tops", "Apparel")),
    ],
)
def test_the_shops_own_word_is_the_first_guess_at_a_category(category, kind, names):
    header = ["Handle", "Title", "Variant Price", "Standardized Product Type", "Custom Product Type"]
    row = MUG | {"Standardized Product Type": category, "Custom Product Type": kind}

    assert taken([row], header=header).category_names == names


@pytest.mark.parametrize(
    ("status", "published", "expected"),
    [
        ("", "", "active"),
        ("", "TRUE", "active"),
        ("", "false", "draft"),
        ("active", "FALSE", "draft"),
        ("Active", "", "active"),
        ("archived", "TRUE", "archived"),
        ("draft", "TRUE", "draft"),
        ("unlisted", "", "draft"),
    ],
)
def test_older_files_say_only_whether_it_is_published(status, published, expected):
    assert taken([MUG | {"Status": status, "Published": published}]).status == expected


def test_more_was_sold_than_was_there():
    draft = taken([MUG | {"Variant Inventory Qty": "-3"}])

    assert (draft.variants[0].stock, draft.remarks[0].column) == (0, "Variant Inventory Qty")


def test_what_the_file_does_not_say_is_not_made_up():
    [variant] = taken([MUG | {"Variant Grams": "0"}]).variants

    assert (variant.stock, variant.grams, variant.sku, variant.compare_at) == (None, None, "", None)


def test_variant_positions_order_the_variants():
    header = ["Handle", "Title", "Variant Price", "Option1 Name", "Option1 Value", "Variant Position"]
    rows = [
        SHIRT | size("L", **{"Variant Position": "3"}),
        size("S", **{"Variant Position": "1"}),
        size("M", **{"Variant Position": "2"}),
    ]

    assert taken(rows, header=header).options == (OptionDraft("Size", ("S", "M", "L")),)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Title": ""}, "Title", "no title"),
        ({"Title": "x" * 141}, "Title", "140 letters"),
        ({"Body (HTML)": "x" * 8001}, "Body (HTML)", "8000 letters"),
        ({"Vendor": "x" * 81}, "Vendor", "80 letters"),
        ({"Variant Price": ""}, "Variant Price", "no price"),
        ({"Variant Price": "0.00"}, "Variant Price", "more than nothing"),
        ({"Variant Price": "9.999"}, "Variant Price", "Do you mean 9999"),
        ({"Variant Price": "€9"}, "Variant Price", "Enter an amount"),
        ({"Variant Inventory Qty": "2.5"}, "Variant Inventory Qty", "no number of pieces"),
        ({"Variant Inventory Qty": "1000001"}, "Variant Inventory Qty", "between 0 and"),
        ({"Variant Grams": "heavy"}, "Variant Grams", "no weight"),
        ({"Variant Barcode": "4006381333932"}, "Variant Barcode", "One digit"),
        ({"Variant Barcode": "4,00638E+12"}, "Variant Barcode", "rounded"),
        ({"Variant SKU": "x" * 41}, "Variant SKU", "40 letters"),
        ({"Status": "sold"}, "Status", "no status"),
        ({"Published": "perhaps"}, "Published", "TRUE or FALSE"),
        ({"Gift Card": "TRUE"}, "Gift Card", "Gift cards"),
        ({"Option1 Value": "Blue"}, "Option1 Name", "values but no name"),
        ({"Option1 Name": "Colour"}, "Option1 Name", "has no values"),
    ],
)
def test_a_cell_that_cannot_be_taken_refuses_the_product_and_says_where(cells, column, words):
    [(line, at, why)] = reasons([MUG | cells])

    assert (line, at) == (2, column)
    assert words in why


def test_every_reason_is_told_at_once():
    rows = [
        SHIRT | size("S", **{"Variant Price": "x"}),
        size("M", **{"Variant Grams": "y"}),
        size("M") | {"Variant Price": "21"},
    ]

    assert [(line, column) for line, column, _why in reasons(rows)] == [
        (2, "Variant Price"),
        (3, "Variant Grams"),
        (4, "Option1 Value"),
    ]


def test_two_spellings_of_a_value_are_one_value():
    assert (
        reasons([SHIRT | size("Red"), size("red", **{"Variant Price": "21"})])[0][2]
        == "Line 2 has the variant Red already."
    )


@pytest.mark.parametrize(("number", "fits"), [(100, True), (101, False)])
def test_a_product_has_a_hundred_variants_at_most(number, fits):
    [product] = read([SHIRT, *(size(str(place)) for place in range(number))])

    assert isinstance(product, ProductDraft) is fits


def test_two_options_of_one_name_are_refused():
    row = SHIRT | size("S") | {"Option2 Name": "SIZE", "Option2 Value": "32"}

    assert reasons([row]) == [(2, "Option2 Name", "Two options have the same name.")]


def test_a_sku_is_one_variants_only_and_a_refused_product_uses_none():
    cup, jar = (
        {"Handle": name, "Title": name, "Variant Price": "5", "Variant SKU": "A-1"} for name in ("cup", "jar")
    )
    refused = MUG | {"Variant SKU": "a-1", "Variant Price": "x"}

    outcomes = read([refused, cup, jar])

    assert [type(outcome) for outcome in outcomes] == [RefusedProduct, ProductDraft, RefusedProduct]
    assert outcomes[2].reasons[0].why == "Line 3 has this SKU already."


def test_rows_of_a_product_that_stand_apart_are_refused_all_of_them():
    cup = {"Handle": "cup", "Title": "Cup", "Variant Price": "5"}

    shirt, taken_cup = read([SHIRT | size("S"), cup, size("M")])

    assert (shirt.handle, shirt.reasons[0].line) == ("shirt", 2)
    assert "lines 2, 4" in shirt.reasons[0].why
    assert taken_cup.handle == "cup"


def test_a_row_without_a_handle_refuses_what_it_may_belong_to():
    first, second, cup = {"Handle": "", "Title": "Lost"}, size("M") | {"Handle": ""}, MUG | {"Handle": "cup"}

    nobody, shirt, taken_cup = read([first, SHIRT | size("S"), second, cup])

    assert (nobody.handle, nobody.reasons[0].line, shirt.reasons[0].line) == ("", 2, 4)
    assert "product above" in shirt.reasons[0].why
    assert isinstance(taken_cup, ProductDraft)


def test_the_rest_of_a_torn_text_is_no_product():
    text = (
        "Handle,Title,Variant Price,Body (HTML)\n"
        'mug,Mug,9,"<p class="big">one\n<p>two\nthree, and four\n"\n'
        "cup,Cup,8,fine\n"
    )

    mug, rest, cup = ProductFile(io.BytesIO(text.encode())).products()

    assert [reason.line for reason in mug.reasons] == [2]
    assert (rest.handle, "rest of a row" in rest.reasons[0].why) == ("three", True)
    assert isinstance(cup, ProductDraft)


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("EUR", "19,90", 1990),
        ("EUR", "19.9", 1990),
        ("JPY", "1900", 1900),
        ("JPY", "1900.00", 1900),
        ("KWD", "1.250", 1250),
    ],
)
def test_prices_are_of_the_stores_currency(settings, currency, text, minor):
    settings.STORE_CURRENCY = currency

    assert taken([MUG | {"Variant Price": text}]).variants[0].price == minor


def test_a_barcode_of_a_pallet_is_one_too():
    assert taken([MUG | {"Variant Barcode": with_check_digit("1234567890123")}]).variants[0].barcode
