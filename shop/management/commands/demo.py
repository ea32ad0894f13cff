"""`make demo`: from an empty database to a served shop."""

import contextlib
import errno
import logging
import os
import signal
import socket
import threading

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from eventstore.checkpoints import LogRewound
from eventstore.runner import Runner
from ordering.demo import CAST, CUSTOMERS, PASSWORD
from shop import serving
from shop.management.commands.serve import port

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
SECONDS_FOR_OPEN_REQUESTS = 3
SECONDS_FOR_PROJECTIONS = 3


class Stopped(SystemExit):
    """Not KeyboardInterrupt: when that passes through an `exec` of a library's, Python ends the
    process by the signal, although it has been caught. psycopg cancels its query for both."""


class Command(BaseCommand):
    help = "Serve the shop with demo data on this machine. Ctrl-C closes it; the data is kept."
    requires_system_checks = ()  # `migrate` runs them, once there is a database

    def add_arguments(self, parser):
        parser.add_argument(
            "--port", type=port, default=os.environ.get("PORT", "8000"), help="default: 8000"
        )

    def handle(self, *, port, **options):
        stopping = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:  # by nohup
            stopping.remove(signal.SIGHUP)
        stopped = False

        def stop(number, frame):
            nonlocal stopped
            stopped = True
            raise Stopped

        try:
            for number in stopping:
                signal.signal(number, stop)
            claim(port).close()  # before the work, which may take long
            self.prepare()
            listener = claim(port)
            url = f"http://{HOST}:{listener.getsockname()[1]}"
            settings.SITE_URL = settings.SITE_URL or url  # for links in e-mails
            server = Server(lambda: self.announce(url))
            for number in stopping:
                signal.signal(number, server.handle_exit)
            with following_the_log():
                server.run(sockets=[listener])
        except (Stopped, Exception):
            # Cut off in the middle of a query, the connection cannot even end its transaction.
            if not stopped:
                raise
        finally:
            # What is left is short, and must be: PostgreSQL stops with its last user.
            for number in stopping:
                signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(OSError):  # the terminal may be gone
            self.stdout.write("\nClosed.")

    def prepare(self):
        try:
            connection.ensure_connection()
            version = connection.pg_version // 10_000
            self.stdout.write(f"Database: PostgreSQL {version}, {address()}.")
            call_command("migrate", verbosity=0, interactive=False)
            self.stdout.write("Tables: up to date.")
            call_command("load_catalog", stdout=self.stdout)
            call_command("seed_demo", stdout=self.stdout)
        except Error as error:
            raise CommandError(
                f"The database {address()} cannot be used: {str(error).strip()}\n"
                "See that it runs and that DATABASE_URL is right; or unset DATABASE_URL, and the "
                "shop brings a database of its own."
            ) from error

    def announce(self, url):
        self.stdout.write(f"\nTandem is open: {self.style.SUCCESS(f'{url}/')}  (Ctrl-C closes it)")
        folder = settings.MAILERS["default"].get("OPTIONS", {}).get("path")
        where = f"as files to {folder}/" if folder else "where EMAIL_URL says"
        self.stdout.write(f"E-mails about completed orders go {where}")
        self.stdout.write(f'Log in with the password "{PASSWORD}" as')
        for person in CAST:
            role = CUSTOMERS.get(person.customer, f"staff: {url}/admin/")
            self.stdout.write(f"  {person.username:<9}{role}")
        self.stdout.flush()


class Server(serving.Server):
    """Says when it listens."""

    def __init__(self, announce):
        super().__init__(
            uvicorn.Config(
                serving.APPLICATION,
                log_config=None,  # Django's
                access_log=False,
                proxy_headers=False,
                timeout_graceful_shutdown=SECONDS_FOR_OPEN_REQUESTS,
            )
        )
        self.announce = announce

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        self.announce()

    async def shutdown(self, sockets=None):
        # A request that does not end in time is cut off, which is no fault to report.
        logging.getLogger("uvicorn.error").disabled = True
        await super().shutdown(sockets=sockets)


@contextlib.contextmanager
def following_the_log():
    """What `manage.py run_projections` does, in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=[stop], daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS_FOR_PROJECTIONS)


def follow(stop):
    try:
        Runner(stop).run()
    except LogRewound as error:
        logger.error("Projections and e-mails stand still: %s", error)


def claim(port):
    """A socket that has the port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Not refused because of connections of an earlier run that are still closing.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = "taken by another program" if error.errno == errno.EADDRINUSE else error.strerror
        other = port + 1 if 1024 <= port < 65535 else 8001
        raise CommandError(
            f"Port {port} on {HOST} cannot be used: {reason}. "
            f"Choose another: make demo PORT={other}"
        ) from error
    return listener


def address():
    """Where the database is, without its password."""
    params = connection.get_connection_params()
    place = params.get("host", "localhost")
    if "port" in params and not place.startswith("/"):
        place = f"{place}:{params['port']}"
    return f"{params.get('dbname')} at {place}"
