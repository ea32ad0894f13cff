"""A link to a new password, by e-mail. A page only notes what was typed: whether an agent has that
address is looked up later, by whoever runs the projections, so that not even time tells it."""

import logging
from datetime import UTC, datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ordering.language import of_email
from ordering.models import Agent, ForgottenPassword

logger = logging.getLogger(__name__)

LASTS = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
# Of one agent. Counted where they are sent, which is one process at a time.
LETTERS = parse("3/hour")
_limiter = FixedWindowRateLimiter(MemoryStorage())


class Tokens(PasswordResetTokenGenerator):
    """Good once, since another password makes another token; and only for who was not deactivated
    since."""

    def _make_hash_value(self, user, timestamp):
        return f"{super()._make_hash_value(user, timestamp)}{user.session_round}"

    def _now(self):
        # Django's is the clock on the wall: in autumn half an hour would last for one and a half.
        return datetime.now(UTC).replace(tzinfo=None)


tokens = Tokens()


def can_send() -> bool:
    """Where the shop's address is not known, a link would lead wherever the asker said."""
    return bool(settings.SITE_URL)


def agent_of(pk: int, token: str, *, lock: bool = False) -> Agent | None:
    """Whose link it is; None for one that is no good, or no more."""
    agents = Agent.objects.select_for_update(of=["self"]) if lock else Agent.objects
    agent = agents.filter(pk=pk, is_active=True).first()
    return agent if agent and tokens.check_token(agent, token) else None


def send_links() -> None:
    """The errand. Raises what may pass, such as OSError; what was not sent stays."""
    refused = None
    for asked in ForgottenPassword.objects.order_by("pk"):
        # After that long nobody waits for it any more.
        if timezone.now() - asked.asked_at < LASTS:
            try:
                for agent in PasswordResetForm().get_users(asked.email):
                    _send(agent)
            except (SMTPRecipientsRefused, SMTPDataError) as error:
                refused = error  # of this letter: the others may go
                continue
        asked.delete()
    if refused:
        raise refused


def _send(agent: Agent) -> None:
    if not _limiter.test(LETTERS, f"{agent.pk}"):
        return
    try:
        letter(agent).send(using="default")
    except (SMTPRecipientsRefused, SMTPDataError) as error:
        if not _is_for_good(error):
            raise
        logger.error("The link for agent %s was refused by the mail server", agent.pk)
    _limiter.hit(LETTERS, f"{agent.pk}")


def _is_for_good(error: SMTPRecipientsRefused | SMTPDataError) -> bool:
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    return all(code >= 500 for code, _words in error.recipients.values())


def path_of(agent: Agent) -> str:
    """A new link's, without the host."""
    link = urlencode({"agent": agent.pk, "token": tokens.make_token(agent)})
    return f"{reverse('new_password')}?{link}"


def letter(agent: Agent) -> EmailMessage:
    """In the agent's language."""
    with translation.override(of_email(agent)):
        context = {
            "agent": agent,
            "url": f"{settings.SITE_URL}{path_of(agent)}",
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        }
        return EmailMessage(
            subject=_("A new password for Tandem"),
            body=render_to_string("ordering/email/new_password.txt", context),
            to=[agent.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
