"""How fast the real service is called: below its documented limits, whatever the suite would like.

Calls are spread evenly, so that it makes no difference how the service measures its minute. Jobs
hold a slot of their kind until an answer shows that they have ended, or until they have had their
time: the service lets the next ones wait in its queue then, which is short of its limit.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.doors.watch import Watch

# Of what the limits allow: others use the account's key, too.
_SHARE = 0.9
_MINUTE_S = 60.0
_ALL = "all"
# How long a job is thought to hold its slot if nobody asks what has become of it.
_JOB_S = 60.0

# operation -> the kind of slot its job holds
_SLOTS: Mapping[str, str] = {
    "createGeneration": "image",
    "createVariationUpscale": "upscale",
    "createVariationUnzoom": "upscale",
    "createVariationNoBG": "upscale",
    "CreateUniversalUpscalerJob": "upscale",
    "createTextToVideoGeneration": "video",
    "createImageToVideoGeneration": "video",
    "createSVDMotionGeneration": "video",
    "createVideoUpscale": "video",
    "createModel": "training",
    "createElement": "training",
    "createTextureGeneration": "three_d",
}


class Pace:
    """Lets calls wait for their turn. `plan` is a row of `plans` in rules.toml: `per_minute`, `slots`.

    Safe to be used by several threads at once.
    """

    def __init__(self, plan: Mapping[str, Any], watch: Watch) -> None:
        per_minute: Mapping[str, int] = plan["per_minute"]
        self._between_s = {name: _MINUTE_S / (most * _SHARE) for name, most in per_minute.items()}
        # Those that are not listed are not known to be freer.
        self._others_s = max(self._between_s.values())
        self._next_s: dict[str, float] = {}
        self._slots: Mapping[str, int] = plan["slots"]
        # kind -> when each job will have had its time; by a number, or by the job's id once it is known
        self._held: dict[str, dict[int | str, float]] = {kind: {} for kind in self._slots}
        self._numbers = 0
        self._watch = watch
        self._lock = Lock()

    def wait_to_read(self) -> None:
        """Wait until a call that only reads may be made."""
        self._wait({_ALL: self._between_s[_ALL]})

    def wait_to_change(self, operation: str) -> int | None:
        """Wait until a call of `operation` may be made. The number of the slot that it holds, if any."""
        held = self._take(operation)
        each_s = self._between_s.get(operation, self._others_s)
        self._wait({_ALL: self._between_s[_ALL], operation: each_s})
        return held

    def began(self, operation: str, number: int | None, job_id: str | None) -> None:
        """The call has made the job `job_id`; None where it has made none, and the slot is free."""
        kind = _SLOTS.get(operation)
        if kind is None or number is None:
            return
        with self._lock:
            until_s = self._held[kind].pop(number, None)
            if until_s is not None and job_id is not None:
                self._held[kind][job_id] = until_s

    def ended(self, job_id: str) -> None:
        """An answer has shown that the job is at its end."""
        with self._lock:
            for held in self._held.values():
                held.pop(job_id, None)

    def _take(self, operation: str) -> int | None:
        kind = _SLOTS.get(operation)
        if kind is None:
            return None
        while True:
            with self._lock:
                now_s = self._watch.now_s()
                held = self._held[kind]
                for name in [name for name, until_s in held.items() if until_s <= now_s]:
                    del held[name]
                if len(held) < self._slots[kind]:
                    self._numbers += 1
                    held[self._numbers] = now_s + _JOB_S
                    return self._numbers
                wait_s = min(held.values()) - now_s
            # Jobs end meanwhile, too, as somebody else is told.
            self._watch.sleep_s(min(wait_s, 1.0))

    def _wait(self, lanes: Mapping[str, float]) -> None:
        with self._lock:
            now_s = self._watch.now_s()
            turn_s = max([now_s, *(self._next_s.get(lane, now_s) for lane in lanes)])
            for lane, between_s in lanes.items():
                self._next_s[lane] = turn_s + between_s
        if turn_s > now_s:
            self._watch.sleep_s(turn_s - now_s)
