"""Taking the pictures of all products: drawn and stored by several processes at once."""

import io
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from .studio import CLOSE, FRONT, TILTED, TOGETHER, Shot, photograph

WORDS = {FRONT: "{}", TILTED: "{}, seen from the side", CLOSE: "{}, close up", TOGETHER: "{}: three of them"}


@dataclass(frozen=True)
class Assignment:
    """Which pictures a product needs."""

    product_id: int
    cutout: str
    title: str
    shows: str
    palette: str
    shots: tuple[Shot, ...]
    colours: tuple[tuple[str, int | None], ...] = ()
    """Colours with how far they are turned; the first is the cut-out's own."""


def draw_all(assignments: Sequence[Assignment], *, processes: int) -> Iterator[int]:
    """Take every picture that a product does not have yet; yields how many steps each product was."""
    if processes <= 1:
        yield from map(draw, assignments)
        return
    # Spawned, not forked: a forked child would share this process's connection to the database.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_set_up) as pool:
        yield from pool.map(draw, assignments, chunksize=4)


def _set_up() -> None:
    import django

    django.setup()


def draw(assignment: Assignment) -> int:
    """Take the missing pictures of one product, one service call each."""
    from marketplace.products.models import Product, ProductImage
    from marketplace.products.services import add_image, show_option

    first, *others = assignment.colours or (("", 0),)
    shots: list[tuple[Shot, str, int | None]] = [
        (FRONT, *first),
        *((FRONT, *other) for other in others),
        *((shot, "", 0) for shot in assignment.shots),
    ]
    seller = Product.objects.select_related("seller").get(pk=assignment.product_id).seller
    taken = ProductImage.objects.filter(product_id=assignment.product_id).count()
    for shot, colour, turned in shots[taken:]:
        picture = photograph(
            assignment.cutout,
            product=assignment.title,
            palette=assignment.palette,
            shot=shot,
            turned=turned,
        )
        words = WORDS[shot].format(assignment.shows)
        image = add_image(
            product_id=assignment.product_id,
            file=io.BytesIO(picture),
            alt_text=words if turned == 0 else f"{words}, but in {colour.lower()}",
            actor=seller,
        )
        if colour:
            show_option(image_id=image.pk, values=("Colour", colour), actor=seller)
    return len(shots)
