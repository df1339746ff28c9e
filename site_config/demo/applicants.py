"""Who would like to sell or deliver in the demo store, and what an admin said to that. Days ago, all of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from marketplace.accounts.models import Role, SellerProfile, User
from marketplace.accounts.shops import go_away
from marketplace.applications.wishes import Wish
from marketplace.common import clock
from marketplace.reviewing.states import Decision
from site_config.acts import applications

from .people import ADMIN, Person

Entry = tuple[float, Callable[[], object]]

AWAY = "Tinker & Thyme"


@dataclass(frozen=True)
class Applicant:
    """Somebody, what they would like, when they said so, and what became of it."""

    person: Person
    wish: Wish
    ago: float
    decision: str = ""
    reason: str = ""
    withdrawn: bool = False


def _person(name: str, phone: str) -> Person:
    return Person(f"{name.split()[0].lower()}@demo.ecs", name, Role.USER, "", phone)


def _shop(name: str, about: str, ships_from: str, lat: str, lng: str, address: str) -> Wish:
    return applications.shop_wish(
        name, about=about, ships_from=ships_from, lat=Decimal(lat), lng=Decimal(lng), address=address
    )


APPLICANTS = [
    Applicant(
        _person("Olena Kovalenko", "+49 30 5550301"),
        _shop(
            "Sourdough Saturday",
            "Bread from a wood oven, baked on Saturdays only. Forty loaves, and when they are gone they are gone.",
            "Berlin-Wedding",
            "52.549900",
            "13.359100",
            "Malplaquetstraße 14, 13347 Berlin",
        ),
        1.6,
    ),
    Applicant(
        _person("Ravi Menon", "+49 30 5550302"),
        applications.courier_wish(
            "Ravi Menon", phone="+49 30 5550302", area="Kreuzberg, Neukölln, Treptow", vehicle="cargo_bike"
        ),
        0.9,
    ),
    Applicant(
        _person("Greta Holm", "+49 30 5550303"),
        _shop(
            "Holm Ceramics",
            "Cups and bowls.",
            "Berlin-Moabit",
            "52.527300",
            "13.342200",
            "Turmstraße 60, 10551 Berlin",
        ),
        3.2,
        Decision.ASK_FOR_CHANGES,
        "Please say more about what you would like to sell: what it is, where it comes from, how many.",
    ),
    Applicant(
        _person("Paul Weiss", "+49 30 5550304"),
        _shop(
            "Cheap Watches Now",
            "Watches of all the famous brands, for a tenth of what they cost.",
            "",
            "52.500000",
            "13.300000",
            "Postfach 12, 10707 Berlin",
        ),
        9.5,
        Decision.REJECT,
        "What you would like to sell is not sold in this store.",
    ),
    Applicant(
        _person("Lucia Marin", "+49 30 5550305"),
        applications.courier_wish("Lucia Marin", phone="+49 30 5550305", area="Spandau", vehicle="car"),
        6.1,
        withdrawn=True,
    ),
    Applicant(
        _person("Ida Brandner", "+49 30 5550306"),
        _shop(
            "Ida's Indigo",
            "Cloth that we dye ourselves, by the metre and as scarves. The indigo grows behind the house.",
            "Werder",
            "52.379700",
            "12.935300",
            "Am Markt 3, 14542 Werder",
        ),
        12.4,
        Decision.APPROVE,
        "Welcome! We look forward to your first listing.",
    ),
]


def diary(people: Mapping[str, int]) -> Iterator[Entry]:
    """What happened: each applied, and most were answered a while later; a seller has left for a week."""

    def user(person: Person) -> User:
        return User.objects.select_related("profile").get(pk=people[person.email])

    for applicant in APPLICANTS:
        yield applicant.ago, lambda one=applicant: _apply(user(one.person), one)
        if applicant.decision:
            yield applicant.ago - 0.4, lambda one=applicant: _answer(user(one.person), one, user(ADMIN))
        if applicant.withdrawn:
            yield applicant.ago - 0.2, lambda one=applicant: _withdraw(user(one.person))
    yield 0.003, _leave


def _apply(person: User, applicant: Applicant) -> None:
    if applications.newest_of(person) is None:
        applications.apply(person, applicant.wish)


def _answer(person: User, applicant: Applicant, admin: User) -> None:
    application = applications.newest_of(person)
    if application is not None and application.status == "pending":
        applications.decide(application, admin, applicant.decision, applicant.reason)


def _withdraw(person: User) -> None:
    application = applications.newest_of(person)
    if application is not None and application.is_open:
        applications.withdraw(application)


def _leave() -> None:
    shop = SellerProfile.objects.select_related("user").get(shop_name=AWAY)
    if shop.away_from is None:
        now = clock.now()
        go_away(
            user_id=shop.pk,
            away_from=now,
            away_until=now + timedelta(days=9),
            note="We are in the mountains. The tomatoes are watered.",
            actor=shop.user,
        )
