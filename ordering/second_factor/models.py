"""Recovery codes."""

import re
import secrets

from django.db import models, transaction

from ordering.api.models import digest_of

MADE_AT_ONCE = 10
# RFC 4648: no 0 and no 1, which look like letters. 24 characters are 120 bits.
LETTERS, LENGTH, GROUP = "abcdefghijklmnopqrstuvwxyz234567", 24, 6


class RecoveryCode(models.Model):
    """Stands for a code of the app once, and is gone then. Only its SHA-256 is stored: it is random
    and long, so that no slower hash would protect it better."""

    agent = models.ForeignKey(
        "ordering.Agent", on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.BinaryField(max_length=32, unique=True)

    def __str__(self):
        return f"a recovery code of {self.agent}"

    @classmethod
    def make_new(cls, agent) -> list[str]:
        """MADE_AT_ONCE new ones as they are read out, such as "abc234-…"; those of before are
        gone."""
        codes = [
            "".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(MADE_AT_ONCE)
        ]
        with transaction.atomic():
            # Two who make new ones at once would both leave theirs.
            agent._meta.model.objects.select_for_update().get(pk=agent.pk)
            agent.recovery_codes.all().delete()
            cls.objects.bulk_create(cls(agent=agent, digest=digest_of(code)) for code in codes)
        return ["-".join(re.findall(f".{{{GROUP}}}", code)) for code in codes]

    @classmethod
    def use(cls, agent, code: str) -> bool:
        """Whether the agent had this code, as `plain` makes it. Of two who use it at the same
        moment the database lets one delete it."""
        if len(code) != LENGTH or not code.isascii():
            return False
        return bool(cls.objects.filter(agent=agent, digest=digest_of(code)).delete()[0])


def plain(typed: str) -> str:
    """What was typed, without what helps only to read it."""
    return re.sub(r"[\s-]", "", typed).lower()
