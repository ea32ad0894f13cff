"""What keeps the asynchronous projections and the reactors going."""

import signal
import threading

from django.core.management.base import BaseCommand, CommandError

from eventstore import checkpoints
from eventstore.checkpoints import LogRewound
from eventstore.models import Checkpoint
from eventstore.runner import Runner
from eventstore.subscriptions import Stalled


class Command(BaseCommand):
    help = "Run the asynchronous projections and the reactors until Ctrl-C. Several may run."
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument(
            "--once", action="store_true", help="handle what is in the log now, and stop"
        )
        parser.add_argument("--retry", metavar="NAME", help="try its failing event again at once")
        parser.add_argument(
            "--skip", nargs=2, metavar=("NAME", "POSITION"), help="leave out its failing event"
        )
        parser.add_argument(
            "--from-now", metavar="NAME", help="let a reactor pass over what is in the log"
        )
        parser.add_argument(
            "--by", metavar="WHO", default="console", help="who skips, for the record"
        )

    def handle(self, *, once, retry, skip, from_now, by, **options):
        if from_now:
            try:
                checkpoints.go_on_from_now(self.known(from_now))
            except ValueError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{from_now}: goes on with what comes from now on.")
        elif retry:
            checkpoints.retry(self.known(retry))
            self.stdout.write(f"{retry}: tried again with the next look.")
        elif skip:
            self.skip(*skip, by)
        else:
            self.run(once)

    def known(self, name: str) -> str:
        names = Checkpoint.objects.exclude(kind="inline").values_list("name", flat=True)
        if name not in names:
            raise CommandError(f"expected one of {', '.join(names)}, found {name}")
        return name

    def skip(self, name: str, position: str, by: str) -> None:
        if not position.isdecimal():
            raise CommandError(f"expected a position, a number, found {position}")
        try:
            checkpoints.skip(self.known(name), int(position), by=by)
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{name}: leaves out event {position}, and a replay will too.")

    def run(self, once: bool) -> None:
        stop = threading.Event()
        try:
            if once:
                Runner().catch_up()
                return
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            self.stdout.write("Following the log. Ctrl-C stops.")
            Runner(stop).run()
        except (LogRewound, Stalled) as error:
            raise CommandError(str(error)) from None
