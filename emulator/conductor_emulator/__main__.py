"""``python -m conductor_emulator`` is ``conductor-emulator``."""

from __future__ import annotations

import sys

from conductor_emulator.cli import main

sys.exit(main())
