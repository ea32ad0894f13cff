"""The user that the embedded PostgreSQL runs as when the shop is started by root.

PostgreSQL refuses to run as root, and its files may lie in a folder that is root's alone, /root
for example. Only that one user is then let through, by an access control list (Linux, acl(5)),
and only through, not to read. Nobody else's rights change where the file system has such lists.
"""

import errno
import logging
import os
import pwd
import stat
import struct
import subprocess
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

NAME = "pgserver"
ACL = "system.posix_acl_access"
HEAD, ENTRY, ACL_VERSION = struct.Struct("<I"), struct.Struct("<HHI"), 2
OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
UNNAMED = 0xFFFFFFFF
SEARCH = 0o1


def get() -> pwd.struct_passwd:
    """The server's user, made if need be."""
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ImproperlyConfigured(
            f"PostgreSQL does not run as root, and its own user could not be made: "
            f"{' '.join(command)}: {getattr(error, 'stderr', '') or error}. Make that user, start "
            "the shop as a user other than root, or set DATABASE_URL to use another server."
        ) from error
    return pwd.getpwnam(NAME)


def let_in(uid: int, pgdata: Path, programs: Path) -> None:
    """Let user `uid` reach its data, and reach and run the programs in the folder `programs`."""
    for folder in {*pgdata.parents, *programs.parents, programs}:
        status = folder.stat()
        if status.st_uid != uid and not status.st_mode & stat.S_IXOTH:
            _let_through(uid, folder, status.st_mode)
    if not (programs / "postgres").stat().st_mode & stat.S_IROTH:  # installed under a strict umask
        wheel = programs.parents[1]
        for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            for path in (folder, *folder.rglob("*")):
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def _let_through(uid: int, folder: Path, mode: int) -> None:
    try:
        os.setxattr(folder, ACL, _list_with(uid, folder, mode))
    except (AttributeError, OSError) as error:
        if getattr(error, "errno", errno.ENOTSUP) != errno.ENOTSUP:
            raise
        logger.warning(
            "%s: others may now pass through (not read) this folder, as PostgreSQL's user %s must "
            "and the file system has no access control lists.",
            *(folder, NAME),
        )
        folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _list_with(uid: int, folder: Path, mode: int) -> bytes:
    """The folder's access control list, with the right to pass through added for `uid`."""
    entries = {
        (OWNER, UNNAMED): mode >> 6 & 7,
        (GROUP, UNNAMED): mode >> 3 & 7,
        (OTHER, UNNAMED): mode & 7,
    }
    try:
        stored = os.getxattr(folder, ACL)[HEAD.size :]
        entries = {(tag, who): rights for tag, rights, who in ENTRY.iter_unpack(stored)}
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
    # The mask limits all but the owner and others. It has to let the search through, so what it
    # kept from somebody else is taken from their own entry.
    mask = entries.get((MASK, UNNAMED), 0o7)
    for key in entries:
        if key[0] not in (OWNER, OTHER):
            entries[key] &= mask
    entries[USER, uid] = entries.get((USER, uid), 0) | SEARCH
    entries[MASK, UNNAMED] = SEARCH
    for (tag, _), rights in entries.items():
        if tag not in (OWNER, OTHER):
            entries[MASK, UNNAMED] |= rights
    return HEAD.pack(ACL_VERSION) + b"".join(
        ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items())
    )
