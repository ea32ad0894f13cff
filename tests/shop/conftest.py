"""Folders to start the shop in."""

import socket

import pytest

from tests.shop.processes import folder_of_its_own


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
