"""Rows of cells, as spreadsheets copy and export them: which column is what."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from ordering.pasted.entries import Reading, Trouble
from ordering.pasted.line import PIECES, Read
from ordering.pasted.numbers import is_count, is_price, number, quantity, whole
from ordering.pasted.prose import is_code

DELIMITERS = "\t;|,"
PIECES_CELL = re.compile(rf"(\S+)\s*(?:{PIECES}\.?|x|×)", re.I)
MOST_COLUMNS = 30
SKU_AT_MOST = 14  # characters, with a blank for the dash

# How people head their columns; the first that fits.
HEADS = {
    "price": r"price|preis|total|\bsum\b|summe|gesamt|betrag|amount|value|\bvat\b|mwst",
    "barcode": r"\bean\b|gtin|barcode",
    "quantity": r"\b(?:qty|q'ty|quantity|quantities|pcs|pieces|units|count|ordered)\b"
    r"|\b(?:menge|bestellmenge|anzahl|stück|stk)\b",
    "sku": r"\bsku\b|\bcode\b|\b(?:no|nr|number|num)\b|nummer\b|\bref\b|\breference\b"
    r"|\bart\.?-?nr",
    "name": r"product|item|description|name|title|article|produkt|artikel|bezeichnung"
    r"|beschreibung|\bware\b",
    "aside": r"\bunit\b|\buom\b|einheit|\bpos\b|position|\bline\b|^#$|notes?\b|comment|bemerkung"
    r"|categor|kategorie|currency|währung|\bpack\b|\bsize\b|größe|\beach\b",
}


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    raw: str
    delimiter: str
    cells: tuple[str, ...]


def cells_of(line: str, headed: str) -> tuple[str, tuple[str, ...]] | None:
    """The delimiter of a line and its cells; None for a line of no cells. `headed` is the
    delimiter of the head above it, or ""."""
    for delimiter in DELIMITERS:
        if delimiter not in line:
            continue
        # 4,0 and 1,000 are numbers.
        if delimiter == "," and any("," in word and number(word) for word in line.split()):
            continue
        [row] = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
        cells = tuple(cell.strip() for cell in row)
        if len(cells) > MOST_COLUMNS or (sum(map(bool, cells)) < 2 and delimiter != headed):
            continue
        if delimiter == headed or heads(cells) or any(map(_amount, cells)):
            return delimiter, cells
    return None


def heads(cells: Iterable[str]) -> dict[str, int] | None:
    """Which column is the "quantity", the "sku", the "name", where the cells are a head."""
    found: dict[str, int] = {}
    filled = [(n, cell.casefold()) for n, cell in enumerate(cells) if cell]
    if any(cell[0].isdecimal() for _, cell in filled):
        return None
    known = 0
    for n, cell in filled:
        if number(cell) is not None or len(cell) > 40:
            return None
        kind = next((kind for kind, names in HEADS.items() if re.search(names, cell)), None)
        known += kind is not None
        if kind:
            found.setdefault(kind, n)
    told = found.keys() & {"quantity", "sku", "name"}
    return found if len(filled) > 1 and told and 2 * known > len(filled) else None


def read_rows(rows: list[Row]) -> list[tuple[Row, Read | None]]:
    """What each row of one table orders; None for its head, and for rows that order nothing."""
    head: dict[str, int] | None = None
    body = [row for row in rows if not heads(row.cells)]
    columns = _quantity_columns(body)
    read = []
    for row in rows:
        if found := heads(row.cells):
            head = found
            read.append((row, None))
        elif head and "quantity" in head:
            read.append((row, _headed(row, head)))
        else:
            read.append((row, _unheaded(row, columns, head or {})))
    return read


def _headed(row: Row, head: dict[str, int]) -> Read | None:
    amount = _cell(row, head["quantity"])
    if not amount:  # a form in which only some products were asked for
        return None
    return _taken(row, head["quantity"], head)


def _unheaded(row: Row, columns: list[int], head: dict[str, int]) -> Read | None:
    asked = [n for n in columns if _amount(_cell(row, n))]
    if len(asked) == 1:
        return _taken(row, asked[0], head)
    numbers = asked or [n for n, cell in enumerate(row.cells) if _amount(cell)]
    counts = [n for n in numbers if _counts(row.cells[n])] or [
        n for n in numbers if not is_price(row.cells[n])
    ]
    if len(counts) > 1:
        which = tuple(row.cells[n] for n in counts)
        return Read(trouble=Trouble("which-quantity", {"numbers": which}))
    if not counts:
        counts = numbers if len(numbers) == 1 else []
    return _taken(row, counts[0] if counts else None, head)


def _taken(row: Row, column: int | None, head: dict[str, int]) -> Read | None:
    texts = [cell for n, cell in enumerate(row.cells) if n != column and _says(cell)]
    sku, name = (_cell(row, head[kind]) if kind in head else "" for kind in ("sku", "name"))
    if not sku and not name:
        names = [text for text in texts if not is_code(text)]
        name = max(names, key=len, default="")
    codes = [sku] if sku else [text for text in texts if is_code(text) or len(text) <= SKU_AT_MOST]
    if not codes and not name:
        # Below a head, the sum of a column.
        return None if head else Read(trouble=Trouble("no-product"))
    if column is None:
        return Read(trouble=Trouble("no-quantity"))
    cell = _cell(row, column)
    pieces = PIECES_CELL.fullmatch(cell)
    many = quantity(pieces[1] if pieces else cell)
    if isinstance(many, Trouble):
        return Read(trouble=many)
    return Read((Reading(many, tuple(dict.fromkeys(codes)), name),))


def _quantity_columns(rows: list[Row]) -> list[int]:
    """The columns in which all cells are whole numbers, and which neither count the rows nor sum
    them up. At best there is one."""
    width = max((len(row.cells) for row in rows), default=0)
    columns = {n: [_cell(row, n) for row in rows] for n in range(width)}
    fits = [n for n, cells in columns.items() if all(map(_counts, cells)) and not _is_far(cells)]
    if len(fits) > 1 and len(rows) > 1:
        ordinals = [str(n) for n in range(1, len(rows) + 1)]
        fits = [n for n in fits if columns[n] != ordinals]
    if len(fits) > 1:
        values = {n: _values(cells) for n, cells in columns.items()}
        values = {n: found for n, found in values.items() if found}
        fits = [n for n in fits if not _is_product(n, values)]
    return fits


def _is_product(total: int, values: dict[int, list]) -> bool:
    others = permutations(values.keys() - {total}, 2)
    return any(
        all(t == a * b for t, a, b in zip(values[total], values[one], values[other], strict=True))
        and values[total] not in (values[one], values[other])
        for one, other in others
    )


def _values(cells: list[str]) -> list | None:
    values = [number(re.sub(r"[^\d.,'+-]", "", cell)) if _amount(cell) else None for cell in cells]
    return None if None in values else values


def _is_far(cells: list[str]) -> bool:
    """Article numbers and barcodes, which no quantity comes near."""
    values = _values(cells)
    return bool(values) and all(value > 99_999 for value in values)


def _cell(row: Row, n: int) -> str:
    return row.cells[n] if n < len(row.cells) else ""


def _amount(cell: str) -> bool:
    pieces = PIECES_CELL.fullmatch(cell)
    return number(pieces[1] if pieces else cell) is not None or is_price(cell)


def _counts(cell: str) -> bool:
    """Whether a cell is a number of pieces, well or badly put: 4, 4 pcs, 4.0, 0, -2."""
    pieces = PIECES_CELL.fullmatch(cell)
    value = number(pieces[1] if pieces else cell)
    if value is None:
        return False
    return bool(pieces) or is_count(cell) or (whole(value) and not is_price(cell))


def _says(cell: str) -> bool:
    """Whether a cell is text, and neither a number nor a price."""
    return not _amount(cell) and any(map(str.isalpha, cell))
