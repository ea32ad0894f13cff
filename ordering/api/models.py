"""Tokens of programs, and the answers that are kept for repeated requests."""

import hashlib
import secrets
from functools import cache

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eventstore.statements import Statement, run
from ordering.rows import columns, made

PREFIX = "tandem_"  # so that a scanner for leaked secrets can know them
LONGEST = 200  # characters of a token
LONGEST_NAME = 60
MOST_TOKENS = 25  # of one agent, in use


class ApiTokenQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(revoked_at=None)

    def revoke(self) -> None:
        self.update(revoked_at=timezone.now())

    def by_secret(self, secret: str) -> "ApiToken | None":
        """The one in use with this secret, with its agent, who is active. Costs one query."""
        if len(secret) > LONGEST or not secret.isascii():
            return None
        agents = self.model._meta.get_field("agent").related_model
        customers = agents._meta.get_field("customer").related_model
        rows = run(Statement(_by_digest(self.model, agents, customers), [digest_of(secret)]))
        if not rows:
            return None
        token, agent, agent.customer = made(rows[0], self.model, agents, customers)
        token.agent = agent
        return token


@cache
def _by_digest(*of: type[models.Model]) -> str:
    token, agent, customer = map(columns, of, ("token", "agent", "customer"))
    return f"""
        SELECT {token}, {agent}, {customer}
          FROM ordering_apitoken AS token JOIN ordering_agent AS agent ON agent.id = token.agent_id
          LEFT JOIN ordering_customer AS customer ON customer.id = agent.customer_id
         WHERE token.digest = %s AND token.revoked_at IS NULL AND agent.is_active
    """  # noqa: S608  (of constants)


class ApiToken(models.Model):
    """A secret by which a program acts as an agent. Only its SHA-256 is stored: it is random and
    long, so that no slower hash would protect it better. `ending` helps people to tell tokens
    apart."""

    agent = models.ForeignKey("ordering.Agent", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    digest = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(_("ending"), max_length=4)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self):
        return f"{self.name} (…{self.ending})"

    @classmethod
    def make(cls, agent, name: str) -> tuple["ApiToken", str]:
        """A new token of the agent, and the secret itself, which is nowhere else."""
        secret = PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            agent=agent, name=name, digest=digest_of(secret), ending=secret[-4:]
        )
        return token, secret

    def revoke(self) -> None:
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class KeptAnswer(models.Model):
    """What the API answered to an agent's Idempotency-Key, to be answered again. `fingerprint` is a
    SHA-256 of what was asked."""

    agent = models.ForeignKey("ordering.Agent", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "key"], name="kept_answer_once")]

    def __str__(self):
        return f"{self.status} for {self.key}"
