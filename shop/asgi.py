"""The whole shop on one port: pages in threads, streams in the event loop.

Pages go to Django's WSGI handler in a pool of threads, which was measured several times quicker
than Django's own ASGI handler with synchronous views; streams are served beside it, without a
thread each. What watches the shop has threads of its own: it wants an answer most when all of the
pages' are busy. So have files, which say how a page looks that tells of it. See "Deploying" in the
README.
"""

import gc

from django.conf import settings

from shop.observed import Streams
from shop.pages import Pages
from shop.wsgi import application as pages_wsgi

# These need the apps, which the line above loads.
from ordering.live.app import LiveApp  # isort: skip
from shop.late import application as late  # isort: skip
from shop.views import PROBES  # isort: skip

PROBED_WITHIN = 3  # seconds; shop.healthcheck waits for four

pages = Pages(pages_wsgi, within=settings.ANSWER_WITHIN, instead=late)
probes = Pages(pages_wsgi, workers=2, within=PROBED_WITHIN, instead=late)
files = Pages(pages_wsgi, workers=2, within=settings.ANSWER_WITHIN, instead=late)
live = LiveApp()
streams = Streams(live)

# What is loaded by now stays. To look through all of it for garbage takes some 70 ms, in which
# neither a page nor a stream goes on.
gc.collect()
gc.freeze()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await live.lifespan(scope, receive, send)
    elif scope["type"] == "http" and live.serves(scope["path"]):
        await streams(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] in PROBES:
        await probes(scope, receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
        await files(scope, receive, send)
    elif scope["type"] == "http":
        await pages(scope, receive, send)
