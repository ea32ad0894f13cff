import os
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from eventstore.models import Stream
from eventstore.moving.exports import export_log


class Command(BaseCommand):
    help = (
        "Write the whole log, or one stream, as JSON Lines: events as they are stored, and with "
        "the whole log the outcomes of commands. import_events takes it into another store."
    )

    def add_arguments(self, parser):
        parser.add_argument("--stream", metavar="ID", help="the events of this stream only")
        parser.add_argument("--output", metavar="FILE", type=Path, help="default: standard output")

    def handle(self, *, stream, output, **options):
        lines = export_log(known_stream(stream) if stream else None)
        try:
            if output:
                write_whole(output, lines)
            else:
                # Not by the wrapper: the bytes are the format, whatever the terminal's encoding.
                raw = getattr(self.stdout._out, "buffer", None)
                write = (lambda line: raw.write(line.encode())) if raw else self.stdout._out.write
                for line in lines:
                    write(line)
                (raw or self.stdout._out).flush()
        except OSError as error:
            raise CommandError(f"The export could not be written: {error}") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped: the export is not complete.") from None


def known_stream(text: str) -> UUID:
    """What --stream names. Raises CommandError for what this store does not have."""
    try:
        stream_id = UUID(text)
    except ValueError:
        raise CommandError(f"--stream: expected an id, a UUID; found {text}") from None
    if not Stream.objects.filter(pk=stream_id).exists():
        raise CommandError(f"--stream: expected a stream of this store, found {text}")
    return stream_id


def write_whole(output: Path, lines) -> None:
    """Under its name only once it is complete."""
    part = output.with_name(output.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
