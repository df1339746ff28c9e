"""The back office's page of what the clock does."""

import re
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from marketplace.common import clock
from marketplace.common.models import SweepRun
from marketplace.common.sweeping import Sweep, note_trouble, record_run
from marketplace.mail import services as mail
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.web import clockwork

SWEEPS = "/backoffice/sweeps/"


@pytest.fixture
def office(as_person, admin):
    return as_person(admin)


def row_of(page: str, name: str) -> str:
    return page.split(f'data-testid="sweep-{name}"')[1].split("</tr>")[0]


@pytest.mark.django_db
def test_every_sweep_has_a_row_with_words_of_its_own(office):
    page = office.get(SWEEPS).content.decode()

    for sweep in clockwork.SWEEPS:
        assert "Never ran" in row_of(page, sweep.name)
        assert f"<b>{sweep.label}</b>" in row_of(page, sweep.name)


@pytest.mark.django_db
@pytest.mark.every_database
def test_mail_that_waits_or_was_given_up_is_counted(office):
    with clock.moved(timedelta(minutes=-20)):
        late, parked = (
            mail.post(EmailMessage("Hello", "words", None, ["kim@example.org"])) for _ in range(2)
        )
    mail.post(EmailMessage("Hello", "words", None, ["kim@example.org"]))
    mail.failed(mail.take(parked, now=clock.now()), error="550", for_good=True, now=clock.now())
    assert late != parked

    page = office.get(SWEEPS).content.decode()

    counts = page.split('data-testid="mail-state"')[1].split("</dl>")[0]
    assert re.findall(r'<dd class="money">(\d+)</dd>', counts) == ["2", "1", "1"]


# A sweep's rows are transactions of their own.
@pytest.mark.django_db(transaction=True)
def test_the_button_does_what_the_loop_does(office, placed, settings):
    settings.SHIP_BY_DAYS = 7
    with clock.moved(timedelta(days=-8)):
        late = placed()

    answer = office.post(f"{SWEEPS}cancel_overdue/run/", follow=True)

    assert Shipment.objects.get(pk=late.pk).status == ShipmentStatus.CANCELLED
    page = answer.content.decode()
    assert "“Cancel what nobody picked up”: 1 done." in page
    assert "Fine" in row_of(page, "cancel_overdue")
    assert SweepRun.objects.get(name="cancel_overdue").done == 1


@pytest.mark.django_db
@pytest.mark.every_database
def test_one_that_is_stopped_runs_once_somebody_has_looked_at_the_clock(office):
    record_run("complete_due", finished_at=clock.now() - timedelta(days=3), runs=1)

    stopped = office.post(f"{SWEEPS}complete_due/run/", follow=True).content.decode()

    assert "is stopped: the clock looks wrong. Nothing was done." in stopped
    row = row_of(stopped, "complete_due")
    assert "It has not run for two days" in row
    assert 'name="confirm_clock" value="1"' in row
    assert "queue-sweeps" in office.get("/backoffice/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.every_database
def test_with_a_word_for_the_clock_it_runs_again(office):
    record_run("complete_due", finished_at=clock.now() - timedelta(days=3), runs=1, stopped="gap")

    page = office.post(f"{SWEEPS}complete_due/run/", {"confirm_clock": "1"}, follow=True).content.decode()

    assert "Fine" in row_of(page, "complete_due")
    assert "queue-sweeps" not in office.get("/backoffice/").content.decode()


@pytest.mark.django_db
@pytest.mark.every_database
def test_what_failed_and_what_is_late_is_told(office):
    now = clock.now()
    note_trouble(sweep="complete_due", object_id=4711, error=ValueError("secret words"), now=now)
    record_run("complete_due", finished_at=now, done=3)
    record_run("refresh_prices", finished_at=now, error="OperationalError")
    record_run("expire_top_ups", finished_at=now - timedelta(hours=1))

    page = office.get(SWEEPS).content.decode()

    assert "Rows in trouble" in row_of(page, "complete_due")
    assert "OperationalError" in row_of(page, "refresh_prices")
    assert "Late" in row_of(page, "expire_top_ups")
    troubles = page.split('data-testid="troubles"')[1]
    assert "4711" in troubles
    assert "ValueError" in troubles
    assert "secret words" not in page


@pytest.mark.django_db
def test_a_sweep_that_fails_is_told_and_nothing_breaks(office, monkeypatch):
    def broken(now):
        raise ZeroDivisionError

    sweep = clockwork.sweep_named("forget_old_keys")
    monkeypatch.setattr(clockwork, "sweep_named", lambda name: Sweep(sweep.name, sweep.label, broken, turn=1))

    page = office.post(f"{SWEEPS}forget_old_keys/run/", follow=True).content.decode()

    assert "“Forget used form keys” failed (ZeroDivisionError)." in page


@pytest.mark.django_db
def test_there_is_no_other_sweep(office):
    assert office.post(f"{SWEEPS}drop_tables/run/").status_code == 404
