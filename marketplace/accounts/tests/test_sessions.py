"""What is left of sessions once they have run out."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from marketplace.accounts import session_store
from marketplace.accounts.sessions import forget_old_sessions
from marketplace.common import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def session_of():
    """Somebody's session that runs out in so many days, as signing in with allauth leaves it."""

    def make(user, days: int) -> str:
        store = SessionStore()
        store.set_expiry(timedelta(days=days))
        store.create()
        seen = clock.now() - timedelta(days=40)
        row = UserSession.objects.create(
            user=user, session_key=store.session_key, ip="127.0.0.1", user_agent=""
        )
        UserSession.objects.filter(pk=row.pk).update(created_at=seen, last_seen_at=seen)
        return store.session_key

    return make


def test_sessions_that_ran_out_are_forgotten_and_the_others_stay(buyer, session_of):
    session_of(buyer, -1)
    alive = session_of(buyer, 1)

    assert forget_old_sessions(clock.now()) == 1

    assert [row.pk for row in Session.objects.all()] == [alive]
    assert [row.session_key for row in UserSession.objects.all()] == [alive]
    assert forget_old_sessions(clock.now()) == 0


def test_a_session_that_was_just_opened_keeps_its_place_in_the_list(buyer):
    UserSession.objects.create(user=buyer, session_key="not-stored-yet", ip="127.0.0.1", user_agent="")

    forget_old_sessions(clock.now())

    assert UserSession.objects.count() == 1


def test_a_session_is_read_until_its_end(buyer, session_of, django_assert_num_queries):
    alive = session_store.SessionStore(session_of(buyer, 1))
    with django_assert_num_queries(1):
        assert alive["_session_expiry"]

    ended = session_store.SessionStore(key := session_of(buyer, -1))

    assert "_session_expiry" not in ended
    assert ended.session_key is None
    ended["cart"] = 1
    ended.save()
    assert ended.session_key not in (None, key)
