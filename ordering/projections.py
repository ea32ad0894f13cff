"""The read models, one section each. Folds are pure: see eventstore.projections."""

from eventstore.projections import Key, Projection, Rows
from eventstore.store import RecordedEvent
from ordering.domain import order as domain
from ordering.domain.order import Status
from ordering.models import OrderHead, OrderLine

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
    rows.put(
        OrderHead(
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
    )


@orders.on(domain.ItemAdded, touches=head_and_line)
def _(rows, recorded):
    event, order = recorded.event, change_head(rows, recorded)
    key = recorded.stream_id, event.sku
    line = rows.find(OrderLine, key)
    if line is None:
        line = OrderLine(
            order_id=recorded.stream_id,
            sku=event.sku,
            quantity=0,
            unit_price=event.unit_price,
            added_version=recorded.version,
            added_by_id=recorded.metadata.actor,
            added_at=recorded.recorded_at,
        )
        rows.put(line)
        order.line_count += 1
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
    rows.remove(OrderLine, line.pk)


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
