"""Customers and their agents; then the read rows that the projections keep."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Collate, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ordering.domain.order import Status
from ordering.explaining import WORDS


class Customer(models.Model):
    """A business. Its code starts its order numbers: HC makes HC-2026-0042."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    code = models.CharField(
        _("code"),
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2,4}$", _("Two to four capital letters, such as HC."))],
        help_text=_("Two to four capital letters; the start of this customer's order numbers."),
    )
    is_active = models.BooleanField(
        _("is active"),
        default=True,
        help_text=_("The agents of an inactive customer can look, but not change."),
    )
    last_order_number = models.PositiveIntegerField(
        _("last order number"), default=0, editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("name",)

    def __str__(self):
        return self.name

    def draw_order_number(self, year: int) -> str:
        """The next number, such as HC-2026-0042. A number that is then not used leaves a gap."""
        with transaction.atomic():
            # The update holds the row until the commit: nobody else reads the same number.
            me = Customer.objects.filter(pk=self.pk)
            me.update(last_order_number=F("last_order_number") + 1)
            self.refresh_from_db(fields=["last_order_number"])
            if OrderHead.objects.filter(number=self._order_number(year)).exists():
                # Of orders that came from elsewhere: a log is moved without what was counted.
                self.last_order_number = self._highest_order_number() + 1
                me.update(last_order_number=self.last_order_number)
        return self._order_number(year)

    def _order_number(self, year: int) -> str:
        return f"{self.code}-{year}-{self.last_order_number:04d}"

    def _highest_order_number(self) -> int:
        numbers = OrderHead.objects.filter(
            number__startswith=f"{self.code}-", number__regex=r"^[A-Z]+-[0-9]+-[0-9]{1,9}$"
        ).values_list("number", flat=True)
        return max(int(number.rpartition("-")[2]) for number in numbers.iterator())


class Agent(AbstractUser):
    """Someone who logs in. With a customer they order for it; staff without one use the admin.
    Sessions of an earlier `session_round` are over: each deactivation begins another one.
    `language` is the code that the agent chose last; "" until they choose."""

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agents",
    )
    current_order_id = models.UUIDField(null=True, blank=True, editable=False)
    session_round = models.PositiveIntegerField(default=0, editable=False)
    language = models.CharField(max_length=10, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ("username",)

    def _get_session_auth_hash(self, secret=None):
        # What Django compares with each session: without the round, who is let in again would
        # find the sessions of before, wherever they were left open, alive once more.
        of_password = super()._get_session_auth_hash(secret=secret)
        return f"{of_password}-{self.session_round}" if self.session_round else of_password

    @property
    def display_name(self) -> str:
        return f"{self.first_name or self.username}"  # one of ordering.queries is lazy

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in (self.get_full_name() or self.username).split())[:2]

    @property
    def may_order(self) -> bool:
        """Whether this agent may change orders now, not only look at them."""
        return self.is_active and self.customer is not None and self.customer.is_active


def link(to: str, name: str, **options) -> models.ForeignKey:
    """A read row's link. No constraint: rows are rebuilt in any order and outlive their targets."""
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, related_name=name, **options
    )


class AgentSession(models.Model):
    """Beside a session that an agent logged in with: whose it is, by what browser, and about when
    it was last used. Whatever ends the session takes this with it."""

    session = models.OneToOneField(
        "sessions.Session", on_delete=models.DB_CASCADE, related_name="known"
    )
    agent = link("Agent", "+")
    browser = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=20, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self):
        return f"{self.browser} of {self.agent_id} since {self.began_at}"


class OrderHead(models.Model):
    """Read row: one an order. `version` is that of the last event it shows."""

    order_id = models.UUIDField(_("order id"), primary_key=True)
    number = models.CharField(_("number"), max_length=24)
    customer = link("Customer", "orders", verbose_name=_("customer"), db_index=False)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=[
            (s.value, WORDS["status"][s]) for s in (Status.OPEN, Status.COMPLETED, Status.CANCELLED)
        ],
    )
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    line_count = models.PositiveIntegerField(_("line count"), default=0)
    total = models.DecimalField(_("total"), max_digits=18, decimal_places=2, default=0)
    version = models.PositiveIntegerField(_("version"), default=0)
    copied_from = models.UUIDField(_("copied from"), null=True)
    opened_by = link("Agent", "+", verbose_name=_("opened by"), db_index=False)
    opened_at = models.DateTimeField(_("opened at"))
    changed_by = link("Agent", "+", verbose_name=_("changed by"), db_index=False)
    changed_at = models.DateTimeField(_("changed at"))
    closed_by = link("Agent", "+", verbose_name=_("closed by"), db_index=False, null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    cancel_reason = models.CharField(_("cancel reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            # The order list: newest first, all or of one status, paged by key.
            models.Index(fields=["customer", "-opened_at", "-order_id"], name="head_newest"),
            models.Index(
                fields=["customer", "status", "-opened_at", "-order_id"], name="head_newest_status"
            ),
            models.Index(fields=["number"], name="head_number"),
            # The same for admins, over all customers.
            models.Index(fields=["-opened_at", "-order_id"], name="head_of_all"),
            models.Index(fields=["status", "-opened_at", "-order_id"], name="head_of_status"),
            # Numbers that begin so, whatever the database's order of letters.
            models.Index(Collate(Upper("number"), "C"), name="head_number_begins"),
        ]

    def __str__(self):
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN


class OrderLine(models.Model):
    """Read row: one a line. `added_version` is the event that first added it: the lines' order."""

    pk = models.CompositePrimaryKey("order_id", "sku")
    order_id = models.UUIDField()
    sku = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    added_version = models.PositiveIntegerField()
    added_by = link("Agent", "+", db_index=False)
    added_at = models.DateTimeField()
    changed_version = models.PositiveIntegerField()
    changed_by = link("Agent", "+", db_index=False)
    changed_at = models.DateTimeField()

    def __str__(self):
        return f"{self.quantity} x {self.sku}"

    @property
    def total(self):
        return self.quantity * self.unit_price


class OpenContents(models.Model):
    """Helper row: what an order that is still open holds, {sku: quantity}. The events that close an
    order name neither its customer nor its lines. Each projection that needs it has its own."""

    order_id = models.UUIDField(primary_key=True)
    customer = link("Customer", "+", db_index=False)
    currency = models.CharField(max_length=3)
    quantities = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.order_id}"


class FavouriteContents(OpenContents):
    """Helper row of the favourites."""


class DailyContents(OpenContents):
    """Helper row of the daily figures."""


class Favourite(models.Model):
    """Read row: one a customer and product. In how many of the customer's completed orders it was,
    how many of it in all, and when it was last completed."""

    pk = models.CompositePrimaryKey("customer_id", "product_id")
    customer = link("Customer", "+", db_index=False)
    product = link("catalog.Product", "favourites", to_field="sku", db_column="sku", db_index=False)
    orders = models.PositiveIntegerField(default=0)
    quantity = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            # What this customer orders most often.
            models.Index(
                fields=["customer", "-orders", "-last_at", "product"], name="favourite_first"
            ),
        ]

    def __str__(self):
        return f"{self.product_id} in {self.orders} orders"


class DailyFigure(models.Model):
    """Read row: what a customer did on a day, as clocks show it in settings.TIME_ZONE, in one
    currency. `value` and `items` are those of the orders completed on it. One column makes the
    key, "2026-04-01 7 EUR", since the admin knows no other."""

    key = models.CharField(pgettext_lazy("daily figure", "key"), primary_key=True, max_length=40)
    day = models.DateField(_("day"))
    customer = link("Customer", "+", verbose_name=_("customer"), db_index=False)
    currency = models.CharField(_("currency"), max_length=3)
    opened = models.PositiveIntegerField(pgettext_lazy("daily figure", "opened"), default=0)
    completed = models.PositiveIntegerField(pgettext_lazy("daily figure", "completed"), default=0)
    cancelled = models.PositiveIntegerField(pgettext_lazy("daily figure", "cancelled"), default=0)
    items = models.PositiveBigIntegerField(pgettext_lazy("daily figure", "items"), default=0)
    value = models.DecimalField(
        pgettext_lazy("daily figure", "value"), max_digits=18, decimal_places=2, default=0
    )

    class Meta:
        verbose_name = _("daily figure")
        verbose_name_plural = _("daily figures")
        indexes = [
            models.Index(fields=["-day", "-key"], name="figure_newest"),
            models.Index(fields=["customer", "-day"], name="figure_of_customer"),
        ]

    def __str__(self):
        return self.key


class ForgottenPassword(models.Model):
    """A link to a new password that somebody asked for, until it is sent: what they typed, whether
    or not an agent has that address."""

    email = models.EmailField()
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"asked for at {self.asked_at}"


class Presence(models.Model):
    """An order's page that is open in a browser now: one row for each stream. Unlogged: a crash of
    the database may forget it, and nothing else remembers it. `place` is what the agent has the
    cursor in there, such as "line-FLR-25"; "" when in nothing."""

    id = models.UUIDField(primary_key=True)
    order_id = models.UUIDField(db_index=True)
    agent = link("Agent", "+", db_index=False)
    place = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self):
        return f"{self.agent_id} on {self.order_id}"


from ordering.api.models import ApiToken, KeptAnswer  # noqa: E402, F401  (Django looks here)
from ordering.second_factor.models import RecoveryCode  # noqa: E402, F401
