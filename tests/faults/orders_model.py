"""What orders are, said once more and more simply than the shop does: the model that random
commands are compared with. It knows the API's answers, and nothing of the shop's code."""

from dataclasses import dataclass, field

MOST = 9_999  # of a product


@dataclass
class Answer:
    """The status, and the code that the problem's type ends with."""

    status: int
    code: str = ""


DONE = Answer(200)
CLOSED = Answer(409, "order-closed")
CONFLICT = Answer(409, "conflict")


@dataclass
class ModelOrder:
    """`changes` has, of each version from 1 on, what it touched: skus and names of details."""

    id: str
    reference: str = ""
    note: str = ""
    status: str = "open"
    lines: dict[str, int] = field(default_factory=dict)
    changes: list[frozenset[str]] = field(default_factory=lambda: [frozenset({"opened"})])

    @property
    def version(self) -> int:
        return len(self.changes)

    def unseen(self, seen: int | None) -> list[frozenset[str]]:
        return [] if seen is None else self.changes[seen:]

    def _changed(self, *touched: str) -> Answer:
        self.changes.append(frozenset(touched))
        return DONE

    def add(self, sku: str, quantity: int) -> Answer:
        if self.status != "open":
            return CLOSED
        if self.lines.get(sku, 0) + quantity > MOST:
            return Answer(422, "line-full")
        self.lines[sku] = self.lines.get(sku, 0) + quantity
        return self._changed(sku)

    def set(self, sku: str, quantity: int, seen: int | None) -> Answer:
        if self.status != "open":
            return CLOSED
        if self.lines.get(sku) == quantity:
            return DONE
        if any(sku in touched for touched in self.unseen(seen)):
            return CONFLICT
        if sku not in self.lines:
            return Answer(404, "no-such-line")
        self.lines[sku] = quantity
        return self._changed(sku)

    def remove(self, sku: str, seen: int | None) -> Answer:
        if self.status != "open":
            return CLOSED
        if sku not in self.lines:
            return DONE
        if any(sku in touched for touched in self.unseen(seen)):
            return CONFLICT
        del self.lines[sku]
        return self._changed(sku)

    def details(self, wanted: dict[str, str], seen: int | None) -> Answer:
        if self.status != "open":
            return CLOSED
        new = {name: text for name, text in wanted.items() if getattr(self, name) != text}
        if any(touched & new.keys() for touched in self.unseen(seen)):
            return CONFLICT
        if not new:
            return DONE
        vars(self).update(new)
        return self._changed(*new)

    def close(self, status: str, seen: int | None) -> Answer:
        if self.status == status:
            return DONE
        if self.status != "open":
            return CLOSED
        if self.unseen(seen):
            return CONFLICT
        if status == "completed" and not self.lines:
            return Answer(422, "empty-order")
        self.status = status
        return self._changed(status)
