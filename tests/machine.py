"""What a test does when this machine lacks a tool."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def require(marker: str, reason: str) -> NoReturn:
    """Skip for want of a tool, or fail where the tool can be had (MUST_RUN names its marker)."""
    if marker in os.environ.get("MUST_RUN", "").split(","):
        pytest.fail(f"{reason}, although it can be had here")
    pytest.skip(reason)
