from courier.presenters import HEADINGS, SENDERS_DOOR
from marketplace.delivery.states import ACTIVE, DeliveryStatus


def test_every_job_that_is_under_way_says_what_is_to_be_done_now():
    assert set(HEADINGS) == set(ACTIVE)


def test_the_sender_is_not_visited_while_the_parcel_goes_out():
    assert set(ACTIVE) - set(SENDERS_DOOR) == {DeliveryStatus.CARRYING}
