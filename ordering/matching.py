"""Which product a pasted line means: by its SKU, by its name, or asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.models import Product
from catalog.search import search
from catalog.skus import by_sku, near_sku
from catalog.words import fold, index_terms, joined, sku_terms, split
from ordering.pasted import Entry, Trouble
from ordering.reasons import reason

MOST_CANDIDATES = 5
MOST_SUGGESTIONS = 3
MOST_COMPARED = 12
# A name costs 6 to 20 ms; SKUs cost one query in all.
MOST_NAMES = 100


@dataclass(frozen=True)
class Match:
    """`name` is what the product was found by, where that was no SKU."""

    entry: Entry
    product: Product
    quantity: int
    name: str = ""


@dataclass(frozen=True)
class Choice:
    """A line that may mean any of these products, the likeliest first."""

    entry: Entry
    quantity: int
    candidates: list[Product]


@dataclass(frozen=True)
class Unclear:
    """A line that cannot be taken as it is; `quantity` of one of `suggestions` may be meant."""

    entry: Entry
    trouble: Trouble
    suggestions: list[Product] = field(default_factory=list)
    quantity: int = 1

    @property
    def reason(self) -> str:
        return reason(self.trouble)


@dataclass
class Found:
    matches: list[Match] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)


def match(entries: Iterable[Entry]) -> Found:
    """What each line means. At most MOST_NAMES different names are looked up; of a line beyond
    them the trouble is "not-looked-up"."""
    entries = list(entries)
    codes = {code for entry in entries for reading in entry.readings for code in reading.codes}
    return _Matching(by_sku(codes)).all(entries)


def candidates(name: str) -> list[Product]:
    """The products that a name may mean, the likeliest first."""
    return list(search(name).products.select_related("category")[:MOST_CANDIDATES])


class _Matching:
    def __init__(self, products: dict[str, Product]) -> None:
        self.products = products
        self.names: dict[str, tuple[list[Product], bool]] = {}

    def all(self, entries: list[Entry]) -> Found:
        found = Found()
        for entry in entries:
            match self.one(entry):
                case Match() as match_:
                    found.matches.append(match_)
                case Choice() as choice:
                    found.choices.append(choice)
                case Unclear() as unclear:
                    found.unclear.append(unclear)
        return found

    def one(self, entry: Entry) -> Match | Choice | Unclear:
        if by_code := self._by_code(entry):
            return by_code
        if entry.trouble:
            return Unclear(entry, entry.trouble)
        # The one that says how many: of `flour 25` that there is no SKU.
        reading = next((one for one in entry.readings if one.quantity), entry.readings[0])
        wanted = reading.name or reading.codes[0]
        known = fold(wanted) in self.names
        if not known and len(self.names) >= MOST_NAMES:
            return Unclear(entry, Trouble("not-looked-up", {"limit": MOST_NAMES}))
        products, is_clear = self._named(wanted, is_code=not reading.name)
        if reading.quantity is None:
            trouble = Trouble("no-quantity", {"wanted": wanted})
            return Unclear(entry, trouble, products[: 1 if is_clear else MOST_SUGGESTIONS])
        if is_clear:
            return Match(entry, products[0], reading.quantity, wanted)
        if not reading.name or not products or self._is_loose(wanted):
            trouble = Trouble("no-such-product", {"wanted": wanted})
            return Unclear(entry, trouble, products[:MOST_SUGGESTIONS], reading.quantity)
        return Choice(entry, reading.quantity, products[:MOST_CANDIDATES])

    def _by_code(self, entry: Entry) -> Match | Choice | Unclear | None:
        """What the line's SKUs say; None without any."""
        for reading in entry.readings:
            named = {self.products[code] for code in reading.codes if code in self.products}
            active = sorted((one for one in named if one.active), key=lambda one: one.sku)
            if not named:
                continue
            if not active:
                return self._retired(entry, next(iter(named)), reading.quantity or 1)
            others = [other.quantity for other in entry.readings if other is not reading]
            spaced = any(" " in code for code in reading.codes)
            if reading.quantity is None and others and spaced:
                which = {"sku": active[0].sku, "quantity": others[0]}
                return Unclear(entry, Trouble("sku-or-quantity", which), active)
            quantity = reading.quantity or 1
            if len(active) == 1:
                return Match(entry, active[0], quantity)
            return Choice(entry, quantity, active[:MOST_CANDIDATES])
        return None

    def _retired(self, entry: Entry, product: Product, quantity: int) -> Unclear:
        trouble = Trouble("retired", {"product": product.shown_name, "sku": product.sku})
        if len(self.names) >= MOST_NAMES and fold(product.name) not in self.names:
            return Unclear(entry, trouble)
        # Words that only it was called by left the catalog with it.
        known = search(product.name).known
        instead = self._named(known)[0][:MOST_SUGGESTIONS] if known else []
        return Unclear(entry, trouble, instead, quantity)

    def _named(self, name: str, *, is_code: bool = False) -> tuple[list[Product], bool]:
        """The products that a name may mean, and whether it is clear that it means the first."""
        key = fold(name)
        if key not in self.names:
            self.names[key] = _look_up(name, is_code)
        return self.names[key]

    def _is_loose(self, wanted: str) -> bool:
        return self.names[fold(wanted)][1] is None


def _look_up(name: str, is_code: bool) -> tuple[list[Product], bool | None]:
    """With None where no product has all of the words: then they are suggestions only."""
    if is_code and (near := near_sku(name)):
        return near, False
    found = search(name)
    products = list(found.products.select_related("category")[:MOST_COMPARED])
    if found.partial or found.missing or not products:
        return products, None
    if is_code:
        return products, False
    called = fold(name)
    meant = [one for one in products if called in (fold(one.name), fold(one.shown_name))]
    meant = meant or [product for product in products if _says(product, found.understood)]
    if len(meant) == 1:
        best = meant[0]
        return [best, *(product for product in products if product != best)], True
    return products, False


def _says(product: Product, words: str) -> bool:
    """Whether the product is called all of these, and does not only mention them."""
    told = " ".join(
        {product.name, product.shown_name, product.search_words, product.unit, product.shown_unit}
    )
    terms = {_one(term) for term in [*index_terms(told), *sku_terms(product.sku)]}
    return all(
        _one(joined(word)) in terms or all(_one(piece) in terms for piece in word)
        for word in split(words)
    )


def _one(word: str) -> str:
    """Eggs as egg, roughly: it is compared with its like only."""
    return word.removesuffix("s") if len(word) > 3 else word
