"""Runs that never were, for the reports."""

from mockleo.conformance.parts import Plan
from mockleo.conformance.report import document
from mockleo.conformance.report.document import Report
from mockleo.conformance.suite import Outcome, Stretch
from mockleo.conformance.tally import Doubt, Finding, Omission, Tally

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"

# What a hostile answer may hold: markup, what ends a CDATA section, a terminal's commands, text that
# runs backwards, halves of characters, and what XML cannot hold at all.
HOSTILE = "<script>alert('x')</script> & \"q\" ]]> \x1b[2J\x00\x07 \u202egnp \ud800 \ufffe\uffff \u2028 \x9b"


def keep(text: str) -> str:
    """Takes nothing out."""
    return text


def a_finding(message: str = "the answer has no id", **more: object) -> Finding:
    fields: dict[str, object] = {
        "part": "schema",
        "check": "body-conforms",
        "operation": "createGeneration",
        "expected": "generationId is required (documented)",
        "fix": "Look at what the order answers.",
        "curl": "curl -sS -i http://127.0.0.1:5360/api/rest/v1/generations",
        "seen": '200 {"sdGenerationJob":{}}',
    }
    return Finding(**{**fields, "message": message, **more})  # type: ignore[arg-type]  # of its own fields


def a_tally() -> Tally:
    """Something of everything, put in without order."""
    tally = Tally()
    tally.checked("lifecycle", "deleted-stays-gone", "getGenerationById", times=40)
    tally.checked("schema", "status-listed", "getUserSelf", times=7)
    tally.checked("schema", "body-conforms", "createGeneration", times=12)
    tally.cases.update({"schema": 19, "lifecycle": 5})
    tally.statuses.update(
        {("getUserSelf", 200): 7, ("createGeneration", 400): 3, ("createGeneration", 200): 9, ("", 204): 2}
    )
    tally.found(a_finding("zebras are late", part="lifecycle", check="order-kept", operation=""))
    for _ in range(3):
        tally.found(a_finding())
    tally.found(
        a_finding("it moved backwards", part="lifecycle", check="forward", steps=("curl one", "curl two"))
    )
    tally.doubt(Doubt(part="webhooks", check="payload", why="no receiver was given: --receiver URL"))
    tally.omit(Omission(part="lifecycle", what="orders", why="they cost credits; say --spend"))
    tally.notes["dollars"] = {"spent": 1.25, "budget": 5}
    tally.notes["coverage"] = {
        "parameters": {"hit": 9, "total": 10, "percent": 90.0, "missed": ["createGeneration: body"]},
        "operations": {"hit": 58, "total": 58, "percent": 100.0, "missed": []},
    }
    return tally


def an_outcome(tally: Tally, *, broken: str = "") -> Outcome:
    schema = Stretch(part="schema", about="generated calls", state="made", elapsed_ms=2_500)
    if broken:
        schema = Stretch(part="schema", about="generated calls", state="broken", error=broken, trace="line 1")
    return Outcome(
        target="a server of the tests",
        plan=Plan(seed=7, examples=5),
        began_at="2026-01-31T12:00:00",
        stretches=(
            schema,
            Stretch(part="lifecycle", about="a client's life", state="made", elapsed_ms=900),
            Stretch(part="webhooks", about="what is sent", state="left out"),
        ),
        tally=tally,
    )


def a_report(tally: Tally | None = None, *, broken: str = "") -> Report:
    return document.of(an_outcome(a_tally() if tally is None else tally, broken=broken), clean=keep)
