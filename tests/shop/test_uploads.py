"""Files that somebody sends: none is taken."""

import pytest
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

LARGE = 3 * 1024 * 1024  # bytes: beyond 2.5 MB Django writes a file to the disk


@pytest.mark.parametrize("size", [1, LARGE])
@pytest.mark.parametrize("path", ["/login/", "/orders/", "/admin/login/"])
def test_a_file_is_refused_before_it_is_kept(path, size, alice, monkeypatch):
    kept = []
    for kind in ("TemporaryUploadedFile", "InMemoryUploadedFile"):
        monkeypatch.setattr(uploadhandler, kind, lambda *a, **k: kept.append(a))
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)
    answer = page.post(path, {"username": "alice", "file": SimpleUploadedFile("x", b"x" * size)})
    assert answer.status_code == 400
    assert kept == []


def test_nor_does_the_api_take_one(alice):
    page = Client()
    page.force_login(alice)
    answer = page.post("/api/v1/orders", {"file": SimpleUploadedFile("x", b"x")})
    assert answer.status_code in (413, 415)
    assert answer["Content-Type"] == "application/problem+json"
