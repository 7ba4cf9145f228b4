"""The operator's PIN: kept only as a salted scrypt hash, and slower to try the more often it was wrong."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

LEAST_DIGITS, MOST_DIGITS = 4, 12
FREE_TRIES = 3
"""So many wrong PINs cost no waiting."""
FIRST_DELAY_S, MOST_DELAY_S = 5.0, 900.0

_N, _R, _P = 1 << 14, 8, 1  # 16 MiB and about 50 ms: RFC 7914's values for interactive use
_KIND = "scrypt"
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries since the last right one, and from when on another is taken (seconds since 1970)."""

    failures: int = 0
    not_before: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds to wait. A clock that was set back never adds more than the delay itself."""
        return max(0.0, min(self.not_before - now, delay(self.failures)))


def is_usable(pin: str) -> bool:
    """Return whether `pin` has the digits that a PIN needs."""
    return LEAST_DIGITS <= len(pin) <= MOST_DIGITS and pin.isascii() and pin.isdecimal()


def sealed(pin: str) -> str:
    """Return what is kept of a PIN; takes about 50 ms."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{_KIND}${_N}${_R}${_P}${salt.hex()}${_hash(pin, salt, _N, _R, _P).hex()}"


def matches(pin: str, kept: str) -> bool:
    """Return whether `pin` is the one that `kept` was made of; takes about 50 ms. Nothing matches a damaged `kept`."""
    try:
        kind, n, r, p, salt, digest = kept.split("$")
        if kind != _KIND or (int(n), int(r), int(p)) != (_N, _R, _P):
            return False
        return hmac.compare_digest(_hash(pin, bytes.fromhex(salt), _N, _R, _P), bytes.fromhex(digest))
    except ValueError:
        return False


def delay(failures: int) -> float:
    """Return the seconds that must pass after so many wrong tries."""
    over = failures - FREE_TRIES
    return 0.0 if over < 0 else min(FIRST_DELAY_S * 2.0 ** min(over, 32), MOST_DELAY_S)


def after_failure(tries: Tries, now: float) -> Tries:
    """Return the tries after one more wrong PIN at `now` (seconds since 1970)."""
    failures = tries.failures + 1
    return Tries(failures, now + delay(failures))


def _hash(pin: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(pin.encode("utf-8"), salt=salt, n=n, r=r, p=p)
