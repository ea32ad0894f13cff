"""Database servers of one shop: a primary and its standbys, each a folder with a server in it.

Made of the embedded server's programs, by what an administrator would do: a base backup that
follows its primary. They listen on a socket in their folder. They are quick, not careful: without
fsync what they wrote outlives their processes, and not the machine.
"""

import contextlib
import shutil
import signal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

from shop.embedded import cluster, keeper
from tests.shop.processes import wait_until

SETTINGS = {
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "120",
    "wal_level": "replica",
    "max_wal_senders": "8",
    "wal_keep_size": "256MB",
    "hot_standby_feedback": "on",
    # What is behind looks again soon.
    "wal_retrieve_retry_interval": "100ms",
    "wal_receiver_status_interval": "1s",
}
SOCKET_NOTE = f".s.PGSQL.{cluster.PORT}.lock"


class Server:
    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.settings = folder, SETTINGS | settings

    def start(self) -> "Server":
        said = ("-o", " ".join(f"-c {name}={value}" for name, value in self._listening().items()))
        # A killed server leaves its notes, and may be listed for a while, as a zombie.
        if not self.processes():
            for note in ("postmaster.pid", SOCKET_NOTE):
                (self.folder / note).unlink(missing_ok=True)
        self._run("pg_ctl", "start", "-D", self.folder, "-l", self.folder / "log", "-w", *said)
        return self

    def _listening(self) -> dict[str, str]:
        return dict(one.split("=") for one in cluster.LISTEN) | self.settings

    def _run(self, program: str, *arguments: Any) -> None:
        done = cluster._run(self.folder, cluster._programs() / program, *arguments)
        log = self.folder / "log"
        told = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        assert done.returncode == 0, f"{program}: {done.stderr}\n{told}"

    # --- What is asked of it -------------------------------------------------------------------

    @property
    def host(self) -> str:
        return cluster.socket_folder(self.folder)

    @property
    def url(self) -> str:
        return url_of(self)

    def connect(self, **parameters: Any) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True, **parameters)

    def ask(self, sql: str, *params: Any) -> Any:
        """The first value of the first row."""
        with self.connect() as connection:
            return connection.execute(sql, params).fetchone()[0]

    def set(self, **settings: str) -> None:
        with self.connect() as connection:
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            connection.execute("SELECT pg_reload_conf()")

    # --- Standbys ------------------------------------------------------------------------------

    def standby(self, folder: Path) -> "Server":
        """A base backup of it that follows it, under its folder's name; started."""
        folder.mkdir(mode=0o700)
        owner = self.folder.stat()
        shutil.chown(folder, owner.st_uid, owner.st_gid)
        made = Server(folder)
        source = f"host={self.host} port={cluster.PORT} user=postgres"
        backup = ("-D", folder, "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        made._run("pg_basebackup", *backup)
        # It came along: the socket is in the folder.
        for own in (SOCKET_NOTE, "log"):
            (folder / own).unlink(missing_ok=True)
        made.settings |= {"cluster_name": folder.name}
        made.start()
        made.follow(self)
        return made

    def follow(self, primary: "Server") -> None:
        """Also after another one was promoted."""
        name = self.folder.name
        source = f"host={primary.host} port={cluster.PORT} user=postgres application_name={name}"
        self.set(primary_conninfo=source)
        streaming = "SELECT count(*) FROM pg_stat_replication WHERE application_name = %s"
        wait_until(lambda: primary.ask(streaming, name))

    def reaches(self, primary: "Server") -> None:
        """Wait until it shows what the primary shows now."""
        here = primary.ask("SELECT pg_current_wal_insert_lsn()::text")
        wait_until(lambda: self.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", here))

    def promote(self) -> None:
        assert self.ask("SELECT pg_promote()")

    # --- What befalls it ------------------------------------------------------------------------

    def processes(self) -> list[psutil.Process]:
        server = keeper.server_of(self.folder)
        return [server, *server.children(recursive=True)] if server else []

    def kill(self) -> None:
        """All of its processes at once, as when the power fails."""
        self._signal(signal.SIGKILL)
        wait_until(lambda: not self.processes())

    def freeze(self) -> None:
        """It answers nothing, and closes nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        if server := keeper.server_of(self.folder):
            server.send_signal(keeper.IMMEDIATE)
            wait_until(lambda: not keeper.lives(server))

    def _signal(self, number: int) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def url_of(*servers: Server, **parameters: str) -> str:
    """The URL by which libpq looks for a server among these."""
    hosts = ",".join(server.host for server in servers)
    said = {"host": hosts, "port": ",".join([str(cluster.PORT)] * len(servers))} | parameters
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in said.items())
    return f"postgresql://postgres@/{cluster.DATABASE}?{query}"
