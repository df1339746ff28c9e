"""Every kind: its sentence, its way, and that no secret gets in."""

import pytest

from marketplace.notifications.kinds import KINDS
from marketplace.notifications.models import Kind

ORDER, SHIPMENT, JOB = "order0000001", "shipment0001", "job000000001"
THERE = {"number": ORDER, "shipment": SHIPMENT}
TO_ORDER, TO_PARCEL = f"/orders/{ORDER}/", f"/seller/parcels/{SHIPMENT}/"
SELLER = THERE | {"seller": True}
FRIDAY = "2026-11-27T14:30:00+00:00"

# Kind, extra data, the sentence, the page.
EACH = [
    (
        Kind.ORDER_CREATED,
        {"number": ORDER, "total": 4_200, "shipments": 2},
        f"Your order {ORDER} is placed. €42.00 is held until it has arrived.",
        TO_ORDER,
    ),
    (
        Kind.SALE_MADE,
        THERE | {"total": 4_200, "pieces": 2},
        "You sold 2 pieces for €42.00. Please pack them.",
        TO_PARCEL,
    ),
    (Kind.SALE_MADE, THERE | {"total": 4_200}, "You sold something for €42.00.", TO_PARCEL),
    (Kind.WALLET_TOPPED_UP, {"amount": 4_200}, "€42.00 arrived in your wallet.", "/wallet/"),
    (
        Kind.SHIPMENT_CANCELLED,
        THERE | {"amount": 4_200, "reason": "broken"},
        f"Part of your order {ORDER} was cancelled. €42.00 is free in your wallet again. Reason: broken",
        TO_ORDER,
    ),
    (
        Kind.SHIPMENT_CANCELLED,
        SELLER | {"amount": 4_200},
        f"Goods of yours for €42.00 in order {ORDER} were cancelled.",
        TO_PARCEL,
    ),
    (
        Kind.PARCEL_CLAIMED,
        THERE,
        f"A courier is coming to pick up the parcel of order {ORDER}.",
        TO_PARCEL,
    ),
    (
        Kind.ORDER_SHIPPED,
        THERE,
        f"A parcel of your order {ORDER} is on its way. The order's page has the PIN for the courier.",
        TO_ORDER,
    ),
    (
        Kind.ORDER_DELIVERED,
        THERE | {"completes_at": FRIDAY},
        f"A parcel of your order {ORDER} has arrived. Its seller is paid on 27 Nov 2026, 14:30.",
        TO_ORDER,
    ),
    (Kind.ORDER_DELIVERED, {"number": ORDER}, f"A parcel of your order {ORDER} has arrived.", TO_ORDER),
    (Kind.ORDER_DELIVERED, SELLER, f"The parcel of order {ORDER} has arrived.", TO_PARCEL),
    (
        Kind.ORDER_COMPLETED,
        THERE,
        f"A parcel of your order {ORDER} is completed, and its seller was paid. Thank you!",
        TO_ORDER,
    ),
    (
        Kind.SELLER_PAYMENT,
        THERE | {"amount": 4_095, "fee": 105},
        f"€40.95 for order {ORDER} arrived in your wallet. The store kept €1.05.",
        TO_PARCEL,
    ),
    (
        Kind.SELLER_PAYMENT,
        THERE | {"amount": 4_200, "fee": 0},
        f"€42.00 for order {ORDER} arrived in your wallet.",
        TO_PARCEL,
    ),
    (
        Kind.COMPLETION_SOON,
        THERE | {"completes_at": FRIDAY},
        f"Is all fine with your order {ORDER}? A seller of it is paid on 27 Nov 2026, 14:30.",
        TO_ORDER,
    ),
    (
        Kind.COMPLETION_SOON,
        THERE,
        f"Is all fine with your order {ORDER}? A seller of it will be paid soon.",
        TO_ORDER,
    ),
    (
        Kind.DELIVERY_FAILED,
        THERE | {"reason": "absent", "attempt": 1},
        f"A parcel of your order {ORDER} could not be handed over: nobody was there.",
        TO_ORDER,
    ),
    (
        Kind.DELIVERY_FAILED,
        THERE,
        f"A parcel of your order {ORDER} could not be handed over.",
        TO_ORDER,
    ),
    (
        Kind.PARCEL_RETURNING,
        THERE,
        f"A parcel of your order {ORDER} goes back to its seller. You will get your money back.",
        TO_ORDER,
    ),
    (
        Kind.PARCEL_RETURNING,
        SELLER | {"reason": "refused"},
        f"The parcel of order {ORDER} is coming back to you. Its page has the PIN for the courier.",
        TO_PARCEL,
    ),
    (
        Kind.PARCEL_RETURNED,
        THERE | {"amount": 4_200},
        f"A parcel of your order {ORDER} is back with its seller. €42.00 is free in your wallet again.",
        TO_ORDER,
    ),
    (Kind.PARCEL_RETURNED, THERE, f"A parcel of your order {ORDER} is back with its seller.", TO_ORDER),
    (
        Kind.PARCEL_RETURNED,
        SELLER,
        f"The parcel of order {ORDER} is back. Its pieces are in your stock again.",
        TO_PARCEL,
    ),
    (
        Kind.PROOF_LOCKED,
        THERE,
        f"Five wrong PINs were given for your order {ORDER}. Make a new one on the order's page.",
        TO_ORDER,
    ),
    (
        Kind.PROOF_LOCKED,
        SELLER,
        f"Five wrong PINs were given for the parcel of order {ORDER}. Make a new one on its page.",
        TO_PARCEL,
    ),
    (
        Kind.PROOF_BYPASSED,
        THERE | {"reason": "phone lost", "completes_at": FRIDAY},
        f"The store confirmed, without your PIN, that a parcel of your order {ORDER} has arrived."
        " It is paid on 27 Nov 2026, 14:30. Reason: phone lost",
        TO_ORDER,
    ),
    (
        Kind.PROOF_BYPASSED,
        SELLER,
        f"The store confirmed that the parcel of order {ORDER} has arrived.",
        TO_PARCEL,
    ),
    (
        Kind.PROOF_BYPASSED,
        SELLER | {"returned": True, "reason": "phone lost"},
        f"The store confirmed, without your PIN, that the parcel of order {ORDER} is back with you."
        " Reason: phone lost",
        TO_PARCEL,
    ),
    (
        Kind.JOB_ASSIGNED,
        {"job": JOB},
        f"The store gave you a parcel to carry: {JOB}.",
        f"/courier/jobs/{JOB}/",
    ),
    (
        Kind.JOB_TAKEN,
        {"job": JOB, "shipment": SHIPMENT, "reason": "ill"},
        f"The store took your parcel {SHIPMENT} back: it is not yours to carry any more. Reason: ill",
        "/courier/jobs/",
    ),
    (
        Kind.JOB_CANCELLED,
        {"job": JOB, "shipment": SHIPMENT},
        f"Your parcel {SHIPMENT} was cancelled. Please do not pick it up.",
        "/courier/jobs/",
    ),
    (
        Kind.CLAIMS_SUSPENDED,
        {},
        "Too many wrong PINs: you can claim no parcels until the store has looked into it.",
        "/courier/",
    ),
    (
        Kind.CLAIMS_SUSPENDED,
        {"admin": True},
        "A courier gave too many wrong PINs and can claim no parcels.",
        "/backoffice/couriers/",
    ),
    (
        Kind.CLAIMS_SUSPENDED,
        {"admin": True, "courier": "cara@example.org"},
        "cara@example.org gave too many wrong PINs and can claim no parcels.",
        "/backoffice/couriers/",
    ),
    (Kind.CLAIMS_OPEN, {}, "The store has looked into it: you can claim parcels again.", "/courier/"),
    (
        Kind.SWEEP_TROUBLE,
        {"sweep": "complete_due", "object_id": 7, "errors": 5},
        "“complete_due” failed 5 times at number 7. It is tried again, ever more rarely.",
        "/backoffice/sweeps/",
    ),
    (
        Kind.SWEEP_TROUBLE,
        {"sweep": "complete_due", "stopped": "gap"},
        "“complete_due” is stopped: the store's clock looks wrong. Please look at it.",
        "/backoffice/sweeps/",
    ),
]


@pytest.mark.parametrize(("kind", "extra", "sentence", "link"), EACH)
def test_every_kind_has_its_sentence_and_leads_to_its_page(kind, extra, sentence, link):
    KINDS[kind].check(extra)

    assert KINDS[kind].sentence(extra) == sentence
    assert KINDS[kind].link(extra) == link


def test_a_sale_that_does_not_say_which_parcel_leads_to_the_sellers_first_page():
    assert KINDS[Kind.SALE_MADE].link({"number": ORDER, "total": 4_200}) == "/seller/"


@pytest.mark.parametrize(("kind", "extra", "sentence", "link"), EACH)
def test_what_a_person_wrote_cannot_break_a_sentence(kind, extra, sentence, link):
    odd = {key: "100%s {x} %(y)s" if key == "reason" else value for key, value in extra.items()}

    assert KINDS[kind].sentence(odd)


def test_no_kind_is_forgotten():
    assert {kind for kind, *_rest in EACH} == set(Kind) == set(KINDS)


def test_no_kind_takes_a_pin_or_a_token():
    taken = frozenset().union(*(kind.needs | kind.allows for kind in KINDS.values()))

    assert not [name for name in taken if {"pin", "token", "code", "secret"} & set(name.split("_"))]


def test_a_moment_is_told_in_the_readers_zone():
    from django.utils import timezone

    with timezone.override("Asia/Tokyo"):
        said = KINDS[Kind.COMPLETION_SOON].sentence({"number": ORDER, "completes_at": FRIDAY})

    assert "27 Nov 2026, 23:30" in said
