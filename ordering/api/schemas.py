"""What comes in and goes out. What is not named here is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Discriminator, Field, Tag

from ordering.domain.values import MAX_LINES, MAX_NOTE, MAX_QUANTITY, MAX_REASON, MAX_REFERENCE

Money = Field(
    pattern=r"^[0-9]+\.[0-9]{2}$",
    description="Net, two places, beside `currency`.",
    examples=["24.90"],
)
Status = Literal["open", "completed", "cancelled"]
MOST = 200  # items of a page
LATEST = 2**31 - 1  # version
LAST = 2**63 - 1  # position


class Strict(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)


# --- In -------------------------------------------------------------------------------------------


class OrderIn(Strict):
    reference: str = Field("", max_length=MAX_REFERENCE, examples=["Friday"])
    note: str = Field("", max_length=MAX_NOTE, examples=["By the back door, please."])


class ItemIn(Strict):
    sku: str = Field(min_length=1, max_length=40, examples=["FLR-25"])
    quantity: int = Field(ge=1, le=MAX_QUANTITY, examples=[2])


class ItemsIn(Strict):
    items: list[ItemIn] = Field(min_length=1, max_length=MAX_LINES)


OneOrSeveral = Annotated[
    Annotated[ItemIn, Tag("ItemIn")] | Annotated[ItemsIn, Tag("ItemsIn")],
    Discriminator(
        lambda body: "ItemsIn" if isinstance(body, dict) and "items" in body else "ItemIn"
    ),
]


class QuantityIn(Strict):
    quantity: int = Field(ge=1, le=MAX_QUANTITY, examples=[3])


class DetailsIn(Strict):
    """What is not named stays as it is."""

    reference: str = Field("", max_length=MAX_REFERENCE, examples=["Saturday"])
    note: str = Field("", max_length=MAX_NOTE, examples=["Ring twice."])


class CancellationIn(Strict):
    reason: str = Field("", max_length=MAX_REASON, examples=["Ordered twice"])


class NothingIn(Strict):
    """An empty object, or no body."""


class Query(Schema):
    """Parameters of an address; see knows_its_parameters."""


class Page(Query):
    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", max_length=300, description="`next` of the page before.")


class OrdersAsked(Page):
    status: Status | None = None


class ProductsAsked(Page):
    q: str = Field("", max_length=200, description="What a person would type; errors are forgiven.")
    category: str = Field("", max_length=40, description="A category's slug.")


class OrderAsked(Query):
    at_version: int | None = Field(
        None, ge=1, le=LATEST, description="The order as it was; without it, as it is."
    )


class EventsAsked(Query):
    after: int = Field(0, ge=0, le=LATEST, description="The version that was read last.")
    limit: int = Field(100, ge=1, le=MOST)


class LogAsked(Query):
    after: int = Field(0, ge=0, le=LAST, description="The position that was read last.")
    limit: int = Field(100, ge=1, le=1000)


# --- Out ------------------------------------------------------------------------------------------


class ProductOut(Schema):
    sku: str
    name: str
    category: str = Field(description="The category's slug.")
    description: str
    unit: str = Field(description="What one piece is, such as “5 kg sack”.")
    unit_price: str = Money
    currency: str
    active: bool = Field(description="Whether it can be ordered now.")


class ProductsOut(Schema):
    items: list[ProductOut]
    next: str | None = Field(description="The cursor of the next page.")


class LineOut(Schema):
    sku: str
    name: str
    unit: str
    quantity: int
    unit_price: str = Money
    line_total: str = Money


class OrderHeadOut(Schema):
    id: UUID
    number: str
    status: Status
    reference: str
    version: int = Field(ge=1, description="That of its last event; the ETag is the same, quoted.")
    line_count: int
    total: str = Money
    currency: str
    opened_by: str = Field(description="A username.")
    opened_at: datetime
    changed_by: str
    changed_at: datetime
    closed_by: str | None
    closed_at: datetime | None


class OrderOut(OrderHeadOut):
    note: str
    cancel_reason: str
    copied_from: UUID | None
    lines: list[LineOut] = Field(description="In the order in which they were first added.")


class OrdersOut(Schema):
    items: list[OrderHeadOut]
    next: str | None = Field(description="The cursor of the next page.")


class EventOut(Schema):
    version: int
    type: str
    data: dict[str, Any]
    actor: str | None = Field(description="A username; null for the shop itself.")
    recorded_at: datetime


class EventsOut(Schema):
    items: list[EventOut]
    next: int | None = Field(description="What to ask `after` next; null at the end.")


class LoggedOut(EventOut):
    position: int
    stream_id: UUID
    category: str
    schema_version: int = Field(description="That of `data`: as it is read today.")
    metadata: dict[str, Any]
    command_id: UUID | None


class LogOut(Schema):
    items: list[LoggedOut]
    next: int | None = Field(
        description="What to ask `after` next; null at the end: ask again after the last position."
    )


class ProblemOut(Schema):
    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/api/v1/problems/no-such-order"])
    title: str = Field(examples=["No such order"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such order."])


class ConflictOut(ProblemOut):
    current: OrderOut = Field(description="The order now.")
    events: list[EventOut] = Field(
        description="What the caller had not seen; without If-Match, what closed the order."
    )
