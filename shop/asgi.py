"""The whole shop on one port: Django's WSGI pages in a thread pool.

Measured several times quicker than Django's own ASGI handler with synchronous views; see
"Deploying" in the README.
"""

from a2wsgi import WSGIMiddleware

from shop.wsgi import application as pages

application = WSGIMiddleware(pages, workers=8)
