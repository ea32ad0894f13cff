"""The folder that stands for a mail server on one's own machine."""

import email.policy
from email import message_from_bytes

import pytest
from django.core.mail import EmailMessage, mailers

from shop import mailer


@pytest.fixture
def folder(settings, tmp_path):
    settings.MAILERS = {"default": mailer.into(tmp_path / "mail")}
    return tmp_path / "mail"


def message(body="Hello", **headers):
    return EmailMessage("Café", body, to=["alice@hc.example"], headers=headers)


def send(*messages):
    return mailers["default"].send_messages(list(messages))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_message_is_a_file_named_by_its_key(folder):
    sent = send(message(**{"X-Tandem-Key": "a-1"}), message(**{"X-Tandem-Key": "a-2"}))

    assert sent == 2
    assert names(folder) == ["a-1.eml", "a-2.eml"]
    written = (folder / "a-1.eml").read_bytes()
    read = message_from_bytes(written, policy=email.policy.default)
    assert (read["Subject"], read["To"]) == ("Café", "alice@hc.example")
    assert read.get_content() == "Hello\n"


def test_the_same_key_again_is_the_same_file_with_the_last_content(folder):
    send(message("One", **{"X-Tandem-Key": "a-1"}))
    send(message("Two", **{"X-Tandem-Key": "a-1"}))

    assert names(folder) == ["a-1.eml"]
    assert b"Two" in (folder / "a-1.eml").read_bytes()


def test_one_without_a_key_is_known_by_its_message_id(folder):
    send(message(**{"Message-ID": "<one@hc.example>"}), message())

    assert "one@hc.example.eml" in names(folder)
    assert len(names(folder)) == 2


@pytest.mark.parametrize("key", ["../../out", "/etc/passwd", ".hidden", "a/b", "x" * 400])
def test_no_key_leads_out_of_the_folder(key, folder):
    send(message(**{"X-Tandem-Key": key}))

    [name] = names(folder)
    assert name.endswith(".eml")
    assert not name.startswith(".")
    assert list(folder.parent.iterdir()) == [folder]


def test_it_can_be_read_as_it_is(folder):
    send(message("Crème brûlée, " * 20, **{"X-Tandem-Key": "a-1"}))

    assert "Crème brûlée, Crème" in (folder / "a-1.eml").read_text()


def test_a_message_that_cannot_be_written_whole_is_not_there(folder, monkeypatch):
    def full(self, content):
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError("No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)

    with pytest.raises(OSError, match="No space left"):
        send(message(**{"X-Tandem-Key": "a-1"}))
    assert names(folder) == []
