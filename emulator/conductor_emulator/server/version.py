"""Which server the emulator is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conductor_emulator.engine.flavors import FlavorName

#: The version of Conductor OSS whose answers are copied; of Orkes Conductor the one that clients ask for before they
#: call what only that has: they compare major and minor.
VERSIONS: Final[dict[FlavorName, str]] = {"oss": "3.32.3", "orkes": "5.2.0"}
