"""What happens outside the shop because of an order: one reactor each. See eventstore.reactors."""

import logging
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.shown import Names
from catalog.templatetags.look import money
from eventstore.reactors import Reaction, Reactor
from ordering.domain import order as domain
from ordering.domain.order import Order
from ordering.handling import ORDER
from ordering.language import of_email
from ordering.models import Agent, Customer
from ordering.queries import SOMEONE

logger = logging.getLogger(__name__)

# RFC 3463: no such mailbox, no such host. Other refusals may come of how the shop is set up.
NOBODY = b"5.1.1", b"5.1.2"

# --- An e-mail to the customer's agents when an order is completed -----------------------------

completion_email = Reactor("completion_email")


@completion_email.on(domain.OrderCompleted)
def tell_completion(reaction: Reaction) -> None:
    recorded = reaction.recorded
    # As it was completed, whatever the code or a replay has made of the read rows since.
    order, _version = ORDER.load(recorded.stream_id, upto=recorded.version)
    for language, to in addresses(order.customer_id).items():
        # One message a language, each with a key of its own that stays the same.
        own = "" if language == settings.LANGUAGE_CODE else f"-{language}"
        key = f"{reaction.key}{own}"
        with translation.override(language):
            send(completion_message(reaction._replace(key=key), order, to), key)


def addresses(customer_id: int) -> dict[str, list[str]]:
    """Where the customer's active agents get their e-mails, by the language that they read."""
    found: dict[str, list[str]] = {}
    for agent in Agent.objects.filter(customer=customer_id, is_active=True).order_by("username"):
        if _is_address(agent.email):
            found.setdefault(of_email(agent), []).append(agent.email)
    return found


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def completion_message(reaction: Reaction, order: Order, to: list[str]) -> EmailMultiAlternatives:
    """What to tell: who completed which order, its lines and its total; as text and as HTML, in
    the active language."""
    recorded, key = reaction
    total = money(recorded.event.total, recorded.event.currency)
    subject = (
        _("Order %(number)s completed: %(total)s (%(reference)s)")
        if order.reference
        else _("Order %(number)s completed: %(total)s")
    )
    subject %= {"number": order.number, "total": total, "reference": order.reference}
    names = Names(order.lines)
    path = reverse("order", args=[recorded.stream_id])
    context = {
        "subject": subject,
        "order": order,
        "names": {sku: names.of(sku, line) for sku, line in order.lines.items()},
        "total": total,
        "customer": Customer.objects.get(pk=order.customer_id),
        "completed_by": Agent.objects.filter(pk=recorded.metadata.actor).first() or SOMEONE,
        "completed_at": recorded.recorded_at,
        "url": f"{settings.SITE_URL}{path}" if settings.SITE_URL else "",
    }
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),  # one line, whatever was stored once
        body=render_to_string("ordering/email/completed.txt", context),
        to=to,
        headers={
            # The same when it is delivered again, so that mail programs can tell.
            "Message-ID": f"<{key}@{host}>",
            "X-Tandem-Key": key,
            "Auto-Submitted": "auto-generated",
        },
    )
    html = render_to_string("ordering/email/completed.html", context)
    message.attach_alternative(html, "text/html")
    return message


def send(message: EmailMultiAlternatives, key: str) -> None:
    """Hand the message to the mail server. Raises what may pass, such as OSError. That nobody of
    them exists there will not pass, and must not hold back the messages of other customers."""
    try:
        message.send(using="default")
    except SMTPRecipientsRefused as refused:
        if not all(words.startswith(NOBODY) for _code, words in refused.recipients.values()):
            raise
        # Not to whom: a log is read by more people than addresses are for.
        logger.error("%s reached nobody: none of its %s addresses exists", key, len(message.to))
