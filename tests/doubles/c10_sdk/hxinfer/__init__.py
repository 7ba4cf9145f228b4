"""Double of the vendor's inference module."""

from __future__ import annotations

import sys

from hx_double import SIMULATED, ContractError

from hxinfer.engine import HxInfer

__version__ = SIMULATED
__all__ = ["ContractError", "HxInfer"]

print(f"hxinfer: {SIMULATED}")  # noqa: T201 -- as the SDK's native code does, to show that it doesn't reach the protocol
sys.stdout.flush()
