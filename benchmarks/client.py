"""A browser's or a program's requests over one connection that is kept, at as little cost to the
machine as Python allows: what is measured is the server."""

import socket
from urllib.parse import urlsplit


class Client:
    """`headers` go with each request."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        place = urlsplit(address)
        self._place = place.hostname, place.port
        self._headers = {"Host": place.netloc} | headers
        self._socket = self._connected()

    def again(self) -> None:
        """Connect anew: the server hangs up on who has been silent for some seconds."""
        self._socket.close()
        self._socket = self._connected()

    def _connected(self) -> socket.socket:
        connected = socket.create_connection(self._place)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def request(self, method: str, path: str, body: bytes = b"", **more: str) -> bytes:
        """The request as it goes over the wire. Underscores in names stand for hyphens."""
        headers = self._headers | {name.replace("_", "-"): value for name, value in more.items()}
        if body:
            headers["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def get(self, path: str, **more: str) -> bytes:
        return self.answer(self.request("GET", path, **more))

    def answer(self, request: bytes) -> bytes:
        """The answer, head and body. Raises SystemExit for any status but 200: what a refusal
        costs is not what is measured."""
        self._socket.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head = received[:end].lower()
        if not received.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"expected status 200, found: {received[:300]!r}")
        size = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(received) < size:
            received += self._receive()
        return received

    def _receive(self) -> bytes:
        received = self._socket.recv(262_144)
        if not received:
            raise SystemExit("expected an answer, found that the server hung up")
        return received
