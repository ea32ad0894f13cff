"""A database of a benchmark's own: an embedded server whose data is gone afterwards."""

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def fresh(folder: Path | None = None) -> Iterator[str]:
    """Starts a server as the shop does, with durable commits, and migrates it; yields its URL."""
    from shop import embedded  # Django's settings are not needed for it

    with tempfile.TemporaryDirectory(prefix="tandem-", dir=folder) as made:
        Path(made).chmod(0o755)  # the database's server may be another user
        url = embedded.start(Path(made) / "postgres")
        try:
            manage("migrate", "--verbosity", "0", url=url)
            yield url
        finally:
            embedded.stop(Path(made) / "postgres")


def environment(url: str, **more: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": url, "LOCAL": "1"} | more


def manage(*arguments: str, url: str, **more: str) -> None:
    """Run a command of manage.py on that database, with `more` in its environment."""
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment(url, **more), check=True)


def use(url: str) -> None:
    """Set Django up in this process, on that database. Once a process."""
    import django

    os.environ |= environment(url, DJANGO_SETTINGS_MODULE="shop.settings")
    django.setup()


def machine(url: str) -> str:
    """Processors, memory, Python, PostgreSQL and what it promises of a commit."""
    import psutil
    import psycopg

    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()[0]
        fsync, commit = (
            connection.execute(f"SHOW {name}").fetchone()[0]
            for name in ("fsync", "synchronous_commit")
        )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GiB,"
        f" {platform.system()}, Python {platform.python_version()}, PostgreSQL {version}"
        f" (fsync {fsync}, synchronous_commit {commit})"
    )
