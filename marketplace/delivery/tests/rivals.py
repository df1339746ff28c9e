"""What the race tests share."""

from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Delivery
from marketplace.delivery.services import Confirmation, confirm_delivery


def refusals(results) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


def guess(job: Delivery, pin: str, form_key: str = "") -> Confirmation:
    """One try of the courier, with a form of its own unless told."""
    form_key = form_key or new_form_key(user_id=job.courier_id, action="confirm_delivery", subject=job.pk)
    return confirm_delivery(delivery_id=job.pk, actor=job.courier, pin=pin, place=None, form_key=form_key)
