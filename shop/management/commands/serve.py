"""What production runs."""

import argparse
import os

import uvicorn
from django.core.management.base import BaseCommand
from uvicorn.supervisors import Multiprocess

from shop.serving import APPLICATION, Server, counted_together

# Longer than a command waits for its lock and tries again (eventstore.decider.PATIENCE).
GRACEFUL = 10


class Command(BaseCommand):
    help = (
        "Serve the shop. Asked to stop (SIGTERM, Ctrl-C) it takes no more requests, ends the "
        "streams, finishes what it is at, and exits 0."
    )
    requires_system_checks = ()  # a deployment's own step; they ask the database

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
        parser.add_argument(
            "--port", type=port, default=os.environ.get("PORT", "8000"), help="default: 8000"
        )
        parser.add_argument("--workers", type=some, default=1, help="processes; default: 1")
        parser.add_argument(
            "--graceful",
            type=some,
            default=GRACEFUL,
            metavar="SECONDS",
            help=f"for requests in flight when it is asked to stop; default: {GRACEFUL}",
        )
        parser.add_argument(
            "--forwarded-allow-ips",
            metavar="ADDRESSES",
            default=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
            help="proxies that are believed who asks, and by https or not; default: 127.0.0.1",
        )

    def handle(self, *, host, port, workers, graceful, forwarded_allow_ips, **options):
        config = uvicorn.Config(
            APPLICATION,
            host=host,
            port=port,
            workers=workers,
            log_config=None,  # Django's
            log_level="info",  # where it listens, in local mode too
            access_log=False,  # see shop.observed
            server_header=False,
            forwarded_allow_ips=forwarded_allow_ips,
            timeout_graceful_shutdown=graceful,
        )
        if workers > 1:
            with counted_together():
                Multiprocess(config, sockets=[config.bind_socket()]).run()
        else:
            Server(config).run()


def port(text):
    """A port's number; 0 lets the system choose."""
    if not (text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 65535, got {text!r}")
    return int(text)


def some(text):
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return int(text)
