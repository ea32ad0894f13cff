"""Folders to start the shop in, and what belongs to them cleared away afterwards."""

import shutil
import signal
import socket
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.shop.processes import ROOT, clear, demo, folder_of_its_own

NOT_IN_A_CLONE = shutil.ignore_patterns(".*", "__pycache__", "tests", "staticfiles")


@pytest.fixture
def folder():
    """An empty folder."""
    with folder_of_its_own() as path:
        yield path


class Clone(NamedTuple):
    path: Path
    first_words: str
    """What the first `demo` wrote there."""


@pytest.fixture(scope="session")
def opened_once():
    """The shop's files as in a fresh clone, where the demo was opened and closed once."""
    with folder_of_its_own() as path:
        shutil.copytree(ROOT, path, dirs_exist_ok=True, ignore=NOT_IN_A_CLONE)
        with demo(path, port=0) as first:
            first.is_open()
            assert first.signalled(signal.SIGINT) == 0
        yield Clone(path, first.output)


@pytest.fixture
def clone(opened_once):
    """That clone, in which nothing may be left running."""
    yield opened_once.path
    clear(opened_once.path)


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
