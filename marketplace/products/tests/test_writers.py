"""What a listing says has few writers, each by a door that keeps what somebody bought (docs/decisions/0021)."""

import ast
import inspect
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

_DOES = r"(?:create|bulk_create|update|bulk_update|delete|get_or_create|update_or_create)"
_THINGS = r"(?:product|listing|image|variant)s?"
WRITES = re.compile(
    rf"\b(?:Product|ProductImage|Variant)\.(?:objects|_base_manager|_default_manager)\b.*\.{_DOES}\("
    rf"|\b{_THINGS}\.(?:save|{_DOES})\(|\.{_THINGS}\b[^(]*(?:\(.*\))?\.{_DOES}\("
    rf"|\b(?:listings_of|live_products)\(.*\.{_DOES}\("
)
SERVICES = "marketplace/products/services/"
NEW = "makes one, which nobody has seen"
DOOR = (
    "a door for what was not seen, which keeps what was bought: it asks `edit_unseen` or `require_editable`"
)
STEP = "a step of such a door, or of a confirmed edit"
EDIT = "a confirmed edit, after `keep_what_it_says`"
NO_CONTENT = "nothing that a listing says"
WRITERS = {
    SERVICES + "categories.py:_move": NO_CONTENT,
    SERVICES + "confirming.py:_confirm": EDIT,
    SERVICES + "confirming.py:_give_own_pictures": EDIT,
    SERVICES + "confirming.py:_show": EDIT,
    SERVICES + "duplicating.py:duplicate_listing": NEW,
    SERVICES + "editing.py:edit_listing": DOOR,
    SERVICES + "fetching.py:choose_pick_up": NO_CONTENT,
    SERVICES + "images.py:_attach": DOOR,
    SERVICES + "images.py:_detach": DOOR,
    SERVICES + "images.py:describe_image": DOOR,
    SERVICES + "images.py:reorder_images": DOOR,
    SERVICES + "images.py:set_cover": STEP,
    SERVICES + "images.py:show_option": DOOR,
    SERVICES + "imports.py:_import": NEW,
    SERVICES + "imports.py:_share_pictures": NEW,
    SERVICES + "imports.py:import_figures": NO_CONTENT,
    SERVICES + "listings.py:create_product": NEW,
    SERVICES + "locked.py:edit_unseen": NO_CONTENT,
    SERVICES + "renaming.py:_call_batch": NO_CONTENT,
    SERVICES + "stock.py:_count_sold": NO_CONTENT,
    SERVICES + "stock.py:_move": NO_CONTENT,
    SERVICES + "stock.py:return_stock": NO_CONTENT,
    SERVICES + "variants.py:_retire": STEP,
    SERVICES + "variants.py:_store_kept": STEP,
    SERVICES + "variants.py:insert_variants": STEP,
    SERVICES + "variants.py:write_variants": STEP,
    "site_config/bench/prepare.py:name_pictures": "the measured store's, which has no buyers",
}


def functions() -> dict[str, ast.FunctionDef]:
    root = Path(settings.BASE_DIR)
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=root, capture_output=True, text=True, check=True)
    return {
        f"{path}:{node.name}": node
        for path in listed.stdout.split()
        if (root / path).exists() and not re.search(r"(^|/)(tests|migrations|e2e)/", path)
        for node in ast.walk(ast.parse((root / path).read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def is_writer(function: ast.FunctionDef) -> bool:
    return any(WRITES.search(ast.unparse(call)) for call in ast.walk(function) if isinstance(call, ast.Call))


def test_nobody_else_writes_what_a_listing_says():
    assert sorted(name for name, node in functions().items() if is_writer(node)) == sorted(WRITERS)


@pytest.mark.parametrize("name", [name for name, how in WRITERS.items() if how == DOOR])
def test_each_door_asks_whether_it_was_seen(name):
    assert re.search(r"\b(edit_unseen|require_editable)\(", ast.unparse(functions()[name]))


@pytest.mark.parametrize("step", ["write_variants", "set_cover"])
def test_each_step_is_one_of_a_door_a_new_listing_or_a_confirmed_edit(step):
    users = [
        node
        for name, node in functions().items()
        if not name.endswith(f":{step}") and re.search(rf"\b{step}\(", ast.unparse(node))
    ]
    assert users
    for node in users:
        assert re.search(
            r"\b(edit_unseen|require_editable|keep_what_it_says|create_product)\(", ast.unparse(node)
        )


def test_there_is_no_admin_site_that_writes_by_itself():
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def writes_title(product, image):
    product.save(update_fields=["title"])


def hides_in_a_list(product, image):
    type(image).objects.filter(product=product).update(alt_text="")
    product.images.filter(pk=1).update(alt_text="")


def only_reads(product, image):
    return product.images.filter(pk=1).count()


@pytest.mark.parametrize(
    ("example", "found"), [(writes_title, True), (hides_in_a_list, True), (only_reads, False)]
)
def test_a_writer_is_known_by_what_it_calls(example, found):
    assert is_writer(ast.parse(inspect.getsource(example)).body[0]) is found
