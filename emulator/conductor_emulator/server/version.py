"""Which server the emulator is like."""

from __future__ import annotations

from typing import Final

#: The version of Conductor OSS whose answers are copied.
VERSION: Final = "3.32.3"
