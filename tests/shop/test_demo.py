"""`manage.py demo` in a clone: opened, used, and closed in all the ways there are."""

import http.client
import re
import signal
import socket

import pytest
from django.core.management import CommandError, call_command

from eventstore.checkpoints import LogRewound
from eventstore.models import Checkpoint
from eventstore.runner import Runner
from shop.management.commands.demo import following_the_log
from tests.shop.processes import demo, processes_of, wait_until


def healthy(port: int) -> http.client.HTTPConnection:
    """A connection over which the shop said that it is well; it stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b'{"status": "ok"}')
    return connection


def is_closed_by(number, run, clone):
    assert run.signalled(number) == 0
    assert processes_of(clone) == []
    assert run.output.endswith("\nClosed.\n")
    assert "Traceback" not in run.output


def test_the_first_run_makes_the_data_and_says_who_can_log_in(opened_once):
    words = opened_once.first_words
    assert "14 made, 0 kept" in words
    assert 'password "demo"' in words
    for line in ("alice    Harbour Café", "bob      Harbour Café", "charlie  Northgate Bakery"):
        assert line in words
    assert "Warning" not in words


def test_the_next_run_keeps_the_data_follows_the_log_and_is_closed_by_ctrl_c(clone):
    mails = clone / ".data" / "mail"
    with demo(clone, port=0) as run:
        connection = healthy(run.is_open())
        assert "0 made, 14 kept" in run.output
        assert f"E-mails about completed orders go as files to {mails}/\n" in run.output
        # Others may have completed orders in this clone before.
        wait_until(lambda: len(list(mails.glob("*.eml"))) >= 7)
        is_closed_by(signal.SIGINT, run, clone)
        connection.close()
    written = next(mails.glob("*.eml")).read_text()
    assert "\nhttp://127.0.0.1:" in written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_close_it_too_though_connections_are_open(clone, number):
    with demo(clone, port=0) as run:
        connection = healthy(run.is_open())
        is_closed_by(number, run, clone)
        connection.close()


def test_a_form_that_never_arrives_does_not_keep_it_open(clone):
    head = (
        "POST /login/ HTTP/1.1",
        "Host: localhost",
        f"Cookie: csrftoken={'c' * 32}",  # else it is refused before the rest is waited for
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 99",
    )
    with demo(clone, port=0) as run:
        port = run.is_open()
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall("\r\n".join([*head, "", "csrf"]).encode())
            healthy(port).close()
            assert run.signalled(signal.SIGINT) == 0
            assert b"500" in slow.recv(1000)  # cut off: it was still being waited for
        assert "Traceback" not in run.output
    assert processes_of(clone) == []


def test_a_signal_while_it_prepares_closes_it_too(clone):
    with demo(clone, port=0) as run:
        run.says("Database:")
        assert run.signalled(signal.SIGINT) == 0
        assert processes_of(clone) == []
        assert "Traceback" not in run.output


def test_a_killed_demo_leaves_nothing_and_opens_again(clone):
    with demo(clone, port=0) as run:
        run.is_open()
        run.signalled(signal.SIGKILL)
    wait_until(lambda: not processes_of(clone))
    with demo(clone, port=0) as run:
        healthy(run.is_open()).close()
        assert run.signalled(signal.SIGINT) == 0


def test_a_taken_port_is_named_with_the_way_out(clone, taken_port):
    with demo(clone, taken_port) as run:
        assert run.ends() == 1
        assert run.output == (
            f"CommandError: Port {taken_port} on 127.0.0.1 cannot be used: taken by another "
            f"program. Choose another: make demo PORT={taken_port + 1}\n"
        )


@pytest.mark.parametrize("sent", ["http", "", "-1", "65536", "8000.5"])
def test_what_is_no_port_is_refused(sent):
    message = f"expected a number from 0 to 65535, got {re.escape(repr(sent))}"
    with pytest.raises(CommandError, match=message):
        call_command("demo", f"--port={sent}")


def test_an_unreachable_database_is_named_without_its_password(clone, silent_port):
    url = f"postgresql://tandem:s3cret@127.0.0.1:{silent_port}/shop"
    with demo(clone, port=0, DATABASE_URL=url, LOCAL="1") as run:
        assert run.ends() == 1
        message = f"CommandError: The database shop at 127.0.0.1:{silent_port} cannot be used:"
        assert run.output.startswith(message)
        assert "DATABASE_URL" in run.output
        assert "s3cret" not in run.output
        assert "Traceback" not in run.output


@pytest.mark.parametrize("url", ["mysql://root:s3cret@127.0.0.1/shop", "postgresql://h/", "shop"])
def test_a_url_of_something_else_is_refused(clone, url):
    with demo(clone, port=0, DATABASE_URL=url, LOCAL="1") as run:
        assert run.ends() == 1
        scheme = url.partition(":")[0]
        assert run.output == (
            "DATABASE_URL: expected postgresql://USER:PASSWORD@HOST:PORT/NAME, found one that "
            f"begins with {scheme!r}.\n"
        )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"EMAIL_URL": "http://user:s3cret@mail.example"},
            "EMAIL_URL: expected smtp+tls://USER:PASSWORD@HOST:PORT, found one that begins with "
            "'http'.\n",
        ),
        ({"SITE_URL": "shop.example"}, "SITE_URL: expected https://HOST, found 'shop.example'.\n"),
    ],
)
def test_settings_that_e_mails_could_not_be_sent_with_are_refused(clone, setting, message):
    with demo(clone, port=0, **setting) as run:
        assert run.ends() == 1
        assert run.output == message


def test_a_log_that_was_put_back_stops_the_projections_and_not_the_shop(monkeypatch, caplog):
    def rewound(runner):
        raise LogRewound(Checkpoint(name="favourites"), "a", "b")

    monkeypatch.setattr(Runner, "run", rewound)
    with following_the_log():
        pass

    assert "Projections and e-mails stand still: favourites" in caplog.text


def test_a_reachable_shop_must_have_a_secret(clone):
    url = "postgresql://tandem@127.0.0.1/shop"
    with demo(clone, port=0, DATABASE_URL=url) as run:
        assert run.ends() == 1
        assert run.output.startswith("SECRET_KEY is not set.")
        assert run.output.count("\n") == 1
