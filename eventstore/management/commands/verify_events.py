import json
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from eventstore.chain import Head, walk
from eventstore.management.commands.export_events import known_stream, write_whole

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Check that no stored event was changed, added or cut off behind the store's back: each "
        "one has a hash of itself and of the one before it. Exit 1 where one was. Keep the heads "
        "of the streams out of the database's reach now and then, and compare with them: who can "
        "change an event can also make new hashes for it and for all that follow."
    )
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument("--stream", metavar="ID", help="the events of this stream only")
        parser.add_argument(
            "--heads", metavar="FILE", type=Path, help="compare with the heads in this file"
        )
        parser.add_argument(
            "--keep-heads",
            metavar="FILE",
            type=Path,
            help="write the heads found, as JSON Lines, where nothing is wrong",
        )

    def handle(self, *, stream, heads, keep_heads, **options):
        stream_id = known_stream(stream) if stream else None
        kept = read_heads(heads) if heads else {}
        if stream_id:
            kept = {stream_id: kept[stream_id]} if stream_id in kept else {}
        walked = walk(stream_id, kept, self.progress)
        streams = f"{len(walked.heads):,} streams"
        if walked.breaks:
            for broken in walked.breaks[:SHOWN]:
                self.stderr.write(str(broken))
            more = len(walked.breaks) - SHOWN
            if more > 0:
                self.stderr.write(f"and {more:,} more")
            raise CommandError(
                f"Expected {walked.events:,} events in {streams} as they were recorded, found "
                f"{len(walked.breaks):,} breaks."
            )
        self.stdout.write(f"{walked.events:,} events in {streams} are as they were recorded.")
        if heads:
            self.stdout.write(f"{len(kept):,} kept heads are still there.")
        if keep_heads:
            try:
                write_whole(keep_heads, map(line_of, walked.heads.values()))
            except OSError as error:
                raise CommandError(f"The heads could not be written: {error}") from None

    def progress(self, events: int) -> None:
        self.stderr.write(f"{events:,} events checked")


def line_of(head: Head) -> str:
    said = {"stream": str(head.stream_id), "version": head.version, "hash": head.hash}
    return json.dumps(said) + "\n"


def read_heads(path: Path) -> dict[UUID, Head]:
    try:
        with path.open(encoding="utf-8") as file:
            return {head.stream_id: head for head in _heads(path, file)}
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--heads: the file could not be read: {error}") from None


def _heads(path: Path, lines: Iterable[str]) -> Iterable[Head]:
    for number, line in enumerate(lines, 1):
        try:
            said = json.loads(line)
            head = Head(UUID(said["stream"]), said["version"], said["hash"])
            sound = type(head.version) is int and len(bytes.fromhex(head.hash)) == 32
        except (ValueError, TypeError, KeyError, AttributeError):
            sound = False
        if not sound:
            raise CommandError(
                f'{path}, line {number}: expected {{"stream": ID, "version": NUMBER, "hash": 64 '
                f"hexadecimal digits}}, found {line.strip()[:100]!r}"
            )
        yield head
