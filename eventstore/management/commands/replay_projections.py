"""The developers' command: see `help` below."""

from contextlib import contextmanager
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from eventstore import aside, replay
from eventstore.aside import Difference
from eventstore.codec import UnreadableEvent
from eventstore.models import Stream
from eventstore.projections import Projection, asynchronous, inline
from eventstore.replay import Busy, Replayed
from eventstore.standing import standings
from eventstore.subscriptions import Stalled

SHOWN = 20  # differing rows that are printed
WITHOUT_TERMINAL = 10  # a plain line for each so many per cent


class Command(BaseCommand):
    help = (
        "Rebuild the read rows of the named projections (all, when none is named) from the log, "
        "while the shop goes on. An interrupted replay is gone on with."
    )
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME", help="a projection; see --list")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="how each one stands, and stop")
        what.add_argument(
            "--verify",
            action="store_true",
            help="change nothing; compare the rows with the log, exit 1 when they differ",
        )
        what.add_argument(
            "--twice",
            action="store_true",
            help="change nothing; make the rows twice and compare, exit 1 when they differ",
        )
        what.add_argument(
            "--orders",
            "--streams",
            nargs="+",
            metavar="ID",
            dest="streams",
            help="put the rows of single streams right, in place",
        )
        what.add_argument(
            "--rollback", action="store_true", help="put back what the last replay replaced"
        )
        what.add_argument(
            "--drop-previous", action="store_true", help="drop what the last replay replaced"
        )
        parser.add_argument("--workers", type=int, help="processes; default: one a core, up to 4")
        parser.add_argument(
            "--no-input", action="store_true", help="do not ask before rows are replaced"
        )

    def handle(self, *, names, **options):
        # `replay_projections --orders A B` takes all that follows as ids; names go first.
        projections = self.chosen(names)
        workers = options["workers"]
        if workers is not None and workers < 1:
            raise CommandError(f"--workers: expected 1 or more, found {workers}")
        try:
            if options["list"]:
                self.show_all(projections)
            elif options["verify"]:
                self.compare(projections, replay.verify, workers, "what the log says")
            elif options["twice"]:
                twice = replay.differ_when_made_twice
                self.compare(projections, twice, workers, "the same when it is made twice")
            elif options["streams"]:
                self.repair(projections if names else list(inline.values()), options["streams"])
            elif options["drop_previous"]:
                self.drop_previous(projections)
            else:
                self.replace(projections, options["rollback"], workers, options["no_input"])
        except UnreadableEvent as error:
            raise CommandError(
                f"{error}. The rows are as they were. To leave the event out: "
                "manage.py run_projections --skip"
            ) from None
        except (Busy, Stalled, LookupError, ValueError) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. The rows are as they were; run it again to go on."
            ) from None

    def chosen(self, names: list[str]) -> list[Projection]:
        known = inline | asynchronous
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CommandError(
                f"expected names of projections ({', '.join(known)}), found {', '.join(unknown)}"
            )
        return [known[name] for name in names or known]

    # --- Replacing ---------------------------------------------------------------------------

    def replace(self, projections, rollback: bool, workers, no_input: bool) -> None:
        if not no_input and not self.confirmed(projections):
            raise CommandError("Nothing was replayed.")
        if rollback:
            for projection in projections:
                self.tell(projection, replay.rollback(projection), "the previous rows are back")
            return
        with self.progress(", ".join(one.name for one in projections)) as progress:
            done = list(replay.replay_together(projections, workers=workers, progress=progress))
        for projection, one in zip(projections, done, strict=True):
            what = "replayed" + (", from where it was interrupted" if one.resumed else "")
            self.tell(projection, one, what)

    def tell(self, projection: Projection, done: Replayed, what: str) -> None:
        self.stdout.write(
            f"{projection.name}: {what}; checksum {aside.checksum(projection.tables)}; "
            f"commands waited {done.blocked * 1000:.0f} ms at the most"
        )

    def confirmed(self, projections: list[Projection]) -> bool:
        names = ", ".join(projection.name for projection in projections)
        try:
            answer = input(f"Replace the rows of {names}? [y/N] ")
        except EOFError:
            raise CommandError("Nobody is there to be asked: add --no-input.") from None
        return answer.strip().lower() in ("y", "yes")

    def repair(self, projections: list[Projection], ids: list[str]) -> None:
        try:
            streams = [UUID(one) for one in ids]
        except ValueError:
            raise CommandError(f"expected ids of streams, UUIDs; found {' '.join(ids)}") from None
        for stream_id in streams:
            if not Stream.objects.filter(pk=stream_id).exists():
                raise CommandError(f"expected the id of a stream, found {stream_id}")
            for projection in projections:
                wrong = replay.repair(projection, stream_id)
                for difference in wrong:
                    self.show(difference)
                rows = f"{len(wrong)} row{'' if len(wrong) == 1 else 's'}"
                self.stdout.write(f"{projection.name} {stream_id}: {rows} put right")

    def drop_previous(self, projections: list[Projection]) -> None:
        for projection in projections:
            dropped = replay.drop_previous(projection)
            self.stdout.write(f"{projection.name}: {dropped} previous tables dropped")

    # --- Comparing ---------------------------------------------------------------------------

    def compare(self, projections: list[Projection], differ, workers, claim: str) -> None:
        differing = 0
        for projection in projections:
            with self.progress(projection.name) as progress:
                found = list(differ(projection, workers=workers, progress=progress))
            for difference in found[: max(0, SHOWN - differing)]:
                self.show(difference)
            differing += len(found)
        if differing:
            # Not "are not": a script that greps for the good news must not find it here.
            raise CommandError(f"{differing} rows differ: expected {claim}.", returncode=1)
        self.stdout.write(self.style.SUCCESS(f"Every row is {claim}."))

    def show(self, difference: Difference) -> None:
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

    # --- Showing -----------------------------------------------------------------------------

    def show_all(self, projections: list[Projection]) -> None:
        known = inline | asynchronous
        wanted = {projection.name for projection in projections}
        for standing in standings():
            checkpoint = standing.checkpoint
            if checkpoint.name in known and checkpoint.name not in wanted:
                continue
            many = "more than " if standing.more else ""
            parts = [
                f"{checkpoint.name}  {checkpoint.kind}  {standing.state}",
                f"at {checkpoint.position}" if checkpoint.kind != "inline" else "",
                f"{many}{standing.events} events, {standing.seconds:.0f} s behind"
                if checkpoint.kind != "inline"
                else "",
                f"code {standing.code}" if standing.code else "",
                f"checksum {aside.checksum(known[checkpoint.name].tables)}"
                if checkpoint.name in known
                else "",
                "previous tables kept" if standing.previous else "",
                f"{standing.skipped} events skipped" if standing.skipped else "",
            ]
            self.stdout.write("  ".join(filter(None, parts)))
            if checkpoint.failing_position is not None:
                self.stdout.write(
                    f"  event {checkpoint.failing_position}, attempt {checkpoint.attempts}, "
                    f"again at {checkpoint.retry_at:%H:%M:%S}: {checkpoint.error}"
                )
            if standing.code == "stale":
                self.stdout.write("  code changed since the last replay")

    @contextmanager
    def progress(self, name: str):
        """A bar with rate and remaining time in a terminal, else a line now and then."""
        console = Console(file=self.stdout._out)
        if not console.is_terminal:
            yield self.plain(name)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("events, {task.fields[rate]}/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(name, total=None, rate="…")

            def advance(done: int, total: int) -> None:
                bar.update(task, advance=done, total=total)
                speed = bar.tasks[0].speed
                bar.update(task, rate=f"{speed:,.0f}" if speed else "…")

            yield advance

    def plain(self, name: str):
        told, counted = 0, 0

        def advance(done: int, total: int) -> None:
            nonlocal told, counted
            counted += done
            percent = 100 * counted // total if total else 100
            if percent >= told + WITHOUT_TERMINAL:
                told = percent
                self.stdout.write(f"{name}: {counted:,} of {total:,} events, {percent} %")

        return advance
