"""mockleo: a stateful emulator of Leonardo.Ai's generation API, on your own machine.

import mockleo

with mockleo.Emulator(seed=7, time="instant") as emulator:
    ...  # emulator.base_url, emulator.api_key
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockleo.emulator import Emulator

__version__ = "0.2.0"
__all__ = ["Emulator", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported where it is used, so that the command line starts fast.
    if name == "Emulator":
        from mockleo.emulator import Emulator

        return Emulator
    raise AttributeError(f"module 'mockleo' has no attribute {name!r}")
