"""What is opened to the user that PostgreSQL runs as when root starts the shop, and what is not."""

import errno
import os
import stat

import pytest

from shop.embedded import server_user

SERVER, SOMEBODY = 4001, 4002
UNNAMED = server_user.UNNAMED
OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


@pytest.fixture
def lists(monkeypatch):
    """The access control lists that were set: path -> {(whose, user id): rights}."""
    stored = {}

    def getxattr(path, name):
        if path not in stored:
            raise OSError(errno.ENODATA, "No data available")
        entries = (server_user.ENTRY.pack(tag, rights, who) for (tag, who), rights in stored[path])
        return server_user.HEAD.pack(2) + b"".join(entries)

    def setxattr(path, name, value):
        assert name == "system.posix_acl_access"
        assert value[:4] == b"\x02\0\0\0"
        entries = server_user.ENTRY.iter_unpack(value[4:])
        stored[path] = [((tag, who), rights) for tag, rights, who in entries]

    monkeypatch.setattr(os, "getxattr", getxattr, raising=False)
    monkeypatch.setattr(os, "setxattr", setxattr, raising=False)
    return stored


@pytest.fixture
def programs(tmp_path):
    folder = tmp_path / "wheel/pginstall18/bin"
    folder.mkdir(parents=True)
    (folder / "postgres").touch(mode=0o755)
    return folder


def test_only_the_server_s_user_may_pass_through_and_not_read(tmp_path, programs, lists):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    tmp_path.chmod(0o711)
    server_user.let_in(SERVER, home / "data", programs)
    assert dict(lists[home]) == {
        (OWNER, UNNAMED): 7,
        (USER, SERVER): 1,
        (GROUP, UNNAMED): 0,
        (MASK, UNNAMED): 1,
        (OTHER, UNNAMED): 0,
    }
    assert tmp_path not in lists
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_others_have_the_rights_they_had(tmp_path, programs, lists):
    home = tmp_path / "home"
    home.mkdir(mode=0o750)
    lists[home] = [
        ((OWNER, UNNAMED), 7),
        ((USER, SOMEBODY), 5),
        ((GROUP, UNNAMED), 5),
        ((MASK, UNNAMED), 4),
        ((OTHER, UNNAMED), 0),
    ]
    server_user.let_in(SERVER, home / "data", programs)
    assert lists[home] == [
        ((OWNER, UNNAMED), 7),
        ((USER, SERVER), 1),
        ((USER, SOMEBODY), 4),
        ((GROUP, UNNAMED), 4),
        ((MASK, UNNAMED), 5),
        ((OTHER, UNNAMED), 0),
    ]


def test_doing_it_again_changes_nothing(tmp_path, programs, lists):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server_user.let_in(SERVER, home / "data", programs)
    once = dict(lists)
    server_user.let_in(SERVER, home / "data", programs)
    assert lists == once


def test_without_access_control_lists_others_may_pass_through_and_it_is_said(
    tmp_path, programs, monkeypatch, caplog
):
    def unsupported(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(os, "getxattr", unsupported, raising=False)
    monkeypatch.setattr(os, "setxattr", unsupported, raising=False)
    tmp_path.chmod(0o711)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server_user.let_in(SERVER, home / "data", programs)
    assert stat.S_IMODE(home.stat().st_mode) == 0o701
    assert f"{home}: others may now pass through" in caplog.text


def test_programs_installed_under_a_strict_umask_can_be_run(tmp_path, programs, lists):
    wheel = tmp_path / "wheel"
    library = tmp_path / "wheel.libs/libpq.so"
    library.parent.mkdir(mode=0o700)
    library.touch(mode=0o600)
    (programs / "postgres").chmod(0o700)
    server_user.let_in(SERVER, tmp_path / "data", programs)
    assert stat.S_IMODE((programs / "postgres").stat().st_mode) == 0o755
    assert stat.S_IMODE(library.stat().st_mode) == 0o644
    assert stat.S_IMODE(library.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE((wheel / "pginstall18").stat().st_mode) & 0o055 == 0o055


def test_a_user_that_cannot_be_made_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setattr(server_user, "NAME", "tandem no such user")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(server_user.ImproperlyConfigured, match="as a user other than root"):
        server_user.get()
