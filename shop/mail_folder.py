"""An e-mail backend that writes messages into a folder: a mail server for one's own machine."""

import email.policy
import re
import tempfile
from collections.abc import Iterable
from email.message import EmailMessage as Message
from pathlib import Path

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

# Lines as long as a message may have: it can then be read as it is, without being decoded.
READABLE = email.policy.default.clone(max_line_length=998)


class EmailBackend(BaseEmailBackend):
    """Each message becomes a file that mail programs open. One that is delivered twice, with the
    same X-Tandem-Key, is one file. Raises OSError when the folder cannot be written to."""

    def __init__(self, path: Path | str, **options) -> None:
        super().__init__(**options)
        self.path = Path(path)

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        messages = [message.message(policy=READABLE) for message in email_messages]
        self.path.mkdir(parents=True, exist_ok=True)
        for message in messages:
            self.write(name(message), message.as_bytes())
        return len(messages)

    def write(self, name: str, content: bytes) -> None:
        """Whole or not at all: nobody finds half a message, whenever this is interrupted."""
        with tempfile.TemporaryDirectory(dir=self.path, prefix=".") as aside:
            written = Path(aside, name)
            written.write_bytes(content)
            written.replace(self.path / name)


def name(message: Message) -> str:
    key = message["X-Tandem-Key"] or message["Message-ID"]
    return re.sub(r"[^\w@-]+", ".", key).strip(".")[:200] + ".eml"
