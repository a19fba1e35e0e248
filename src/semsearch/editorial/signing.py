"""Signatures of webhooks after Standard Webhooks (standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from semsearch.errors import InputError

PREFIX = "whsec_"
MIN_BYTES, MAX_BYTES = 24, 64


def key_of(secret: str) -> bytes:
    """The key of a secret, which is ``whsec_`` and 24 to 64 bytes in base64; raises InputError.

    The error never shows the secret.
    """
    try:
        if not secret.startswith(PREFIX):
            raise ValueError
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not MIN_BYTES <= len(key) <= MAX_BYTES:
        raise InputError(
            f"webhook.secret has {len(secret)} characters and is no usable one; give {PREFIX} and "
            f"{MIN_BYTES} to {MAX_BYTES} random bytes in base64, such as {new_secret()}"
        )
    return key


def new_secret() -> str:
    """A fresh random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``message.timestamp.body``."""
    signed = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()


def headers(secret: str, message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of a message; without a secret it is not signed."""
    made = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
    }
    return {**made, "webhook-signature": signature(secret, message, timestamp, body)} if secret else made
