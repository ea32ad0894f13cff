"""The developers' command: see `help` below."""

from django.core.management.base import BaseCommand, CommandError

from eventstore import replay
from eventstore.codec import UnreadableEvent
from eventstore.projections import Projection, inline

SHOWN = 20  # differing rows that --verify prints


class Command(BaseCommand):
    help = "Rebuild the read rows of the named projections (all, when none is named) from the log."

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME", help="a projection; see --list")
        parser.add_argument("--list", action="store_true", help="show the projections and stop")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="change nothing; compare the rows with the log, exit 1 when they differ",
        )
        parser.add_argument(
            "--no-input", action="store_true", help="do not ask before rows are replaced"
        )

    def handle(self, *, names, **options):
        projections = self.chosen(names)
        if options["list"]:
            return self.show_all(projections)
        try:
            if options["verify"]:
                return self.verify(projections)
            if not options["no_input"] and not self.confirmed(projections):
                raise CommandError("Nothing was replayed.")
            for projection in projections:
                self.replay(projection)
        except UnreadableEvent as error:
            raise CommandError(f"{error}. The rows are as they were.") from None

    def chosen(self, names: list[str]) -> list[Projection]:
        unknown = [name for name in names if name not in inline]
        if unknown:
            raise CommandError(
                f"expected names of projections ({', '.join(inline)}), found {', '.join(unknown)}"
            )
        return [inline[name] for name in names or inline]

    def confirmed(self, projections: list[Projection]) -> bool:
        names = ", ".join(projection.name for projection in projections)
        try:
            answer = input(f"Replace the rows of {names}? Commands wait meanwhile. [y/N] ")
        except EOFError:
            raise CommandError("Nobody is there to be asked: add --no-input.") from None
        return answer.strip().lower() in ("y", "yes")

    def show_all(self, projections: list[Projection]) -> None:
        for projection in projections:
            tables = ", ".join(
                f"{table._meta.db_table} ({table._base_manager.count()} rows)"
                for table in projection.tables
            )
            self.stdout.write(
                f"{projection.name}  inline  checksum {replay.checksum(projection)}  {tables}"
            )

    def verify(self, projections: list[Projection]) -> None:
        differing = 0
        for projection in projections:
            for difference in replay.differences(projection):
                differing += 1
                if differing <= SHOWN:
                    self.show(difference)
        if differing:
            raise CommandError(f"{differing} rows differ from the log.", returncode=1)
        self.stdout.write(self.style.SUCCESS("Every row is what the log says."))

    def show(self, difference: replay.Difference) -> None:
        self.stdout.write(f"{difference.table} {difference.key}")
        expected, actual = difference.expected or {}, difference.actual or {}
        if not difference.expected or not difference.actual:
            there = "a row" if difference.expected else "no row"
            found = "a row" if difference.actual else "no row"
            self.stdout.write(f"  expected {there}, found {found}")
            return
        for column, value in expected.items():
            if value != actual[column]:
                self.stdout.write(f"  {column}: expected {value!r}, found {actual[column]!r}")

    def replay(self, projection: Projection) -> None:
        rebuilt = replay.replay(projection)
        self.stdout.write(
            f"{projection.name}: {rebuilt.rows} rows from {rebuilt.events} events,"
            f" checksum {replay.checksum(projection)}"
        )
