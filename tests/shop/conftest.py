"""Folders to start the shop in, and a shop that several tests call."""

import functools
import signal
import socket
import subprocess
import sys

import pytest

from tests.shop.processes import clear, demo, environment, folder_of_its_own


@pytest.fixture
def folder():
    """An empty folder."""
    with folder_of_its_own() as path:
        yield path


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def silent_port():
    """One that nothing listens on, and nothing can while the test runs."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture(scope="module")
def served(opened_once):
    """A shop that the module's tests call; `home` is its address, `clone` its folder."""
    with demo(opened_once.path, port=0) as running:
        running.home = f"http://127.0.0.1:{running.is_open()}"
        running.clone = opened_once.path
        yield running
        assert running.signalled(signal.SIGINT) == 0
        assert "Traceback" not in running.output
    clear(opened_once.path)


@pytest.fixture(scope="module")
def token(served):
    """A token of the agent that is named."""

    @functools.cache
    def token(username):
        command = [sys.executable, "manage.py", "create_api_token", username]
        made = subprocess.run(
            command, cwd=served.clone, env=environment(), check=True, capture_output=True, text=True
        )
        return made.stdout.strip()

    return token
