"""A client that is told what to do, step by step, and judged by the checks.

    stage = Stage(faults=[{"fault": "connection-close", "commit": True, "nth": [1]}])
    stage.order()                       # its answer is lost
    stage.wait(2_000)
    job = stage.order()                 # the same again
    stage.until_done(job)
    assert stage.names() == {"double-spend"}

The emulator is in this process and its clock stands still but for `wait`: so a test says exactly
when what happens, and no second is spent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import msgspec

from mockleo import contracts
from mockleo.app import App
from mockleo.conformance.door import Answer, NoAnswer, Request
from mockleo.conformance.doors.in_process import InProcess
from mockleo.control.record import run_of
from mockleo.harness import run, scenario
from mockleo.harness.checks import judge
from mockleo.record.lines import lines
from mockleo.settings import Settings

if TYPE_CHECKING:
    from mockleo.harness.verdict import Finding, Verdict

KEY = "6f1c2b7e-4a53-4d0e-9b38-0c7a5e2d9f41"
API = "http://127.0.0.1:5360/api/rest/v1"


def images_take(ms: int) -> dict[str, Any]:
    """The rules by which every image takes so long."""
    families = contracts.rules()["durations"]["image_by_family"]["values"]
    return {f"durations.image_by_family.{family}": ms for family in families}


CAT: dict[str, Any] = {"prompt": "a cat", "num_images": 1}


class Stage:
    """One run. `table` is the scenario's, but for title, story and task; `rules`, `faults`,
    `settings` are the emulator's. `client` says what is known of the client beside its calls.
    """

    def __init__(
        self,
        *,
        faults: list[dict[str, Any]] | None = None,
        rules: dict[str, Any] | None = None,
        expect: dict[str, Any] | None = None,
        thresholds: dict[str, dict[str, float]] | None = None,
        key: str = KEY,
        **settings: Any,
    ) -> None:
        self.key = key
        self.scenario = scenario.of(
            {
                "title": "a stage",
                "story": "What a test makes of it.",
                "client": {"task": "test", "exit": "any", **(expect or {})},
                "faults": faults or [],
                "checks": {"thresholds": thresholds or {}},
            },
            name="stage",
        )
        made = Settings(
            seed=1,
            time="manual",
            faults=tuple(faults or ()),
            rules={"durations.spread": "0", **{k: str(v) for k, v in (rules or {}).items()}},
            **settings,
        )
        self.app = App.of(made)
        self.door = InProcess(self.app, base_url=API, api_key=key, move=self._move, running=self.app.running)
        self.began_ms = self.app.clock.now_ms()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.door.close()

    async def _move(self, ms: int) -> None:
        await self.app.scheduler.move_to(self.app.clock.now_ms() + ms)

    # --- what a client does -------------------------------------------------------------------

    def send(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        key: str | None = None,
    ) -> Answer | None:
        """One call; None where no answer came. `url` is absolute, or a path of the API. `body` is
        JSON, or bytes as they are. `key=""` shows none.
        """
        shown = self.key if key is None else key
        told = {"host": "127.0.0.1:5360", **({"authorization": f"Bearer {shown}"} if shown else {})}
        if body is not None and not isinstance(body, bytes):
            body, told["content-type"] = json.dumps(body).encode(), "application/json"
        told |= headers or {}
        try:
            return self.door.send(
                Request(
                    method=method,
                    url=url if "://" in url else API + url,
                    headers=tuple(told.items()),
                    body=body or b"",
                )
            )
        except NoAnswer:
            return None

    def order(self, body: Any = None, path: str = "/generations", **more: Any) -> str:
        """Order a job; its id, "" where the client was not told."""
        answer = self.send("POST", path, CAT if body is None else body, **more)
        if answer is None or answer.status != 200:
            return ""
        told = json.loads(answer.body)
        return next(
            (
                value
                for value in next(iter(told.values())).values()
                if isinstance(value, str) and len(value) == 36
            ),
            "",
        )

    def poll(self, job_id: str) -> str:
        """Look at a generation; its status, or what came instead."""
        answer = self.send("GET", f"/generations/{job_id}")
        if answer is None:
            return "lost"
        try:
            shown = json.loads(answer.body)["generations_by_pk"]
        except (ValueError, KeyError, TypeError):
            return str(answer.status)
        return "null" if shown is None else str(shown["status"])

    def until_done(self, job_id: str, *, first_ms: int = 3_000, most: int = 30) -> str:
        """Poll as a careful client does: ever slower, never the same twice."""
        wait_ms = first_ms
        for nth in range(most):
            self.wait(wait_ms + 137 * nth % 500)
            status = self.poll(job_id)
            if status in {"COMPLETE", "FAILED"}:
                return status
            wait_ms = min(15_000, wait_ms * 3 // 2)
        return "given up"

    def collect(self, job_id: str, *, first_ms: int = 3_000) -> list[Answer | None]:
        """Wait for a job and fetch its assets, as a careful client does."""
        assert self.until_done(job_id, first_ms=first_ms) == "COMPLETE"
        shown = json.loads(self.get(f"/generations/{job_id}").body)["generations_by_pk"]
        return [self.send("GET", image["url"], key="") for image in shown["generated_images"]]

    def get(self, path: str) -> Answer:
        answer = self.send("GET", path)
        assert answer is not None, path
        return answer

    def wait(self, ms: int) -> None:
        self.door.wait(ms)

    # --- what comes of it ---------------------------------------------------------------------

    def run(self, **client: Any) -> run.Run:
        """The run so far, as it would be saved and read again."""
        known = run.ClientRun(
            **{
                "command": ("client",),
                "started_ms": self.began_ms,
                "ended_ms": self.app.clock.now_ms(),
                "exit_code": 0,
                **client,
            }
        )
        graded = run.Graded(scenario=self.scenario, client=known)
        told = list(lines(run_of(self.app), copy=self.app.redactor.copy))
        return run.read(b"".join(run.write(graded, told)).splitlines(keepends=True))

    def verdict(self, **client: Any) -> Verdict:
        return judge(self.run(**client))

    def findings(self, check: str, **client: Any) -> list[Finding]:
        """What one check has found."""
        return [found for found in self.verdict(**client).findings if found.check == check]

    def names(self, **client: Any) -> set[str]:
        """The checks that have spoken."""
        return {found.check for found in self.verdict(**client).findings}


def without_notes(verdict: Verdict) -> Verdict:
    """The verdict but for its notes."""
    return msgspec.structs.replace(
        verdict, findings=tuple(each for each in verdict.findings if each.severity.value != "note")
    )
