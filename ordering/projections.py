"""The read models, one section each. Folds are pure: see eventstore.projections."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Sum

from eventstore.projections import Key, Projection, Rows, Touches
from eventstore.store import RecordedEvent
from ordering.domain import order as domain
from ordering.domain.order import Status
from ordering.models import (
    DailyContents,
    DailyFigure,
    Favourite,
    FavouriteContents,
    OpenContents,
    OrderHead,
    OrderLine,
)

# --- Orders: a head for each order, a line for each of its products --------------------------

orders = Projection("orders", tables=(OrderHead, OrderLine), stream="order_id")


def head(recorded: RecordedEvent) -> list[Key]:
    return [(OrderHead, recorded.stream_id)]


def head_and_line(recorded: RecordedEvent) -> list[Key]:
    return [(OrderHead, recorded.stream_id), (OrderLine, (recorded.stream_id, recorded.event.sku))]


def change_head(rows: Rows, recorded: RecordedEvent) -> OrderHead:
    row = rows.get(OrderHead, recorded.stream_id)
    row.version = recorded.version
    row.changed_by_id, row.changed_at = recorded.metadata.actor, recorded.recorded_at
    return row


def change_line(row: OrderLine, recorded: RecordedEvent) -> None:
    row.changed_version = recorded.version
    row.changed_by_id, row.changed_at = recorded.metadata.actor, recorded.recorded_at


def close(row: OrderHead, status: Status, recorded: RecordedEvent) -> None:
    row.status = status.value
    row.closed_by_id, row.closed_at = recorded.metadata.actor, recorded.recorded_at


@orders.on(domain.OrderOpened, touches=head)
def _(rows, recorded):
    event, actor, at = recorded.event, recorded.metadata.actor, recorded.recorded_at
    rows.new(
        OrderHead,
        order_id=recorded.stream_id,
        number=event.number,
        customer_id=event.customer_id,
        status=Status.OPEN.value,
        reference=event.reference,
        note=event.note,
        currency=event.currency,
        version=recorded.version,
        copied_from=event.copied_from,
        opened_by_id=actor,
        opened_at=at,
        changed_by_id=actor,
        changed_at=at,
    )


@orders.on(domain.ItemAdded, touches=head_and_line)
def _(rows, recorded):
    event, order = recorded.event, change_head(rows, recorded)
    order_id, version = recorded.stream_id, recorded.version
    line = rows.find(OrderLine, (order_id, event.sku))
    if line is None:
        actor, at = recorded.metadata.actor, recorded.recorded_at
        rows.new(
            OrderLine,
            order_id=order_id,
            sku=event.sku,
            name=event.name,
            unit=event.unit,
            quantity=event.quantity,
            unit_price=event.unit_price,
            added_version=version,
            added_by_id=actor,
            added_at=at,
            changed_version=version,
            changed_by_id=actor,
            changed_at=at,
        )
        order.line_count += 1
        order.total += event.quantity * event.unit_price
    else:
        order.total -= line.total
        line.name, line.unit, line.unit_price = event.name, event.unit, event.unit_price
        line.quantity += event.quantity
        order.total += line.total
        change_line(line, recorded)


@orders.on(domain.QuantityChanged, touches=head_and_line)
def _(rows, recorded):
    order = change_head(rows, recorded)
    line = rows.get(OrderLine, (recorded.stream_id, recorded.event.sku))
    order.total += (recorded.event.quantity - line.quantity) * line.unit_price
    line.quantity = recorded.event.quantity
    change_line(line, recorded)


@orders.on(domain.ItemRemoved, touches=head_and_line)
def _(rows, recorded):
    order = change_head(rows, recorded)
    line = rows.get(OrderLine, (recorded.stream_id, recorded.event.sku))
    order.total -= line.total
    order.line_count -= 1
    rows.remove(OrderLine, (recorded.stream_id, line.sku))


@orders.on(domain.DetailsChanged, touches=head)
def _(rows, recorded):
    event, order = recorded.event, change_head(rows, recorded)
    order.reference = order.reference if event.reference is None else event.reference
    order.note = order.note if event.note is None else event.note


@orders.on(domain.OrderCompleted, touches=head)
def _(rows, recorded):
    close(change_head(rows, recorded), Status.COMPLETED, recorded)


@orders.on(domain.OrderCancelled, touches=head)
def _(rows, recorded):
    order = change_head(rows, recorded)
    order.cancel_reason = recorded.event.reason
    close(order, Status.CANCELLED, recorded)


# --- What open orders hold: for projections that want to know it when an order is closed --------


def contents_in(table: type[OpenContents]) -> Touches:
    return lambda recorded: [(table, recorded.stream_id)]


def open_contents(rows: Rows, table: type[OpenContents], recorded: RecordedEvent) -> OpenContents:
    event = recorded.event
    return rows.new(
        table,
        order_id=recorded.stream_id,
        customer_id=event.customer_id,
        currency=event.currency,
    )


def close_contents(rows: Rows, table: type[OpenContents], recorded: RecordedEvent) -> OpenContents:
    """What the order held; its row is no longer needed."""
    contents = rows.get(table, recorded.stream_id)
    rows.remove(table, recorded.stream_id)
    return contents


def keep_contents(projection: Projection, table: type[OpenContents]) -> None:
    """Fold what happens to the lines of open orders into rows of `table`."""

    @projection.on(domain.ItemAdded, touches=contents_in(table))
    def _(rows, recorded):
        event, held = recorded.event, rows.get(table, recorded.stream_id).quantities
        held[event.sku] = held.get(event.sku, 0) + event.quantity

    @projection.on(domain.QuantityChanged, touches=contents_in(table))
    def _(rows, recorded):
        held = rows.get(table, recorded.stream_id).quantities
        held[recorded.event.sku] = recorded.event.quantity

    @projection.on(domain.ItemRemoved, touches=contents_in(table))
    def _(rows, recorded):
        del rows.get(table, recorded.stream_id).quantities[recorded.event.sku]


# --- Favourites: how often a customer has ordered a product ------------------------------------

favourites = Projection(
    "favourites",
    tables=(Favourite, FavouriteContents),
    stream="order_id",
    shared={Favourite: {"orders": Sum, "quantity": Sum, "last_at": Max}},
)
keep_contents(favourites, FavouriteContents)


@favourites.on(domain.OrderOpened, touches=contents_in(FavouriteContents))
def _(rows, recorded):
    open_contents(rows, FavouriteContents, recorded)


@favourites.on(domain.OrderCompleted, touches=contents_in(FavouriteContents))
def _(rows, recorded):
    contents, at = close_contents(rows, FavouriteContents, recorded), recorded.recorded_at
    customer = contents.customer_id
    for sku, quantity in contents.quantities.items():
        favourite = rows.find(Favourite, (customer, sku))
        if favourite is None:
            rows.new(
                Favourite,
                customer_id=customer,
                product_id=sku,
                orders=1,
                quantity=quantity,
                last_at=at,
            )
        else:
            favourite.orders += 1
            favourite.quantity += quantity
            favourite.last_at = max(favourite.last_at, at)


@favourites.on(domain.OrderCancelled, touches=contents_in(FavouriteContents))
def _(rows, recorded):
    close_contents(rows, FavouriteContents, recorded)


# --- Daily figures: orders, value and items of a day and customer ------------------------------

daily_figures = Projection(
    "daily_figures",
    tables=(DailyFigure, DailyContents),
    stream="order_id",
    shared={
        DailyFigure: dict.fromkeys(("opened", "completed", "cancelled", "items", "value"), Sum)
    },
)
keep_contents(daily_figures, DailyContents)

# Whoever sets another zone replays: the rows are those of its days.
ZONE = ZoneInfo(settings.TIME_ZONE)


def figure(rows: Rows, recorded: RecordedEvent, contents: OpenContents) -> DailyFigure:
    """The row of the event's day, and of the order's customer and currency."""
    day = recorded.recorded_at.astimezone(ZONE).date()
    key = f"{day} {contents.customer_id} {contents.currency}"
    row = rows.find(DailyFigure, key)
    if row is None:
        row = rows.new(
            DailyFigure,
            key=key,
            day=day,
            customer_id=contents.customer_id,
            currency=contents.currency,
        )
    return row


@daily_figures.on(domain.OrderOpened, touches=contents_in(DailyContents))
def _(rows, recorded):
    contents = open_contents(rows, DailyContents, recorded)
    figure(rows, recorded, contents).opened += 1


@daily_figures.on(domain.OrderCompleted, touches=contents_in(DailyContents))
def _(rows, recorded):
    contents = close_contents(rows, DailyContents, recorded)
    row = figure(rows, recorded, contents)
    row.completed += 1
    row.items += sum(contents.quantities.values())
    row.value += recorded.event.total


@daily_figures.on(domain.OrderCancelled, touches=contents_in(DailyContents))
def _(rows, recorded):
    figure(rows, recorded, close_contents(rows, DailyContents, recorded)).cancelled += 1
