"""Who lives in the demo store. One password for all of them; never load this into a store that is real."""

from dataclasses import dataclass
from decimal import Decimal

from marketplace.accounts.models import Role

PASSWORD = "demo-store-2026"  # noqa: S105  printed at every start, for demo stores only


@dataclass(frozen=True)
class Person:
    """An account. `place` is where their parcels go, start or are picked up; `money` is what their wallet
    was topped up with, in hundredths of the currency."""

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
COURIER = Person(
    "courier@demo.ecs",
    "Cem Yildiz",
    Role.DELIVERY,
    "a courier with parcels on the bike",
    "+49 30 5550105",
    ("52.498970", "13.418050", "Oranienstraße 25, 10999 Berlin", ""),
)
COLLEAGUES = [
    Person(
        "lena@demo.ecs",
        "Lena Vogt",
        Role.DELIVERY,
        "",
        "+49 30 5550106",
        ("52.538450", "13.424180", "Kastanienallee 7, 10435 Berlin", ""),
    ),
    Person(
        "mateo@demo.ecs",
        "Mateo Ruiz",
        Role.DELIVERY,
        "",
        "+49 30 5550107",
        ("52.505810", "13.304120", "Kantstraße 90, 10627 Berlin", ""),
    ),
    Person(
        "priya@demo.ecs",
        "Priya Nair",
        Role.DELIVERY,
        "",
        "+49 30 5550108",
        ("52.476500", "13.440300", "Karl-Marx-Straße 101, 12043 Berlin", ""),
    ),
]
ADMIN = Person("admin@demo.ecs", "Ada Sommer", Role.ADMIN, "an admin")
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
    *(
        Person(f"{name.split()[0].lower()}@demo.ecs", name, Role.USER, "", phone, place, (60_000,))
        for name, phone, place in (
            (
                "Hanna Brandt",
                "+49 30 5550111",
                ("52.549160", "13.359350", "Müllerstraße 146, 13353 Berlin", "Ring twice."),
            ),
            (
                "Yusuf Demir",
                "+49 30 5550112",
                ("52.512870", "13.455060", "Boxhagener Straße 70, 10245 Berlin", "Code 4711 at the gate."),
            ),
            (
                "Clara Fuchs",
                "+49 30 5550113",
                ("52.433640", "13.261290", "Teltower Damm 33, 14169 Berlin", "The house behind the walnut."),
            ),
            (
                "Viktor Lem",
                "+49 30 5550114",
                (
                    "52.533820",
                    "13.492110",
                    "Möllendorffstraße 52, 10367 Berlin",
                    "Ninth floor, the lift works.",
                ),
            ),
            (
                "Mei Tanaka",
                "+49 30 5550115",
                ("52.460490", "13.385130", "Tempelhofer Damm 158, 12099 Berlin", ""),
            ),
        )
    ),
    COURIER,
    *COLLEAGUES,
    ADMIN,
    Person("superadmin@demo.ecs", "Susan Ito", Role.SUPERADMIN, "the superadmin"),
]

SHOPS = [
    Shop(
        "Fern & Kettle",
        Person(
            "seller@demo.ecs",
            "Fern Castellan",
            Role.SELLER,
            "a seller with a stocked shop",
            "+49 30 5550201",
            ("52.445500", "13.575100", "Alt-Köpenick 12, 12555 Berlin", "The ferry house, ramp at the back."),
        ),
        "Pots, cups and good knives. We fire, forge and pack in an old ferry house by the river, and we use "
        "everything we sell, every day.",
        "Berlin-Köpenick",
    ),
    Shop(
        "Market Lane",
        Person(
            "market@demo.ecs",
            "Lorenzo Grasso",
            Role.SELLER,
            "",
            "+49 30 5550202",
            ("52.398900", "13.065700", "Am Neuen Markt 9, 14467 Potsdam", ""),
        ),
        "Fruit picked this morning, bread baked last night. Eleven farms and one bakery within an hour of the city.",
        "Potsdam",
    ),
    Shop(
        "Hearth & Linen",
        Person(
            "hearth@demo.ecs",
            "Marit Solberg",
            Role.SELLER,
            "",
            "+49 30 5550203",
            ("52.471300", "13.454200", "Sonnenallee 210, 12057 Berlin", "Loading bay B."),
        ),
        "Furniture, light and the small things that make rooms kind. Delivered, carried up and assembled.",
        "Berlin-Neukölln",
    ),
    Shop(
        "Loom & Lace",
        Person(
            "loom@demo.ecs",
            "Ines Duarte",
            Role.SELLER,
            "",
            "+49 30 5550204",
            ("52.488900", "13.393700", "Bergmannstraße 30, 10961 Berlin", ""),
        ),
        "Clothes, shoes and bags from workshops that we visit. Free repairs, because a seam is no reason to part.",
        "Berlin-Kreuzberg",
    ),
    Shop(
        "Copper Circuit",
        Person(
            "circuit@demo.ecs",
            "Jonas Petrov",
            Role.SELLER,
            "",
            "+49 30 5550205",
            ("52.437300", "13.547500", "Rudower Chaussee 17, 12489 Berlin", "Second gate."),
        ),
        "Electronics that open with a screwdriver. Every part we sell, we also stock as a spare.",
        "Berlin-Adlershof",
    ),
    Shop(
        "Nightjar Music",
        Person(
            "nightjar@demo.ecs",
            "Thea Novak",
            Role.SELLER,
            "",
            "+49 30 5550206",
            ("52.541100", "13.436800", "Greifswalder Straße 88, 10409 Berlin", ""),
        ),
        "Instruments set up by hand, from the first recorder to the last encore.",
        "Berlin-Prenzlauer Berg",
    ),
    Shop(
        "Ridgeline Outfitters",
        Person(
            "ridgeline@demo.ecs",
            "Sepp Aigner",
            Role.SELLER,
            "",
            "+49 30 5550207",
            ("52.536100", "13.203000", "Carl-Schurz-Straße 21, 13597 Berlin", ""),
        ),
        "For snow, water, asphalt and the way home. We test on Thursdays; that is why we open at noon on Fridays.",
        "Berlin-Spandau",
    ),
    Shop(
        "The Paper Fox",
        Person(
            "fox@demo.ecs",
            "Milo Renard",
            Role.SELLER,
            "",
            "+49 30 5550208",
            ("52.569000", "13.402000", "Breite Straße 14, 13187 Berlin", "Through the toy shop."),
        ),
        "Toys with hand-sewn noses and games for long evenings. Wrapped on request, with a fox on the ribbon.",
        "Berlin-Pankow",
    ),
    Shop(
        "Inkwell & Sons",
        Person(
            "inkwell@demo.ecs",
            "Beatrix Hale",
            Role.SELLER,
            "",
            "+49 30 5550209",
            ("52.508600", "13.301500", "Kantstraße 112, 10627 Berlin", ""),
        ),
        "Slow books, honest paper and pens that start at the first touch.",
        "Berlin-Charlottenburg",
    ),
    Shop(
        "Tinker & Thyme",
        Person(
            "tinker@demo.ecs",
            "Oskar Blum",
            Role.SELLER,
            "",
            "+49 30 5550210",
            ("52.487000", "13.357000", "Hauptstraße 63, 10827 Berlin", "Past the greenhouse stairs."),
        ),
        "Tools above, plants below: a hardware store with a greenhouse on the roof.",
        "Berlin-Schöneberg",
    ),
    Shop(
        "Second Spring",
        Person(
            "second@demo.ecs",
            "Runa Falk",
            Role.SELLER,
            "a seller with three hundred listings",
            "+49 30 5550211",
            ("52.530900", "13.384700", "Gartenstraße 20, 10115 Berlin", "The hall behind the gate."),
        ),
        "What others bought new, for less: cleaned, tried out, and described as it is. One piece of each.",
        "Berlin-Mitte",
    ),
]


def place_of(person: Person) -> dict[str, object]:
    """What `save_location` is told about where this person lives."""
    lat, lng, address, notes = person.place
    return {"lat": Decimal(lat), "lng": Decimal(lng), "address": address, "access_notes": notes}


# The shopper's other addresses: name, who lives there, their phone, address, latitude, longitude, notes.
OTHER_ADDRESSES = [
    (
        "Work",
        "",
        "",
        "Alexanderplatz 6, 10178 Berlin",
        "52.522400",
        "13.413500",
        "Front desk, open until six.",
    ),
    (
        "Gran",
        "Ingrid Lindqvist",
        "+49 30 5550199",
        "Breite Straße 20, 13187 Berlin",
        "52.570500",
        "13.405300",
        "She hears the bell, give her a moment.",
    ),
]

# Where couriers fetch what Fern & Kettle sells; the first one is the default.
PICK_UPS = [
    (
        "Ferry house",
        "",
        "",
        "Alt-Köpenick 12, 12555 Berlin",
        "52.445500",
        "13.575100",
        "The ferry house, ramp at the back.",
    ),
    (
        "Market stall",
        "Ilse Brandt",
        "+49 30 5550211",
        "Winterfeldtplatz 1, 10781 Berlin",
        "52.496300",
        "13.354600",
        "Saturdays until four, the green awning.",
    ),
]


def accounts_to_show() -> list[str]:
    """Lines that name one account a role and the password, for whoever starts the store."""
    people = [*PEOPLE, *(shop.owner for shop in SHOPS)]
    listed = [person for person in people if person.says]
    width = max(len(person.email) for person in listed)
    lines = [f"  {person.email:<{width}}  {person.says}" for person in listed]
    return ["Sign in with one of these, the password is always " + PASSWORD + ":", *lines]
