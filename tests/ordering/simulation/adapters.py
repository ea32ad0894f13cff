"""What a browser's requests go to in place of a network."""

from urllib.parse import urlsplit

import requests
from django.test import Client
from requests.adapters import BaseAdapter


class InProcess(BaseAdapter):
    """Hands requests to Django's test client, which keeps the cookies."""

    def __init__(self):
        super().__init__()
        self.client = Client(enforce_csrf_checks=True)

    def send(self, request, **options):
        url = urlsplit(request.url)
        headers = {
            name: value for name, value in request.headers.items() if name != "Accept-Encoding"
        }
        answer = self.client.generic(
            request.method,
            url.path,
            request.body or "",
            content_type=headers.pop("Content-Type", ""),
            query_string=url.query,
            headers=headers,
        )
        response = requests.Response()
        response.status_code, response._content = answer.status_code, answer.content
        response.headers.update(answer.items())
        response.url, response.request, response.encoding = request.url, request, "utf-8"
        return response


class Script(BaseAdapter):
    """Answers in turn: (status, text) or (status, text, Location), or an exception. Keeps what was
    asked."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)
        self.asked = []

    def send(self, request, **options):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, response._content, *location = answer
        if location:
            [response.headers["Location"]] = location
        response.url, response.request, response.encoding = request.url, request, "utf-8"
        return response
