"""The format: JSON Lines, UTF-8, each line an object whose last field is the sum of what it says
and of the line before. So a line that was changed, lost, repeated or moved is known by its number.

    {"kind":"log","format":1,"of":"all"}                                   the first line
    {"kind":"event","position":1,"stream_id":…,"category":…,"version":1,"type":…,
     "schema_version":1,"data":{…},"metadata":{…},"command_id":…,"recorded_at":…}
    {"kind":"command","id":…,"stream_id":…,"fingerprint":…,"before":0,"after":1,"refusal":null,…}
    {"kind":"skip","subscription":…,"position":1,"error":…,"skipped_by":…,"skipped_at":…}
    {"kind":"end","events":1,"commands":1,"skips":1}                       the last line

Events are as stored, not upcast. Only a file that ends with its last line is complete. Commands and
skips are in the export of a whole log alone: with them a retry after the move is not done twice,
and a replay leaves out what it left out before.
"""

import hashlib
import json

FORMAT = 1
_SUM = ',"sum":"{}"}}'
_SUM_LENGTH = len(_SUM.format("0" * 16))

# Columns of SQL, on a row of the events' table; of the commands'; of the skips'.
EVENT = """(SELECT to_json(line)::text FROM (
    SELECT 'event' AS kind, position, stream_id,
           (SELECT category FROM eventstore_stream AS stream WHERE stream.id = stream_id),
           version, type, schema_version, data, metadata, command_id, recorded_at) AS line)"""
COMMAND = """(SELECT to_json(line)::text FROM (
    SELECT 'command' AS kind, id, stream_id, encode(fingerprint, 'hex') AS fingerprint,
           before, after, refusal, recorded_at) AS line)"""
SKIP = """(SELECT to_json(line)::text FROM (
    SELECT 'skip' AS kind, subscription, position, error, skipped_by, skipped_at) AS line)"""


class Sums:
    """The sums of lines, one after the other."""

    def __init__(self) -> None:
        self._last = ""

    def add(self, text: str) -> str:
        """The line for a JSON object, with its sum and its end."""
        return text[:-1] + _SUM.format(self._next(text)) + "\n"

    def take(self, line: str) -> str | None:
        """The JSON object of a line, without the sum; None when that is not the right one."""
        text = line[:-_SUM_LENGTH] + "}"
        return text if line[-_SUM_LENGTH:] == _SUM.format(self._next(text)) else None

    def _next(self, text: str) -> str:
        self._last = hashlib.sha256((self._last + text).encode()).hexdigest()[:16]
        return self._last


class Writer:
    """Writes the lines of one file, and counts them."""

    def __init__(self) -> None:
        self._sums = Sums()
        self.counts = {"event": 0, "command": 0, "skip": 0}

    def begin(self, of: str) -> str:
        return self._write(kind="log", format=FORMAT, of=of)

    def add(self, kind: str, text: str) -> str:
        self.counts[kind] += 1
        return self._sums.add(text)

    def end(self) -> str:
        return self._write(kind="end", **{f"{kind}s": n for kind, n in self.counts.items()})

    def broken(self, why: str) -> str:
        """The last line of a file that could not be finished: no reader takes it for the end."""
        return self._write(kind="broken", why=why)

    def _write(self, **said: object) -> str:
        text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
        return self._sums.add(text)
