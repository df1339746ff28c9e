"""Who ordered what in the demo store, and what became of every parcel. Days ago, all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CEM, LENA, MATEO, PRIYA = "courier@demo.ecs", "lena@demo.ecs", "mateo@demo.ecs", "priya@demo.ecs"
SHOPPER, AISHA, TOM = "shopper@demo.ecs", "aisha@demo.ecs", "tom@demo.ecs"
HANNA, YUSUF, CLARA, VIKTOR, MEI = (
    f"{name}@demo.ecs" for name in ("hanna", "yusuf", "clara", "viktor", "mei")
)
WHOLE, ONE_PIECE = "whole", "one piece"  # what is cancelled of a parcel


@dataclass(frozen=True)
class Miss:
    """A try at the door that failed."""

    ago: float
    reason: str
    note: str
    has_photo: bool = False


@dataclass(frozen=True)
class Way:
    """What became of one shop's part of an order. Without anything said it waits for a courier.

    `delivered` with its PIN, or `bypassed`: by an admin, without. Who delivered is paid by the clock, unless
    the buyer said before that all is fine (`accepted`). `packed` without a time: right after the order.
    """

    packed: float | None = None
    cancelled: str = ""
    cancelled_by_seller: str = ""
    courier: str = ""
    claimed: float | None = None
    picked_up: float | None = None
    misses: tuple[Miss, ...] = ()
    locked: float | None = None
    delivered: float | None = None
    bypassed: float | None = None
    accepted: float | None = None
    brought_back: float | None = None


@dataclass(frozen=True)
class Story:
    """An order: when, who, what (title → pieces), what became of each shop's part of it; the coupons' codes."""

    ago: float
    buyer: str
    lines: Mapping[str, int]
    ways: Mapping[str, Way] = field(default_factory=dict)
    coupons: tuple[str, ...] = ()


def brought(courier: str, ago: float, **more: object) -> Way:
    """The usual way: packed, claimed, picked up and delivered within a few hours, `ago` days ago."""
    return Way(
        courier=courier,
        packed=ago + 0.4,
        claimed=ago + 0.3,
        picked_up=ago + 0.2,
        delivered=ago,
        **more,
    )


def fetched_at_once(courier: str, ago: float) -> Way:
    """By a courier who was around the corner: within three quarters of an hour, `ago` days ago."""
    return Way(courier=courier, packed=ago + 0.025, claimed=ago + 0.02, picked_up=ago + 0.01, delivered=ago)


STORIES = [
    # So long ago that the month is over and invoiced, whatever day it is: of three shops.
    Story(37.4, AISHA, {"Morning Cup with Saucer": 1}, {"Fern & Kettle": brought(MATEO, 36.6)}),
    Story(36.3, TOM, {"Merino Yarn, Ocean Blue": 1}, {"Tinker & Thyme": brought(CEM, 35.4, accepted=34.9)}),
    Story(
        34.5,
        SHOPPER,
        {"Pocket Notebook, Black": 2, "Brass Ballpoint, Navy": 1},
        {"Inkwell & Sons": brought(CEM, 33.6, accepted=33.1)},
    ),
    Story(
        27.4,
        AISHA,
        {"Match Football, Size 5": 1, "Rechargeable AA Cells, Eight": 2},
        {"Ridgeline Outfitters": brought(CEM, 26.5), "Copper Circuit": brought(LENA, 26.7)},
    ),
    Story(24.2, TOM, {"Merino Yarn, Ocean Blue": 6}, {"Tinker & Thyme": brought(CEM, 23.3, accepted=22.9)}),
    Story(
        19.3,
        SHOPPER,
        {"Red Orchard Apples, 2 kg": 1, "Country Sourdough, 1 kg": 2, "Morning Cup with Saucer": 2},
        {"Market Lane": Way(cancelled=WHOLE), "Fern & Kettle": brought(MATEO, 18.4)},
    ),
    Story(
        16.2,
        CLARA,
        {"Beeswax Table Candle": 2},
        {
            "Hearth & Linen": Way(
                courier=CEM,
                packed=16.1,
                claimed=15.6,
                picked_up=15.4,
                misses=(
                    Miss(15.3, "absent", "Nobody opened; the neighbour had not seen her.", has_photo=True),
                    Miss(14.3, "absent", "Nobody opened."),
                    Miss(13.3, "absent", "Nobody opened, the letter box is full."),
                ),
                brought_back=13.1,
            )
        },
    ),
    Story(
        13.4,
        TOM,
        {"Pearwood Recorder": 1, "1,000-Piece Puzzle: Harbour at Dusk": 1},
        {"Nightjar Music": brought(LENA, 12.6), "The Paper Fox": brought(CEM, 12.4)},
    ),
    Story(
        11.3,
        SHOPPER,
        {"Heavy Cotton T-Shirt, Meadow Green": 2},
        {"Loom & Lace": Way(cancelled=WHOLE)},
    ),
    Story(
        8.4,
        TOM,
        {"The Baker's Hour": 1, "Cedar Pencils, Dozen": 3},
        {"Inkwell & Sons": brought(CEM, 6.9, cancelled=ONE_PIECE)},
    ),
    Story(
        6.1,
        AISHA,
        {"Morning Cup with Saucer": 4, "Beeswax Table Candle": 2},
        {
            "Fern & Kettle": brought(CEM, 2.4),
            "Hearth & Linen": Way(cancelled_by_seller="They melted on the window sill, sorry"),
        },
    ),
    # This week: everything is still moving.
    Story(
        4.2,
        SHOPPER,
        {"Brown Butter Cookies, 400 g": 4, "Merino Yarn, Ocean Blue": 3, "Pocket Notebook, Black": 2},
        {
            "Market Lane": brought(LENA, 1.3, cancelled=ONE_PIECE),
            "Tinker & Thyme": Way(
                courier=LENA,
                packed=3.9,
                claimed=1.4,
                picked_up=1.2,
                misses=(Miss(0.9, "absent", "Rang twice, called once.", has_photo=True),),
            ),
            "Inkwell & Sons": Way(packed=3.5),
        },
    ),
    Story(
        3.4,
        VIKTOR,
        {"Striped Socks, Two Pairs": 2},
        {"Loom & Lace": Way(courier=MATEO, packed=3.2, claimed=2.6, picked_up=2.4, bypassed=1.6)},
    ),
    Story(
        2.6,
        HANNA,
        {"Blue Breakfast Bowl and Spoon": 1},
        {
            "Fern & Kettle": Way(
                courier=MATEO,
                packed=2.2,
                claimed=0.8,
                picked_up=0.6,
                misses=(Miss(0.2, "damaged", "Something rattles in the box; she would rather not."),),
            )
        },
    ),
    Story(
        2.3,
        CLARA,
        {"Garden Thermometer": 1},
        {"Tinker & Thyme": Way(courier=PRIYA, packed=2.0, claimed=0.5, picked_up=0.3, locked=0.1)},
    ),
    Story(
        1.9,
        CLARA,
        {"Linen Summer Dress, Cornflower": 1, "Lavender Hand Soap, Three Bars": 2},
        {"Loom & Lace": Way(packed=1.5)},
    ),
    Story(
        1.7,
        MEI,
        {"Giant Bubble Set": 2},
        {"The Paper Fox": Way(courier=CEM, packed=1.2, claimed=0.15)},
    ),
    Story(
        1.4,
        VIKTOR,
        {"Table Tennis Bat, Tournament": 2, "Returning Boomerang": 1},
        {
            "Ridgeline Outfitters": Way(courier=CEM, packed=1.1, claimed=0.3, picked_up=0.12),
            "The Paper Fox": Way(packed=1.0),
        },
    ),
    Story(1.2, TOM, {"Spiral Ledger, Yellow": 2}, {"Inkwell & Sons": brought(CEM, 0.16)}),
    Story(
        1.1,
        YUSUF,
        {"Serving Spoon, Mirror Polished": 2},
        {"Fern & Kettle": Way(courier=LENA, packed=0.8, claimed=0.1)},
        ("WELCOME10",),
    ),
    Story(
        0.9,
        MEI,
        {"Student Microscope": 1, "Braided Power Lead, 3 m": 1},
        {"Copper Circuit": Way(packed=0.5)},
    ),
    Story(
        0.5,
        YUSUF,
        {"Painted Maracas, Pair": 1, "Everyday Dinner Set, One Place": 4},
        {"Nightjar Music": Way(packed=0.2)},
    ),
    Story(
        0.4,
        SHOPPER,
        {"Over-Ear Headphones, Pearl": 1, "The Baker's Hour": 1, "Bamboo Toothbrush, Pack of Four": 2},
        {
            "Copper Circuit": Way(courier=CEM, packed=0.3, claimed=0.2, picked_up=0.06),
            "Inkwell & Sons": Way(packed=0.25),
        },
    ),
    Story(
        0.2,
        HANNA,
        {"Red Orchard Apples, 2 kg": 2, "Country Sourdough, 1 kg": 1},
        {"Market Lane": Way(packed=0.1)},
    ),
    Story(0.15, TOM, {"Cherry School Backpack, 22 l": 1, "Chunky Wax Crayons, Twelve": 2}),
    # Delivery costs something since a moment before (`RATES_SINCE`): couriers are paid by what it costs.
    Story(0.05, AISHA, {"Folding Kick Scooter": 1}),
    Story(0.047, TOM, {"Brass Ballpoint, Navy": 1}, {"Inkwell & Sons": fetched_at_once(CEM, 0.015)}),
    Story(0.042, MEI, {"Garden Thermometer": 1}, {"Tinker & Thyme": fetched_at_once(CEM, 0.005)}),
]
RATES_SINCE = 0.06
ORDERED = {title for story in STORIES for title in story.lines}
