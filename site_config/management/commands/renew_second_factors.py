"""`manage.py renew_second_factors`: after a new SECRET_KEY, before the old one is taken out of the fallbacks."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.second_factor import lost_factors, renew_factors
from marketplace.payouts.services import renew_addresses


class Command(BaseCommand):
    help = "Encrypt everybody's second factors and payout accounts with the present SECRET_KEY."

    def handle(self, **options: object) -> None:
        """Safe to repeat, and while people sign in: each person is a transaction."""
        people = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
        renewed = lost = 0
        for user_id in people.order_by("user_id").values_list("user_id", flat=True).distinct():
            renewed += renew_factors(user_id=user_id)
            lost += len(lost_factors(user_id))
        accounts, lost_accounts = renew_addresses()
        self.stdout.write(f"renewed: {renewed + accounts}")
        if lost or lost_accounts:
            raise CommandError(
                f"{lost} second factors cannot be read, and {lost_accounts} payout accounts:"
                " SECRET_KEY_FALLBACKS lacks the key that made them."
            )
