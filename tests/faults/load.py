"""Processes of agents that keep what they were answered on disk."""

import contextlib
import json
from dataclasses import asdict

from tests.faults.client import Intent, Plan, acknowledged
from tests.shop.processes import LONGEST_WAIT, ROOT, Running, wait_until


class Agents(Running):
    """A process of agents; see tests.faults.client."""

    def __init__(self, plan: Plan, folder, name: str):
        arguments = ("-m", "tests.faults.client", json.dumps(asdict(plan)))
        super().__init__(*arguments, cwd=ROOT, log=folder / f"{name}.out")
        self.plan = plan

    @property
    def intents(self) -> list[Intent]:
        return acknowledged(self.plan.log)

    @property
    def has_done_all(self) -> bool:
        return self.plan.count is not None and len(self.intents) >= self.plan.count

    def counted(self) -> list[dict]:
        """What each agent counted: requests sent, the longest wait, how they were answered."""
        lines = self.output.splitlines()
        return [json.loads(line[5:]) for line in lines if line.startswith("done ")]


def until_answered(count: int, agents: list[Agents]) -> None:
    """Wait until they were answered so often, or have done all that they had to; fails where nobody
    is answered any more."""
    while (now := answered(agents)) < count and not all(each.has_done_all for each in agents):
        wait_until(lambda: answered(agents) > now)


def answered(agents: list[Agents]) -> int:
    return sum(len(each.intents) for each in agents)


@contextlib.contextmanager
def agents_at_work(folder, processes: int, dice, *, each: int, **plan):
    """`processes` processes of `each` agents on the same orders; all must end well."""
    with contextlib.ExitStack() as running:
        started = [
            running.enter_context(
                Agents(
                    Plan(
                        log=f"{folder}/agents-{number}.jsonl",
                        seed=f"{dice.random()}",
                        agents=each,
                        **plan,
                    ),
                    folder,
                    f"agents-{number}",
                )
            )
            for number in range(processes)
        ]
        yield started
        for process in started:
            code = process.process.wait(LONGEST_WAIT + plan.get("seconds", 0) + 600)
            assert code == 0, process.output
