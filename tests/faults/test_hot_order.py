"""Many agents change one order, all at the same time."""

from collections import Counter

from tests.faults.client import Program
from tests.faults.judging import folded, lost_or_doubled, out_of_time
from tests.faults.load import agents_at_work

PROCESSES = 4
SECONDS = 60


def test_the_order_is_what_follows_from_the_acknowledged_intents_in_real_time(
    web, store, place, form, dice, figure
):
    each, products = form.of(full=8, short=2), form.of(full=40, short=4)
    # In short so many answers that all kinds of change are among them, however long that takes.
    until = form.of(full={"seconds": SECONDS}, short={"count": 40})
    token, agent = store.token("alice"), store.agent("alice")
    program = Program(web.port, token)
    order = program.opens()
    plan = {"port": web.port, "token": token, "orders": [order], "skus": store.skus(products)}
    with agents_at_work(
        place, PROCESSES, dice, each=each, mixed=True, **until, **plan
    ) as processes:
        pass
    intents = [intent for process in processes for intent in process.intents]
    counted = [one for process in processes for one in process.counted()]
    statuses = sum((Counter(one["statuses"]) for one in counted), Counter())
    assert set(statuses) <= {"200", "404", "503"}, statuses  # 404: the line is gone
    assert len({intent.kind for intent in intents if intent.status == 200}) == 3

    assert lost_or_doubled(store, agent, intents) == []
    assert out_of_time(store, agent, intents) == []
    shown = program.asks("GET", f"orders/{order}")[2]
    lines = {line["sku"]: line["quantity"] for line in shown["lines"]}
    assert lines == folded(store, agent, intents)[order] == store.lines(order)
    store.is_sound()
    figure(
        "one hot order",
        agents=PROCESSES * each,
        **until,
        acknowledged=len(intents),
        a_second=round(len(intents) / SECONDS) if form.full else "",
        version=store.version(order),
        answers=dict(statuses),
        lost=0,
        out_of_time=0,
        longest_answer=f"{max(one['longest'] for one in counted):.2f} s",
    )
