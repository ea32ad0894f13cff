"""What becomes of a pasted line."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a line cannot be taken. `code` is stable; `params` are for its message.

    "quantity-out-of-range" and "quantity-not-whole" {"actual"}; "quantity-measured" {"actual"};
    "no-quantity", "no-product"; "which-quantity" {"numbers"}; "line-too-long" {"actual"};
    "open-quote".
    """

    code: str
    params: dict[str, str | int | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line. `codes` are what may be a SKU in it, `name` what else it asks for
    ("": nothing but codes); `quantity` is None where none is written."""

    quantity: int | None
    codes: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that orders something. `number` counts the pasted lines from 1, `raw` is the line as
    it was pasted, without outer blanks; `head` is the head of its table, which says what its cells
    are.

    No `readings`: the `trouble` says why. With both, the trouble stands unless a reading has the
    SKU of a product.
    """

    number: int
    raw: str
    readings: tuple[Reading, ...] = ()
    trouble: Trouble | None = None
    head: str = ""


class TooMuch(Exception):
    """More than is read at once: `expected` is the limit and `actual` what came, in `unit`:
    "lines" or "bytes"."""

    def __init__(self, unit: str, expected: int, actual: int) -> None:
        super().__init__(f"expected at most {expected} {unit}, found {actual}")
        self.unit, self.expected, self.actual = unit, expected, actual
