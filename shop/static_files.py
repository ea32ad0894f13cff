"""What browsers are told with a static file, which Django's own middleware does not get to see."""

from collections.abc import MutableMapping

# A script or a picture is part of a page, under the page's policy; opened by itself, it may do
# nothing.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def harden(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """For WhiteNoise, which calls it once for each file."""
    headers["Content-Security-Policy"] = POLICY
