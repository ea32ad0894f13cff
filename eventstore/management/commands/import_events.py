import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from eventstore.moving.imports import Refused, import_log
from eventstore.moving.reading import BadLine


class Command(BaseCommand):
    help = (
        "Take what export_events wrote into this store: all of it, or nothing. Streams that this "
        "store has already are refused. Appends wait meanwhile; replay the projections afterwards."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="default: standard input"
        )

    def handle(self, *, file, **options):
        try:
            if file:
                with file.open("rb") as lines:
                    done = import_log(lines, self.tell)
            else:
                done = import_log(sys.stdin.buffer, self.tell)
        except (BadLine, Refused) as error:
            raise CommandError(f"{error}\nNothing was imported.") from None
        except OSError as error:
            raise CommandError(f"The file could not be read: {error}") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was imported.") from None
        positions = "with their positions" if done.kept else "at new positions"
        self.stdout.write(
            f"Imported {done.events:,} events of {done.streams:,} streams {positions}, "
            f"{done.commands:,} outcomes of commands, {done.skips:,} skips."
        )
        if done.streams:
            self.stdout.write(
                "The read rows do not show them yet: manage.py replay_projections --no-input"
            )

    def tell(self, lines: int) -> None:
        self.stderr.write(f"{lines:,} lines read")
