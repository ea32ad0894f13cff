"""PostgreSQL stands still: it neither answers nor ends, and no connection to it is lost."""

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from shop.asgi import PROBED_WITHIN
from tests.faults.client import Program
from tests.faults.server import Web
from tests.shop.processes import LONGEST_WAIT

AGENTS = 12  # page threads are eight
SLACK = 2.0  # seconds that an answer takes beside what it waits for


def asked(web, path: str) -> tuple[int, float]:
    """The status, and after how many seconds it came."""
    began = time.monotonic()
    # With a session, which whatever is no file looks for.
    headers = {"Cookie": f"sessionid={'a' * 32}"}
    request = urllib.request.Request(f"http://127.0.0.1:{web.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=LONGEST_WAIT) as answer:  # noqa: S310
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    return status, time.monotonic() - began


def test_each_is_answered_in_time_and_nothing_is_done_twice(server, store, form, figure):
    within = form.of(full=40, short=1)  # seconds
    with (
        Web(server.folder, server.url, name="waiting", ANSWER_WITHIN=f"{within}") as web,
        ThreadPoolExecutor(AGENTS + 1) as threads,
    ):
        token, [sku] = store.token("alice"), store.skus(1)
        agents = [Program(web.port, token) for _ in range(AGENTS)]
        order, body = agents[0].opens(), {"sku": sku, "quantity": 1}
        path = f"orders/{order}/items"

        def adds(number):
            return agents[number].asks("POST", path, body, Idempotency_Key=f"{order}-{number}")

        # The thread that looks for files has a connection from now on.
        assert asked(web, "/static/no-such-file.css")[0] == 404
        with server.frozen():
            probed = threads.submit(asked, web, "/healthz")
            answers = [*threads.map(adds, range(AGENTS))]
            longest = max(agent.longest for agent in agents)
            assert asked(web, "/static/shop.css")[0] == 200
            assert asked(web, "/static/no-such-file.css")[0] == 503
            assert probed.result()[0] == 503
        assert {(status, headers["Retry-After"]) for status, headers, _ in answers} == {(503, "5")}
        assert longest < within + form.at_most(SLACK)
        assert probed.result()[1] < PROBED_WITHIN + form.at_most(SLACK)

        for number, agent in enumerate(agents):
            key = f"{order}-{number}"
            assert agent.insists("POST", path, body, key=key)[0] == 200
        assert store.version(order) == 1 + AGENTS
        assert asked(web, "/healthz")[0] == 200
        assert "Traceback" not in web.output, web.output
    store.is_sound()
    figure(
        "PostgreSQL stands still",
        commands=AGENTS,
        answered_by_503=len(answers),
        longest_answer=f"{longest:.1f} s",
        healthz=f"503 after {probed.result()[1]:.1f} s",
        done_twice=0,
    )
