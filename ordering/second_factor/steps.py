"""From the password to the code, and what a session is good for without one.

Between the two nobody is logged in: the session says only who has proved the password.
"""

import time

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django_htmx.http import HttpResponseClientRedirect

from ordering.models import Agent
from ordering.views.commands import SeeOther

FIRST_STEP, BOTH_STEPS = "first_step", "both_steps"  # keys in a session
MINUTES = 10  # from the password to the code
OPTIONAL, OF_STAFF, OF_EVERYBODY = "optional", "staff", "everybody"  # settings.SECOND_FACTOR
# Where somebody may go who has to set a second factor up first.
OPEN = {"second_factor", "logout", "set_language"}


def remember(request: HttpRequest, agent: Agent, backend: str) -> None:
    """That the agent has proved the password."""
    session = request.session
    # Whoever put a key into this browser shall not be asked for the code in its place.
    session.cycle_key()
    if not request.user.is_authenticated:
        session.set_expiry(MINUTES * 60)
    session[FIRST_STEP] = {
        "agent": agent.pk,
        "password": agent.get_session_auth_hash(),
        "backend": backend,
        "until": time.time() + MINUTES * 60,
    }


def remembered(request: HttpRequest) -> tuple[Agent, str] | None:
    """Who has proved the password here, and by which backend; None when that was too long ago, or
    the password is another one since."""
    step = request.session.get(FIRST_STEP)
    if not step or step["until"] < time.time():
        return None
    agent = Agent.objects.filter(pk=step["agent"], is_active=True).first()
    if agent is None or not constant_time_compare(step["password"], agent.get_session_auth_hash()):
        return None
    return agent, step["backend"]


def complete(request: HttpRequest) -> None:
    """That whoever is logged in here has proved both."""
    request.session.pop(FIRST_STEP, None)
    request.session[BOTH_STEPS] = True


def suffices(agent: Agent, session) -> bool:
    """Whether the shop asks for no more than what was proved in the session."""
    asked = settings.SECOND_FACTOR == OF_EVERYBODY or (
        settings.SECOND_FACTOR == OF_STAFF and agent.is_staff
    )
    return not asked or bool(session.get(BOTH_STEPS))


class SecondFactor:
    """Leads whoever has to have a second factor, and has not proved one, to where it is set up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if settings.SECOND_FACTOR == OPTIONAL or not getattr(view, "login_required", True):
            return None
        if request.resolver_match.url_name in OPEN or not request.user.is_authenticated:
            return None
        if suffices(request.user, request.session):
            return None
        page = reverse("second_factor")
        return HttpResponseClientRedirect(page) if request.htmx else SeeOther(page)
