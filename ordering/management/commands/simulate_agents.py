import random
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connection

from ordering.simulation import database
from ordering.simulation.agents import Board, SimulatedAgent, login_form
from ordering.simulation.browser import Browser, Failed
from ordering.simulation.display import Display, percentiles
from ordering.simulation.verdict import Verdict, judge

MOST_AGENTS = 500
MOST_SECONDS = 24 * 60 * 60
LOGINS = 8  # at once; each costs the shop a good part of a second
TOLD = 50  # problems that are printed, and errors


class Command(BaseCommand):
    help = (
        "Let agents work on the same orders of a running shop, all at once; then compare what they "
        "were told with the log. Exits 1 when anything was lost, or an agent was shown an error. "
        "Ctrl-C ends the work early."
    )

    def add_arguments(self, parser):
        parser.add_argument("--agents", type=int, default=20, metavar="N", help="default: 20")
        parser.add_argument("--seconds", type=float, default=30, metavar="S", help="default: 30")
        parser.add_argument("--orders", type=int, default=3, metavar="N", help="default: 3")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
        parser.add_argument(
            "--seed", type=int, metavar="N", help="of what agents choose to do; default: a new one"
        )
        parser.add_argument(
            "--force", action="store_true", help="also where the shop is not local (LOCAL)"
        )

    def handle(self, *, agents, seconds, orders, url, seed, force, **options):
        check(agents, seconds, orders, force)
        seed = secrets.randbelow(10**6) if seed is None else seed
        find_shop(url)
        since = database.last_position()
        board = Board()
        people = []
        try:
            skus = database.some_skus(dice(seed))
            password = secrets.token_urlsafe()
            people = database.make_agents(agents, password)
            crew = [
                SimulatedAgent(agent, Browser(url), board, skus, dice(seed, agent))
                for agent in people
            ]
            self.say(f"{agents} agents log in at {url}, seed {seed}.")
            log_in(crew, password, url)
            self.say(f"{people[0].display_name} opens the orders: {orders}.")
            board.orders = [crew[0].open_order() for _ in range(orders)]
            display = self.work(crew, board, seconds)
        except database.Unfit as unfit:
            raise CommandError(str(unfit)) from None
        except Failed as failed:
            raise CommandError(f"The agents could not begin: {failed}") from None
        finally:
            close_old_connections()
            database.set_password(people, None)

        known = {intent.order for intent in board.intents if intent.order}
        log = database.read_log([agent.pk for agent in people], since, known)
        self.tell(judge(board.intents, *log, since=since), display)

    def work(self, crew: list[SimulatedAgent], board: Board, seconds: float) -> Display:
        over = threading.Event()
        display = Display(board, [agent.browser for agent in crew], seconds)
        with ThreadPoolExecutor(len(crew)) as pool:
            working = [pool.submit(agent.work, over) for agent in crew]
            try:
                display.watch(working, self.say, terminal=self.stdout.isatty())
            except KeyboardInterrupt:
                self.say("Stopped early.")
            finally:
                over.set()
        display.stop()
        for work in working:
            work.result()
        return display

    def tell(self, verdict: Verdict, display: Display) -> None:
        errors = display.board.errors
        for title, lines in (("lost", verdict.problems), ("error", errors)):
            for line in lines[:TOLD]:
                self.say(f"{title}: {line}")
            if len(lines) > TOLD:
                self.say(f"{title}: and {len(lines) - TOLD} more")
        self.say(
            f"Verdict: accepted {verdict.accepted}, merged {verdict.merged}, "
            f"asked {verdict.asked}, refused {verdict.refused}, unknown {verdict.unknown}, "
            f"lost {verdict.lost}, errors {len(errors)}, retried {display.retried}"
        )
        p50, p95, p99, most = percentiles(display.waits, 50, 95, 99, 100)
        self.say(
            f"Latency: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, max {most:.0f} ms, "
            f"of {display.requests} requests in {display.elapsed:.0f} s"
        )
        if verdict.lost or errors:
            raise CommandError(f"{verdict.lost} lost, {len(errors)} errors.", returncode=1)
        self.say(self.style.SUCCESS("Nothing was lost, and no agent was shown an error."))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def check(agents: int, seconds: float, orders: int, force: bool) -> None:
    for name, value, fits, expected in (
        ("agents", agents, 1 <= agents <= MOST_AGENTS, f"1 to {MOST_AGENTS}"),
        ("seconds", seconds, 0 < seconds <= MOST_SECONDS, f"more than 0, at most {MOST_SECONDS}"),
        ("orders", orders, orders >= 1, "at least 1"),
    ):
        if not fits:
            raise CommandError(f"--{name}: expected {expected}, got {value}")
    if not settings.LOCAL and not force:
        raise CommandError(
            "Expected local mode (LOCAL), found a shop that may be a real one: this command opens "
            "orders in its database that stay there. Add --force if that is what you want."
        )


def find_shop(url: str) -> None:
    try:
        login_form(Browser(url, pause=lambda seconds: None))
    except Failed as failed:
        raise CommandError(
            f"Expected a shop at {url}. {failed}\n"
            "Start one with `make demo`, or say with --url where it is."
        ) from None


def log_in(crew: list[SimulatedAgent], password: str, url: str) -> None:
    """The first one alone: it shows whether the shop there has the database of this command."""
    first, *others = crew
    if not first.log_in(password):
        name = connection.settings_dict["NAME"]
        raise CommandError(
            f"Expected the shop at {url} to use the database of this command ({name}), found that "
            f"it refuses the password that {first.username} was just given there."
        )
    with ThreadPoolExecutor(LOGINS) as pool:
        known = list(pool.map(lambda agent: agent.log_in(password), others))
    if not all(known):
        raise Failed(f"expected the shop to know {len(others)} more agents, found {sum(known)}")


def dice(seed: int, agent: object = "") -> random.Random:
    return random.Random(f"{seed} {agent}")  # noqa: S311  (what to do, no secret)
