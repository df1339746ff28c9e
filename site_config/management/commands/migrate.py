"""Django's own `migrate`, on a large database and after a kill, too."""

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections

from marketplace.common import currency
from marketplace.common.maintenance import unhurried
from site_config.resuming import Notes, passing_over_what_is_done


class Command(migrate.Command):
    """It writes down what currency the store's amounts are in, and goes on where one that was killed stopped.

    No statement is cut for its length (the web's are), and a lock is waited for as shortly as there.
    """

    def handle(self, *args: object, **options: object) -> None:
        connection = connections[options["database"]]
        self.notes = Notes(connection)
        with unhurried(connection), passing_over_what_is_done(connection) as self.passing:
            super().handle(*args, **options)
        is_whole = not (options["app_label"] or options["plan"] or options["check_unapplied"])
        if is_whole and options["database"] == DEFAULT_DB_ALIAS:
            currency.keep()
            if said := currency.differs():
                self.stderr.write(self.style.ERROR(said))

    def migration_progress_callback(self, action, migration=None, fake=False) -> None:
        """What Django calls before and after each migration; afterwards it is recorded."""
        super().migration_progress_callback(action, migration, fake)
        direction, _, moment = action.partition("_")
        if direction not in ("apply", "unapply"):
            return
        note = (migration.app_label, f"{direction} {migration.name}")
        if moment == "start":
            self.passing.resumes = self.notes.begin(*note)
        else:
            self.notes.end(*note)
