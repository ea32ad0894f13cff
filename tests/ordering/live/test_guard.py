"""What Django's middleware would see to: hosts, https, strangers, and who signs for a stream."""

import uuid

import pytest

from ordering.api.models import ApiToken
from ordering.live import guard
from ordering.live.door import TurnedAway
from ordering.live.seal import is_sealed, sealed_id
from ordering.models import Presence

PLACE = b"place=details"


@pytest.fixture(autouse=True)
def _counted_anew():
    guard._limiter.storage.reset()
    yield
    guard._limiter.storage.reset()  # others come from the same address


@pytest.fixture
def answered(house):
    """The answer to one request, or to the last of several."""

    def answered(path, times=1, **asked):
        async def story(house):
            for _ in range(times):
                visit = await house.visit(path, **asked).ends()
            return visit

        return house(story)

    return answered


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "127.0.0.1.evil.example", "a b", "127.0.0.1/x", "\xff"]
)
@pytest.mark.parametrize("path", ["/live/", f"/live/{uuid.UUID(int=1)}/"])
def test_a_host_of_somebody_else_is_refused_before_anything_is_looked_up(host, path, answered):
    visit = answered(path, host=host, cookies="sessionid=abc")
    assert visit.status == 400
    assert visit.text == "Expected the header Host with a host of this shop."


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "LOCALHOST", "[::1]:8000"])
def test_our_own_hosts_are_served(host, answered):
    assert answered("/live/", host=host).status == 401


def test_every_answer_makes_browsers_careful(answered, order_id):
    for path in ("/live/", f"/orders/{order_id}/live/", f"/api/v1/orders/{order_id}/live"):
        headers = answered(path).headers
        assert headers[b"x-content-type-options"] == b"nosniff"
        assert headers[b"referrer-policy"] == b"same-origin"
        for directive in (b"default-src 'none'", b"base-uri 'none'", b"frame-ancestors 'none'"):
            assert directive in headers[b"content-security-policy"]
        assert b"strict-transport-security" not in headers


def test_so_does_a_stream(house, alice, session):
    async def story(house):
        return await (await house.opens("/live/", cookies)).leaves()

    cookies = session(alice)
    headers = house(story).headers
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"default-src 'none'" in headers[b"content-security-policy"]


def test_by_https_they_are_told_to_come_back_so(answered, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 60, True
    told = answered("/live/", scheme="https").headers
    assert told[b"strict-transport-security"] == b"max-age=60; includeSubDomains"


def test_a_program_that_forgot_the_s_is_told_and_its_token_not_looked_at(
    answered, order_id, alice, settings
):
    settings.SECURE_SSL_REDIRECT = True
    visit = answered(f"/api/v1/orders/{order_id}/live")
    assert visit.status == 403
    assert "Expected https, found http." in visit.text
    assert ApiToken.objects.count() == 0
    assert answered(f"/api/v1/orders/{order_id}/live", scheme="https").status == 401


@pytest.mark.parametrize(
    ("proxies", "scheme", "said", "secure"),
    [
        (0, "http", b"https", False),
        (0, "https", b"http", True),
        (1, "http", b"https", True),
        (1, "https", b"http", False),
        (1, "http", b"https, http", True),
        (1, "https", None, True),
        (1, "http", None, False),
    ],
)
def test_only_a_proxy_of_ours_says_that_it_was_https(proxies, scheme, said, secure, settings):
    """As Django has it for pages, see tests/shop/test_https.py."""
    settings.PROXIES = proxies
    headers = [] if said is None else [(b"x-forwarded-proto", said)]
    assert guard.is_secure({"scheme": scheme, "headers": headers}) is secure


class TestASignOfLife:
    def test_is_the_sessions_alone_that_opened_the_stream(self, answered):
        mine = sealed_id("mine")
        for cookies in ("", "sessionid=", "sessionid=other", "theme=mine"):
            visit = answered(f"/live/{mine}/", method="POST", body=PLACE, cookies=cookies)
            assert visit.status == 404, cookies
        visit = answered(f"/live/{mine}/", method="POST", body=PLACE, cookies="sessionid=mine")
        assert visit.status == 204

    def test_of_an_id_that_somebody_made_up_takes_no_place_among_the_others(self, house):
        async def story(house):
            for _ in range(50):
                path = f"/live/{uuid.uuid4()}/"
                asked = {"method": "POST", "body": PLACE, "cookies": "sessionid=mine"}
                assert (await house.visit(path, **asked).ends()).status == 404
            return dict(house.live.hub._signs)

        assert house(story) == {}
        assert not Presence.objects.exists()

    def test_is_counted(self, answered):
        mine = f"/live/{sealed_id('mine')}/"
        asked = {"method": "POST", "body": PLACE, "cookies": "sessionid=mine"}
        assert answered(mine, times=guard.SIGNS.amount, **asked).status == 204
        assert answered(mine, **asked).status == 429
        assert answered(f"/live/{sealed_id('mine')}/", **asked).status == 204

    def test_another_secret_seals_otherwise(self, settings):
        sealed = sealed_id("mine")
        assert is_sealed(sealed, "mine")
        settings.SECRET_KEY = "another"
        assert not is_sealed(sealed, "mine")

    def test_two_streams_of_a_session_have_two_ids(self):
        assert sealed_id("mine") != sealed_id("mine")


class TestStrangers:
    def test_are_not_looked_up_for_ever(self, answered, monkeypatch):
        monkeypatch.setattr("ordering.live.app.admit", counted := Counted())
        visit = answered("/live/", times=guard.STRANGERS.amount + 5, cookies="sessionid=guess")
        assert (visit.status, visit.headers[b"retry-after"]) == (429, b"60")
        assert counted.times == guard.STRANGERS.amount

    def test_of_another_address_are(self, answered, monkeypatch):
        monkeypatch.setattr("ordering.live.app.admit", Counted())
        answered("/live/", times=guard.STRANGERS.amount + 1)
        assert answered("/live/", address="198.51.100.7").status == 401

    def test_who_guess_tokens_are_the_same(self, answered, order_id, monkeypatch):
        monkeypatch.setattr("ordering.live.app.admit", Counted())
        answered("/live/", times=guard.STRANGERS.amount)
        visit = answered(f"/api/v1/orders/{order_id}/live")
        assert visit.status == 429
        assert visit.headers[b"retry-after"] == b"60"


class Counted:
    """A door that lets nobody in, and counts."""

    times = 0

    def __call__(self, *_):
        self.times += 1
        raise TurnedAway(401)
