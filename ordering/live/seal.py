"""The id of a stream, by which its page gives signs of life, to whichever process.

It is sealed to the session that opened it: nobody else can sign for it, nor make ids up, and no
process has to ask another or the database whether one is good.
"""

import secrets
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

RANDOM, SEAL = 8, 8  # bytes


def sealed_id(session_key: str) -> UUID:
    drawn = secrets.token_bytes(RANDOM)
    return UUID(bytes=drawn + _seal(drawn, session_key))


def is_sealed(stream_id: UUID, session_key: str) -> bool:
    drawn, seal = stream_id.bytes[:RANDOM], stream_id.bytes[RANDOM:]
    return constant_time_compare(seal, _seal(drawn, session_key))


def _seal(drawn: bytes, session_key: str) -> bytes:
    made = salted_hmac("ordering.live.seal", drawn + session_key.encode(), algorithm="sha256")
    return made.digest()[:SEAL]
