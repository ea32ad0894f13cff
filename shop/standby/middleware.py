"""For each request: whether a standby answers it, and what its sender must see next."""

from django.db import DEFAULT_DB_ALIAS
from django.http import Http404

from eventstore.away import may_be_away
from shop.standby import position
from shop.standby.circuit import circuit
from shop.standby.routing import CALLS, PAGES, STANDBY, reads_from

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Standby:
    """The last among the middleware: it knows which page is asked for, and sees the page's
    exceptions first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            response = self.get_response(request)
        finally:
            self._leave()
        if request.method not in SAFE and response.status_code != 503:
            position.tell(request, response)
        return response

    def process_view(self, request, view, args, kwargs):
        if request.method in ("GET", "HEAD") and self._is_read(request):
            wanted = position.wanted(request)
            if wanted is not None and circuit.enter(wanted):
                reads_from.set(STANDBY)

    def process_exception(self, request, exception):
        """A page that the standby failed is made anew, by the primary; so is one that it does not
        have: it may only not have come there yet."""
        missing = isinstance(exception, Http404)
        if reads_from.get() != STANDBY or not (missing or may_be_away(exception)):
            return None
        self._leave()
        if not missing and circuit.is_cut():
            circuit.fail(exception)
        view, args, kwargs = request.resolver_match
        return view(request, *args, **kwargs)

    @staticmethod
    def _is_read(request):
        name = request.resolver_match.view_name
        return name in PAGES or (name in CALLS and position.HEADER in request.headers)

    @staticmethod
    def _leave():
        if reads_from.get() != DEFAULT_DB_ALIAS:
            reads_from.set(DEFAULT_DB_ALIAS)
            circuit.leave()
