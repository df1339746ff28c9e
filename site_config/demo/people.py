"""Who lives in the demo store. One password for all of them; never load this into a store that is real."""

from dataclasses import dataclass
from decimal import Decimal

from marketplace.accounts.models import Role

PASSWORD = "demo-store-2026"  # noqa: S105  printed at every start, for demo stores only


@dataclass(frozen=True)
class Person:
    """An account. `money` is what their wallet was topped up with, in hundredths of the currency."""

    email: str
    name: str
    role: str
    says: str
    """What to tell somebody who may sign in as this person; empty: not listed."""
    phone: str = ""
    place: tuple[str, str, str, str] | None = None
    money: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shop:
    """A seller's shop; its goods are in goods/, under the same name."""

    name: str
    owner: Person
    about: str
    ships_from: str


SHOPPER = Person(
    "shopper@demo.ecs",
    "Nora Lindqvist",
    Role.USER,
    "a shopper with money, orders and messages",
    "+49 30 5550101",
    ("52.529407", "13.401588", "Invalidenstraße 44, 10115 Berlin", "Second courtyard, bell “Lindqvist”."),
    (50_000, 75_000, 25_000),
)
FRESH = Person(
    "fresh@demo.ecs",
    "Emil Okafor",
    Role.USER,
    "a shopper with money and nothing bought yet",
    "+49 30 5550102",
    ("52.486243", "13.424805", "Weserstraße 12, 12045 Berlin", "Leave nothing with the neighbour, please."),
    (40_000,),
)
PEOPLE = [
    SHOPPER,
    FRESH,
    Person(
        "aisha@demo.ecs",
        "Aisha Benali",
        Role.USER,
        "",
        "+49 30 5550103",
        ("52.541871", "13.412367", "Schönhauser Allee 101, 10439 Berlin", ""),
        (120_000,),
    ),
    Person(
        "tom@demo.ecs",
        "Tom Achterberg",
        Role.USER,
        "",
        "+49 30 5550104",
        ("52.500342", "13.339471", "Winterfeldtstraße 8, 10777 Berlin", "Third floor, no lift."),
        (90_000,),
    ),
    Person("courier@demo.ecs", "Cem Yildiz", Role.DELIVERY, "a courier", "+49 30 5550105"),
    Person("admin@demo.ecs", "Ada Sommer", Role.ADMIN, "an admin"),
    Person("superadmin@demo.ecs", "Susan Ito", Role.SUPERADMIN, "the superadmin"),
]

SHOPS = [
    Shop(
        "Fern & Kettle",
        Person(
            "seller@demo.ecs", "Fern Castellan", Role.SELLER, "a seller with a stocked shop", "+49 40 5550201"
        ),
        "Pots, cups and good knives. We fire, forge and pack in an old ferry house by the river, and we use "
        "everything we sell, every day.",
        "Hamburg",
    ),
    Shop(
        "Market Lane",
        Person("market@demo.ecs", "Lorenzo Grasso", Role.SELLER, ""),
        "Fruit picked this morning, bread baked last night. Eleven farms and one bakery within an hour of the city.",
        "Potsdam",
    ),
    Shop(
        "Hearth & Linen",
        Person("hearth@demo.ecs", "Marit Solberg", Role.SELLER, ""),
        "Furniture, light and the small things that make rooms kind. Delivered, carried up and assembled.",
        "Leipzig",
    ),
    Shop(
        "Loom & Lace",
        Person("loom@demo.ecs", "Ines Duarte", Role.SELLER, ""),
        "Clothes, shoes and bags from workshops that we visit. Free repairs, because a seam is no reason to part.",
        "Cologne",
    ),
    Shop(
        "Copper Circuit",
        Person("circuit@demo.ecs", "Jonas Petrov", Role.SELLER, ""),
        "Electronics that open with a screwdriver. Every part we sell, we also stock as a spare.",
        "Dresden",
    ),
    Shop(
        "Nightjar Music",
        Person("nightjar@demo.ecs", "Thea Novak", Role.SELLER, ""),
        "Instruments set up by hand, from the first recorder to the last encore.",
        "Vienna",
    ),
    Shop(
        "Ridgeline Outfitters",
        Person("ridgeline@demo.ecs", "Sepp Aigner", Role.SELLER, ""),
        "For snow, water, asphalt and the way home. We test on Thursdays; that is why we open at noon on Fridays.",
        "Innsbruck",
    ),
    Shop(
        "The Paper Fox",
        Person("fox@demo.ecs", "Milo Renard", Role.SELLER, ""),
        "Toys with hand-sewn noses and games for long evenings. Wrapped on request, with a fox on the ribbon.",
        "Nuremberg",
    ),
    Shop(
        "Inkwell & Sons",
        Person("inkwell@demo.ecs", "Beatrix Hale", Role.SELLER, ""),
        "Slow books, honest paper and pens that start at the first touch.",
        "Heidelberg",
    ),
    Shop(
        "Tinker & Thyme",
        Person("tinker@demo.ecs", "Oskar Blum", Role.SELLER, ""),
        "Tools above, plants below: a hardware store with a greenhouse on the roof.",
        "Freiburg",
    ),
]


def place_of(person: Person) -> dict[str, object]:
    """What `save_location` is told about where this person lives."""
    lat, lng, address, notes = person.place
    return {"lat": Decimal(lat), "lng": Decimal(lng), "address": address, "access_notes": notes}


def accounts_to_show() -> list[str]:
    """Lines that name one account a role and the password, for whoever starts the store."""
    people = [*PEOPLE, *(shop.owner for shop in SHOPS)]
    listed = [person for person in people if person.says]
    width = max(len(person.email) for person in listed)
    lines = [f"  {person.email:<{width}}  {person.says}" for person in listed]
    return ["Sign in with one of these, the password is always " + PASSWORD + ":", *lines]
