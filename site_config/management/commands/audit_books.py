from django.core.management.base import BaseCommand, CommandError

from marketplace.common.invariants import find_breaches
from site_config.books import all_invariants, snapshot


class Command(BaseCommand):
    help = "Recompute money, stock, points and states from their rows; exit 1 if anything does not add up."

    def handle(self, *args, **options) -> None:
        broken = 0
        with snapshot():
            for invariant in all_invariants():
                breaches = find_breaches([invariant])
                if not breaches:
                    self.stdout.write(f"{self.style.SUCCESS('ok    ')}  {invariant.name}")
                    continue
                broken += 1
                self.stdout.write(f"{self.style.ERROR('BROKEN')}  {invariant.name}")
                for row in breaches[0].rows:
                    self.stdout.write(f"        {row}")
        if broken:
            raise CommandError(f"{broken} invariant(s) do not hold.", returncode=1)
        self.stdout.write("The books balance.")
