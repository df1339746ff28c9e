"""Whatever couriers, buyers, sellers and staff do in whatever order, every invariant holds after every step."""

import contextlib
from datetime import timedelta
from itertools import count

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import DomainError
from marketplace.common.idempotency import new_form_key
from marketplace.common.tests.examples import IS_NIGHTLY, examples
from marketplace.delivery import services
from marketplace.delivery.models import Attempt, Delivery, Proof
from marketplace.delivery.proofs import pin_of, token_of
from marketplace.delivery.services import complete_shipment
from marketplace.delivery.states import DeliveryStatus, FailReason, ProofStatus
from marketplace.orders.models import Shipment
from marketplace.orders.services import complete_due, remind_of_completion
from marketplace.orders.states import ShipmentStatus
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import release_reserves, take_from_reserve

FEE = 150
NUMBERS = count(1)  # of all examples: they share one database
COURIER = st.integers(0, 1)
ANYBODY = st.sampled_from(["buyer", "seller", "admin", "courier"])
FORWARD = st.sampled_from(["claim", "pick_up", "right", "scan", "complete"])
STEPS = st.one_of(
    st.tuples(FORWARD, st.just(0)),
    st.tuples(FORWARD, COURIER),
    st.tuples(st.just("wrong"), COURIER, st.integers(1, 6)),
    st.tuples(st.just("old"), COURIER),
    st.tuples(st.just("give_back"), COURIER),
    st.tuples(st.just("arrive"), COURIER),
    st.tuples(st.just("fail"), COURIER, st.sampled_from(FailReason.values)),
    st.tuples(st.just("reissue"), ANYBODY, st.sampled_from(["delivery", "return"])),
    st.tuples(st.just("reassign"), st.sampled_from([0, 1, None])),
    st.tuples(st.just("send_back")),
    st.tuples(st.just("bypass")),
    st.tuples(st.just("void")),
    st.tuples(st.just("lift"), COURIER),
    st.tuples(st.just("cancel"), ANYBODY),
    st.tuples(st.just("cancel_one"), ANYBODY),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 80])),
)
TAKE = st.tuples(st.just("take"), st.integers(1, 300))  # of the seller's reserve, for the buyer

# Where a parcel is when the steps begin, so that they lead deep into its way.
BEGIN = [
    [],
    [("claim", 0)],
    [("claim", 0), ("give_back", 0)],
    [("claim", 0), ("reassign", 1)],
    [("claim", 0), ("cancel", "buyer")],
    [("claim", 0), ("pick_up", 0)],
    [("claim", 0), ("pick_up", 0), ("fail", 0, "absent"), ("fail", 0, "unsafe")],
    [("claim", 0), ("pick_up", 0), ("fail", 0, "absent"), ("arrive", 0), ("wait", 1)],
    [("claim", 0), ("pick_up", 0), ("fail", 0, "refused")],
    [("claim", 0), ("pick_up", 0), ("fail", 0, "refused"), ("right", 0)],
    [("claim", 0), ("pick_up", 0), ("right", 0)],
    [("claim", 0), ("pick_up", 0), ("right", 0), ("complete", 0)],
]


SWEEPS = (
    remind_of_completion,
    complete_due,
    release_reserves,
    services.cancel_overdue,
    services.release_earnings,
)


class World:
    """One parcel, and the steps that people can take or try to take with it."""

    def __init__(self, people: dict, couriers: list, shipment: Shipment, picture_file, moves) -> None:
        self.people, self.couriers, self.shipment = people, couriers, shipment
        self.picture_file, self.moves = picture_file, moves

    def job(self, courier: int) -> Delivery:
        """The newest job for this parcel, be it this courier's or not; `Delivery.DoesNotExist` without one."""
        jobs = Delivery.objects.filter(consignment__shipment=self.shipment)
        return jobs.filter(courier=self.couriers[courier]).order_by("pk").last() or jobs.latest("pk")

    def somebody(self, who: str):
        return self.couriers[0] if who == "courier" else self.people[who]

    def proof(self) -> Proof:
        proofs = Proof.objects.filter(consignment__shipment=self.shipment)
        return proofs.filter(current_key__isnull=False).latest("pk")

    def key(self, user, action: str, subject: object = "") -> str:
        return new_form_key(user_id=user.pk, action=action, subject=subject)

    def confirm(self, courier: int, **code: str):
        job, actor = self.job(courier), self.couriers[courier]
        key = self.key(actor, "confirm_delivery", job.pk)
        return services.confirm_delivery(delivery_id=job.pk, actor=actor, place=None, form_key=key, **code)

    def claim(self, courier):
        services.claim_shipment(shipment_id=self.shipment.pk, actor=self.couriers[courier])

    def give_back(self, courier):
        services.give_back(
            delivery_id=self.job(courier).pk, actor=self.couriers[courier], reason="A flat tyre"
        )

    def pick_up(self, courier):
        services.pick_up(delivery_id=self.job(courier).pk, actor=self.couriers[courier])

    def right(self, courier):
        self.confirm(courier, pin=pin_of(self.proof()))

    def wrong(self, courier, times):
        pin = f"{(int(pin_of(self.proof())) + 1) % 1_000_000:06d}"
        for _time in range(times):
            assert self.confirm(courier, pin=pin).result != services.Result.CONFIRMED or self.is_over()

    def old(self, courier):
        proofs = Proof.objects.filter(consignment__shipment=self.shipment)
        old = proofs.filter(status=ProofStatus.REPLACED).latest("pk")
        assert self.confirm(courier, pin=pin_of(old)).result != services.Result.CONFIRMED or self.is_over()

    def is_over(self):
        jobs = Delivery.objects.filter(consignment__shipment=self.shipment)
        return not jobs.filter(live_key__isnull=False).exists()

    def scan(self, courier):
        actor = self.couriers[courier]
        services.confirm_scan(
            actor=actor, token=token_of(self.proof()), place=None, form_key=self.key(actor, "confirm_scan")
        )

    def arrive(self, courier):
        door = self.shipment.order.place
        services.arrive(delivery_id=self.job(courier).pk, actor=self.couriers[courier], place=door)

    def fail(self, courier, reason):
        job, actor = self.job(courier), self.couriers[courier]
        key = self.key(actor, "fail_attempt", job.pk)
        services.fail_attempt(delivery_id=job.pk, actor=actor, reason=reason, form_key=key)

    def reissue(self, who, purpose):
        services.reissue_proof(shipment_id=self.shipment.pk, purpose=purpose, actor=self.somebody(who))

    def reassign(self, courier):
        services.reassign(
            shipment_id=self.shipment.pk,
            actor=self.people["admin"],
            courier_id=None if courier is None else self.couriers[courier].pk,
            reason="Ill",
        )

    def send_back(self):
        services.send_back(shipment_id=self.shipment.pk, actor=self.people["admin"], reason="No such street")

    def bypass(self):
        admin = self.people["admin"]
        services.bypass_proof(
            shipment_id=self.shipment.pk,
            actor=admin,
            reason="Seen on the camera",
            photo=self.picture_file(size=(8, 8)),
            form_key=self.key(admin, "bypass_proof", self.shipment.pk),
        )

    def void(self):
        attempt = Attempt.objects.filter(consignment__shipment=self.shipment).latest("pk")
        services.void_attempt(attempt_id=attempt.pk, actor=self.people["admin"], reason="Wrong house")

    def lift(self, courier):
        services.lift_suspension(courier_id=self.couriers[courier].pk, actor=self.people["admin"])

    def cancel(self, who):
        services.cancel_shipment(shipment_id=self.shipment.pk, actor=self.somebody(who), reason="No more")

    def cancel_one(self, who):
        line, actor = self.shipment.lines.get(), self.somebody(who)
        services.cancel_line(
            line_id=line.pk,
            quantity=1,
            actor=actor,
            form_key=self.key(actor, "cancel_line", line.pk),
            reason="One less",
        )

    def complete(self, _courier):
        complete_shipment(shipment_id=self.shipment.pk, actor=self.people["buyer"])

    def take(self, amount):
        take_from_reserve(
            owner_id=self.shipment.seller_id,
            payee_id=self.people["buyer"].pk,
            amount=amount,
            key=f"take:{next(NUMBERS)}",
            subject=self.shipment,
        )

    def wait(self, hours):
        """Time passes, and with it whatever is due."""
        self.moves.enter_context(clock.moved(clock._moved_by.get() + timedelta(hours=hours)))
        for sweep in SWEEPS:
            sweep(clock.now())


@pytest.fixture
def people(person, buyer, seller, admin):
    return {"buyer": buyer, "seller": seller, "admin": admin}


@pytest.mark.costly("lives through hundreds of steps by the real services", seconds=60)
@pytest.mark.parametrize("payer", ["nobody", "buyer", "seller", "store", "nobody, coupon", "buyer, coupon"])
def test_any_sequence_of_steps_keeps_the_books(
    people, person, placed, audit, picture_file, request, fund, payer, coupons
):
    """In a store without rates and reserve, and where one of three pays a delivery whose terms are all there are.

    With a coupon of 3.33 a third of what each piece has off is always to be rounded.
    """
    payer, _, has_coupon = payer.partition(", ")
    house = request.getfixturevalue("settings")
    if payer != "nobody":
        free_from = 2000 if payer == "store" else 0
        rates = Rates(
            base=333,
            store_bps=1250,
            back_bps=5000,
            courier_least=FEE,
            free_from=free_from,
            back_refused="buyer",
            back_absent="seller",
            again_fee=77,
            wait_fee=31,
            wait_free=5,
            wait_most=900,
        )
        publish_rates(rates=rates, actor=people["admin"], expected_version=0)
        fund(people["buyer"], 1_000_000)
    if payer == "seller":
        offer_free_delivery(actor=people["seller"], free_from=1500)
    if payer != "nobody":
        house.RESERVE_BPS, house.RESERVE_DAYS = 1_250, 2
    house.COURIER_FEE, house.COMMISSION_BPS, house.SHIP_BY_DAYS = FEE, 250, 5
    coupon = coupons.make(people["seller"], amount=333, most_uses=10_000) if has_coupon else None
    ways: set[str] = set()
    jobs: set[str] = set()

    @settings(
        max_examples=examples(60 if payer == "nobody" and not has_coupon else 30),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        derandomize=not IS_NIGHTLY,
    )
    @example(begin=BEGIN[-1], steps=[("wait", 80)])
    @given(
        begin=st.sampled_from(BEGIN),
        steps=st.lists(STEPS if payer == "nobody" else STEPS | TAKE, min_size=1, max_size=8),
    )
    def walk(begin, steps):
        couriers = [person(Role.DELIVERY), person(Role.DELIVERY)]
        shipment = placed(people["buyer"], people["seller"], price=1000, quantity=2, coupon=coupon)
        everybody = [*people.values(), *couriers]
        before = sum(map(total, everybody)) + fees()
        with contextlib.ExitStack() as moves:
            world = World(people, couriers, shipment, picture_file, moves)
            for name, *arguments in [*begin, *steps]:
                with contextlib.suppress(
                    DomainError,
                    PermissionDenied,
                    Delivery.DoesNotExist,
                    Proof.DoesNotExist,
                    Attempt.DoesNotExist,
                ):
                    getattr(world, name)(*arguments)
                assert audit() == []
        assert sum(map(total, everybody)) + fees() == before
        ways.add(Shipment.objects.get(pk=shipment.pk).status)
        jobs.update(Delivery.objects.filter(consignment__shipment=shipment).values_list("status", flat=True))

    walk()

    if payer != "nobody" or has_coupon:
        return
    # The steps are no mere refusals: every end was reached, and every end of a job.
    assert ways == set(ShipmentStatus.values)
    assert jobs >= set(DeliveryStatus.values) - {DeliveryStatus.CLAIMED}


def total(person) -> int:
    wallet = wallet_of(person.pk)
    return wallet.balance + wallet.held_balance


def fees() -> int:
    rows = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
    return sum(rows.values_list("balance_delta", flat=True))
