"""A page worker that stops in the middle of a command: at a moment that a line of JSON names.

    {"number": 1, "path": "orders/<id>/items", "token", "key", "body", "moment", "how"}

`moment` is where it stops: "appended" (before the projections), "projected" (after them),
"committing" (COMMIT is sent next), or null for nowhere. It says "holding", and then `how`: "waits"
for its death, or "freezes" by SIGSTOP. Its hooks are in this process alone; the shop has none.
"""

import json
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

from eventstore.signals import events_appended

asked = {"moment": None}


def hold(moment: str) -> None:
    if asked["moment"] != moment:
        return
    asked["moment"] = None  # a command that is tried again goes through
    say("holding", os.getpid())
    if asked["how"] == "freezes":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        signal.pause()


def say(what: str, told: object) -> None:
    os.write(1, f"{what} {asked['number']} {told}\n".encode())


def appended(**_):
    hold("appended")


def projected(**_):
    hold("projected")


events_appended.connect(appended)  # before the shop connects its own
import django  # noqa: E402

django.setup()
events_appended.connect(projected)

from django.db import connections  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.test import Client  # noqa: E402

commit = BaseDatabaseWrapper._commit


def committing(self):
    hold("committing")
    return commit(self)


BaseDatabaseWrapper._commit = committing


def send() -> int:
    headers = {"Authorization": f"Bearer {asked['token']}", "Idempotency-Key": asked["key"]}
    path = f"/api/v1/{asked['path']}"
    client = Client(headers=headers, raise_request_exception=False)
    answer = client.post(
        path, json.dumps(asked["body"]), content_type="application/json", SERVER_NAME="127.0.0.1"
    )
    return answer.status_code


Client().get("/healthz", SERVER_NAME="127.0.0.1")  # loads what each request needs
connections.close_all()
os.write(1, b"ready\n")
for line in sys.stdin:
    asked |= json.loads(line)
    process = os.fork()
    if not process:
        say("answered", send())
        os._exit(0)
    if asked["how"] == "waits" or not asked["moment"]:
        say("gone", os.waitpid(process, 0)[1])
