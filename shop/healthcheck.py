"""Asks the shop on this machine whether it is well: `python -m shop.healthcheck`, exit 0 if so.

A container's HEALTHCHECK starts it every few seconds, so that it loads neither Django nor settings.
"""

import http.client
import os
import sys

PATIENCE = 4  # seconds


def ask() -> str | None:
    """None when the shop answers 200, else what is wrong."""
    port = int(os.environ.get("PORT", "8000"))
    # A host that the shop answers to; which one does not matter.
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"Expected an answer on port {port}, found none: {error}"
    finally:
        connection.close()
    return None if status == 200 else f"Expected 200 from /healthz, found {status}"


if __name__ == "__main__":
    sys.exit(ask())
