"""A quick order between its checks: what was recognised, what is asked, what waits in the box.

The whole of it travels in the page's form, so that nothing is kept for anybody who never adds.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from catalog.models import Product
from catalog.numbers import typed_number
from ordering.domain.refusal import Refused
from ordering.domain.values import check_quantity
from ordering.explaining import explain
from ordering.matching import Choice, Unclear, candidates, match
from ordering.pasted import Entry, Trouble, read

QUANTITY = "quantity-"
CHOICE = "choice-"
NONE = "none"  # of the candidates
SHOWN = 80  # characters of a line that a product was found in
MOST_KEPT = 1_000  # lines


class Garbled(ValueError):
    """The form does not hold what its page put there."""


@dataclass(frozen=True)
class Source:
    """A pasted line that a product was found in. `name`: by which, where it was no SKU."""

    raw: str
    quantity: int
    name: str = ""


@dataclass
class Row:
    """`quantity` is as typed where it is no whole number."""

    product: Product
    quantity: int | str
    sources: list[Source] = field(default_factory=list)

    @property
    def refusal(self) -> str:
        """Why the quantity cannot be added; "" where it can."""
        try:
            check_quantity(self.product.sku, self.quantity)
        except Refused as refused:
            return explain(refused)
        return ""

    @property
    def total(self) -> Decimal | None:
        return None if self.refusal else self.quantity * self.product.price

    @property
    def by_name(self) -> str:
        """The name that it was found by; "" where some line has its SKU."""
        named = [source.name for source in self.sources]
        return named[0] if named and all(named) else ""


@dataclass
class Sheet:
    """`rows` by SKU, as they were found; `text` is what is in the box."""

    rows: dict[str, Row] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    left_out: tuple[tuple[int, str], ...] = ()
    text: str = ""
    # Lines that mean none of the candidates: not to be matched with them once more.
    none_meant: list[str] = field(default_factory=list)

    @classmethod
    def posted(cls, data: QueryDict, *, choosing: bool = True) -> "Sheet":
        """As the page's form sends it. A product that has left the catalog since goes back into
        the box as its lines. `choosing`: what the agent has chosen for a line becomes a row, and
        a line that means none of the candidates goes back into the box. Raises Garbled."""
        sheet = cls(text=data.get("text", ""))
        kept_rows, kept_choices = _kept(data.get("kept", ""))
        typed = {
            name.removeprefix(QUANTITY): data[name] for name in data if name.startswith(QUANTITY)
        }
        skus = {*typed, *(sku for _, _, skus in kept_choices for sku in skus)}
        products = _products(skus)
        back = []
        for sku, quantity in typed.items():
            sources = kept_rows.get(sku, [])
            if sku in products:
                sheet.rows[sku] = Row(products[sku], _typed(quantity), sources)
            else:
                back += [source.raw for source in sources] or [f"{sku} {quantity}"]
        for n, (raw, quantity, skus) in enumerate(kept_choices):
            chosen = data.get(f"{CHOICE}{n}", "") if choosing else ""
            found = [products[sku] for sku in skus if sku in products]
            if chosen in skus and chosen in products:
                sheet.take(products[chosen], Source(raw, quantity))
            elif chosen == NONE:
                sheet.none_meant.append(raw)
            elif not found:
                back.append(raw)
            else:
                sheet.choices.append(Choice(Entry(0, raw), quantity, found))
        sheet.text = "\n".join([*back, *filter(None, [sheet.text.strip("\r\n")])])
        return sheet

    def is_as_sent(self, data: QueryDict) -> bool:
        """Whether nothing of the form has gone back into the box."""
        return self.text == data.get("text", "").strip("\r\n")

    def check(self) -> bool:
        """Read the box, and take from it what can be: it then holds the rest. Whether that was
        anything. Raises TooMuch, and changes nothing."""
        pasted = read(self.text)
        found = match(pasted.entries)
        for one in found.matches:
            self.take(one.product, Source(one.entry.raw[:SHOWN], one.quantity, one.name))
        self.choices += found.choices
        none = [Unclear(Entry(0, raw), Trouble("none-meant")) for raw in self.none_meant]
        self.unclear, self.left_out = [*none, *found.unclear], pasted.left_out
        self.text = _box(self.unclear)
        return bool(found.matches or found.choices)

    def take(self, product: Product, source: Source) -> None:
        """More of a product; quantities of the same product are summed."""
        row = self.rows.setdefault(product.sku, Row(product, 0))
        if isinstance(row.quantity, int):
            row.quantity += source.quantity
        row.sources.append(source)

    def remove(self, sku: str) -> None:
        self.rows.pop(sku, None)

    def ask_again(self, sku: str) -> None:
        """A product that was found by a name was not the one: its lines are asked."""
        row = self.rows.pop(sku, None)
        for source in row.sources if row else ():
            found = candidates(source.name) if source.name else [row.product]
            self.choices.append(Choice(Entry(0, source.raw), source.quantity, found))

    def take_instead(self, sku: str, quantity: int, raw: str) -> None:
        """A suggested product for a line that is in the box; nothing when it is there no more."""
        lines = self.text.splitlines()
        bare = [line.strip(" ") for line in lines]
        product = _products({sku}).get(sku)
        if product and raw in bare:
            del lines[bare.index(raw)]
            self.text = "\n".join(lines)
            self.take(product, Source(raw[:SHOWN], quantity))

    @property
    def refusals(self) -> bool:
        return any(row.refusal for row in self.rows.values())

    @property
    def total(self) -> Decimal:
        return sum((row.total or Decimal(0) for row in self.rows.values()), Decimal("0.00"))

    @property
    def items(self) -> list[tuple[str, int]]:
        return [(sku, row.quantity) for sku, row in self.rows.items()]

    @property
    def rest(self) -> str:
        """What has still to be seen to when the rows are in the order, as text for the box."""
        return "\n".join(filter(None, [*(choice.entry.raw for choice in self.choices), self.text]))

    @property
    def is_blank(self) -> bool:
        return not (self.rows or self.choices or self.unclear or self.left_out)

    @property
    def kept(self) -> str:
        """What the form keeps of it beside the quantities, as JSON."""
        rows = {
            sku: [[source.raw, source.quantity, source.name] for source in row.sources]
            for sku, row in self.rows.items()
        }
        choices = [
            [choice.entry.raw, choice.quantity, [one.sku for one in choice.candidates]]
            for choice in self.choices
        ]
        return json.dumps([rows, choices], ensure_ascii=False, separators=(",", ":"))


def _box(unclear: list[Unclear]) -> str:
    """The lines to be corrected, those that were not looked up first; each table with its head."""
    waits = [one for one in unclear if one.trouble.code == "not-looked-up"]
    lines, head = [], ""
    for one in waits + [one for one in unclear if one not in waits]:
        if one.entry.head and one.entry.head != head:
            lines.append(one.entry.head)
        head = one.entry.head
        lines.append(one.entry.raw)
    return "\n".join(lines)


def _products(skus: set[str]) -> dict[str, Product]:
    fit = {sku for sku in skus if len(sku) <= 16 and sku.isprintable()}
    active = Product.objects.active().select_related("category")
    return active.in_bulk(fit, field_name="sku")


def _typed(text: str) -> int | str:
    """What may as well be a fraction stays as it was typed, and is refused like any other text."""
    try:
        number = typed_number(text)
    except ValueError:
        number = None
    return text.strip() if number is None else number


def _kept(text: str) -> tuple[dict[str, list[Source]], list[tuple[str, int, list[str]]]]:
    if not text:
        return {}, []
    try:
        rows, choices = json.loads(text)
        sources = {
            sku: [Source(_str(raw), _int(many), _str(name)) for raw, many, name in found]
            for sku, found in rows.items()
        }
        asked = [
            (_str(raw), _int(many), [_str(sku) for sku in skus]) for raw, many, skus in choices
        ]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Garbled from None
    if len(asked) > MOST_KEPT or len(sources) > MOST_KEPT:
        raise Garbled
    return sources, asked


def _str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
