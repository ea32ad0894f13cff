"""From the pasted text to its entries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ordering.pasted.characters import plain
from ordering.pasted.entries import Entry, TooMuch, Trouble
from ordering.pasted.line import Read, is_counted, parts, read_line
from ordering.pasted.prose import (
    QUOTED,
    SALUTATION,
    has_code,
    is_chatter,
    is_sign_off,
    unmarked,
)
from ordering.pasted.table import Row, cells_of, heads, read_rows

MAX_LINES = 500
MAX_BYTES = 64 * 1024
LONGEST_LINE = 1_000  # characters, of a row of cells
LONGEST_WORDS = 200  # characters, of a line without cells


@dataclass(frozen=True, slots=True)
class Pasted:
    """`left_out` are lines that order nothing, greetings and heads of columns among them: pairs
    of the line's number and text."""

    entries: tuple[Entry, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()


def read(text: str) -> Pasted:
    """What a pasted text orders, line by line. Raises TooMuch, and nothing else for any text."""
    size = len(text.encode(errors="replace"))
    if size > MAX_BYTES:
        raise TooMuch("bytes", MAX_BYTES, size)
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise TooMuch("lines", MAX_LINES, len(lines))
    entries: list[Entry] = []
    left_out: list[tuple[int, str]] = []
    for number, raw, found, head in _in_order(lines):
        if found is None:
            left_out.append((number, raw))
        else:
            entries.append(Entry(number, raw, found.readings, found.trouble, head))
    return Pasted(tuple(entries), tuple(left_out))


def _in_order(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str, Read | None, str]]:
    """Each order of a line, or None for no order: the line's number and text, the order, and the
    head of the table that the line is of."""
    table: list[Row] = []
    headed, quoted, signed = "", 0, False
    for number, line in lines:
        raw = line.strip(" \r\n")  # an empty first cell is one, too
        if len(raw) > LONGEST_LINE:
            yield number, raw, Read(trouble=Trouble("line-too-long", {"actual": len(raw)})), ""
            continue
        text = plain(line)
        marks = QUOTED.match(text)
        depth = marks[0].count(">") if marks else 0
        if depth != quoted:
            quoted, signed = depth, False
        text = text[marks.end() :] if marks else text
        cut = _cut(text, headed)
        if table and (cut is None or cut[0] != table[0].delimiter):
            yield from _rows(table)
            table, headed = [], ""
        if cut and (heads(cut[1]) or not is_chatter(" ".join(filter(None, cut[1])))):
            table.append(Row(number, raw, *cut))
            headed = cut[0] if headed == cut[0] or heads(cut[1]) else ""
            continue
        if cut and not table:
            headed = ""
        text = unmarked(" ".join(text.split()))
        signed = signed or is_sign_off(text[:LONGEST_WORDS])
        yield from ((number, part, found, "") for part, found in _said(text, raw, signed))
    yield from _rows(table)


def _cut(text: str, headed: str) -> tuple[str, tuple[str, ...]] | None:
    bare = text if "\t" in text else unmarked(text)
    return cells_of(bare, headed)


def _rows(table: list[Row]) -> Iterator[tuple[int, str, Read | None, str]]:
    head = ""
    for row, found in read_rows(table):
        head = row.raw if heads(row.cells) else head
        if found and _opens_quote(row.raw, row.delimiter):
            found = Read(trouble=Trouble("open-quote"))
        yield row.number, row.raw, found, head


def _said(text: str, raw: str, signed: bool) -> Iterator[tuple[str, Read | None]]:
    """What a line of words orders; each of its orders, where there are several."""
    if len(text) > LONGEST_WORDS:
        yield raw, Read(trouble=Trouble("line-too-long", {"actual": len(text)}))
        return
    if is_chatter(text) or (signed and not (has_code(text) or is_counted(text))):
        yield raw, None
        return
    if greeted := SALUTATION.match(text):
        text = text[greeted.end() :]
    found = parts(text)
    for part in found:
        read = read_line(part)
        if _opens_quote(part):
            read = Read(trouble=Trouble("open-quote"))
        yield (part if len(found) > 1 else raw), read


def _opens_quote(raw: str, delimiter: str = "") -> bool:
    """Whether a cell begins with a quote that no other ends: the rest is on the next line. A quote
    after a number says inches."""
    at_a_start = re.search(rf'(?:^|{re.escape(delimiter)})\s*"' if delimiter else r'^\s*"', raw)
    return bool(at_a_start) and raw.count('"') % 2 == 1
