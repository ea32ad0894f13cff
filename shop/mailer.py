"""Where e-mails go: an entry of MAILERS, from EMAIL_URL or for a folder of this machine."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FOLDER = "shop.mail_folder.EmailBackend"
# Seconds for each answer of a mail server: whoever sends holds a checkpoint meanwhile.
TIMEOUT = 10

OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
}


def from_url(url: str) -> dict[str, Any]:
    """smtp://, smtp+tls:// or smtp+ssl://USER:PASSWORD@HOST:PORT, filemail:///FOLDER, or
    consolemail://. Raises ImproperlyConfigured, which does not tell the password."""
    wanted = "EMAIL_URL: expected smtp+tls://USER:PASSWORD@HOST:PORT, found one"
    scheme = url.partition(":")[0]
    try:
        read = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        raise ImproperlyConfigured(f"{wanted} that begins with {scheme!r}.") from None
    if scheme == "filemail":
        return into(Path("/", read["EMAIL_FILE_PATH"]))
    if read["EMAIL_BACKEND"] != SMTP:
        return {"BACKEND": read["EMAIL_BACKEND"]}
    if not read["EMAIL_HOST"]:
        raise ImproperlyConfigured(f"{wanted} without a host.")
    options = {option: read[name] for name, option in OPTIONS.items() if read.get(name)}
    more = {name.lower(): value for name, value in read.get("OPTIONS", {}).items()}
    return {"BACKEND": SMTP, "OPTIONS": {"timeout": TIMEOUT} | options | more}


def into(folder: Path) -> dict[str, Any]:
    """Each message becomes a file in the folder."""
    return {"BACKEND": FOLDER, "OPTIONS": {"path": folder}}
