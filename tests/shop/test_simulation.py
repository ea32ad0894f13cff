"""Agents collide in a served shop, and the verdict is that nothing was lost."""

import signal

from tests.shop.processes import QUICK_PASSWORDS, Running, demo


def test_agents_who_order_at_the_same_time_lose_nothing(clone):
    with demo(clone, port=0) as shop:
        url = f"http://127.0.0.1:{shop.is_open()}"
        options = {"--agents": 4, "--seconds": 2, "--orders": 2, "--url": url}
        arguments = [str(part) for option in options.items() for part in option]
        log = clone / "simulation.out"
        with Running(
            "manage.py", "simulate_agents", *arguments, cwd=clone, log=log, **QUICK_PASSWORDS
        ) as simulation:
            assert simulation.ends() == 0, simulation.output
            assert "lost 0, errors 0" in simulation.output
            assert "Nothing was lost" in simulation.output
        assert shop.signalled(signal.SIGINT) == 0
