"""What we know: writes docs/coverage.md from the contract, so that it cannot say anything else.

python -m mockleo.conformance.page
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mockleo import contracts
from mockleo.conformance import checks, covered, known
from mockleo.conformance.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mockleo.conformance.known import Guess, Known, Operation

COMMAND = "python -m mockleo.conformance.page"
PLACE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"

# A value is shown so far; the file has it whole.
_LONGEST = 150

_MEANS = {
    "documented": "the vendor says so",
    "observed": "seen in what real clients got, or in their code",
    "inferred": "follows from these, or from the engine the service is built on",
    "assumed": "nobody outside knows: a harmless guess, with a switch",
}
_KINDS = {
    "operations": "operations",
    "parts": "parameters and answers with a grade of their own",
    "rules": "numbers and choices (`rules.toml`)",
    "refusals": "refusals (`errors.toml`)",
    "behaviours": "behaviours (`behaviours.toml`)",
    "webhooks": "webhooks (`webhooks.asyncapi.json`)",
    "catalogue": "models, elements, styles, ... (`catalogue/`)",
}
# How guesses are grouped: by their kind, and by how their names begin. The first that fits.
_GROUPS = (
    ("How it says no", ("refusals",), ("",)),
    (
        "Webhooks",
        ("rules", "behaviours", "webhooks"),
        ("webhooks", "image_", "video_g", "post_", "Image2023"),
    ),
    ("What things cost", ("rules",), ("pricing.",)),
    ("How long jobs take, and what becomes of them", ("rules",), ("durations.", "jobs.")),
    ("Limits and plans", ("rules",), ("limits.", "plans.", "http.")),
    ("What is taken, and what comes of it", ("rules", "behaviours"), ("",)),
)

_INTRODUCTION = f"""# What we know, and what we guess

Can you trust what mockleo does for an operation? Look for it [below](#operation-by-operation): how sure
it is, what in it is guessed, and which checks of the contract suite look at it. Each guess is told with
[its switch](#what-is-guessed): what to start `mockleo serve` with to have it otherwise.

This page is made from [contracts/](../contracts/README.md) by `{COMMAND}`, and a test
keeps it true. No call was ever made to the real service; what the sources are called is told in
[contracts/README.md](../contracts/README.md#sources).
"""
_OF_ALL = """## Every operation

What holds for all of them, or for all that speak one dialect: `hasura`, or `blueprint`, which is that of
the blueprints.
"""
_OF_EACH = """## Operation by operation

Each with how sure we are that there is such an operation and that it works like this, and where that comes
from; what it does besides; the refusals that not every operation has; the operations that its answer leads
to; what is guessed in it beside what is guessed for all; and how many checks of each part of the contract
suite [look at it](#what-is-checked).
"""
_OF_GUESSES = """## What is guessed

Each with what happens by default, why it had to be guessed, and the flag of `mockleo serve` that changes
it: with another choice where there are choices, else with the value that it has, for you to change. What
stands behind `--rule` and `--refusal` can stand in the tables `rules` and `refusals` of `mockleo.toml`, too.
"""
_OF_THE_REST = """## Guessed, and no flag

What the contract suite puts aside before a call to the real service (`mockleo contract --real`); the
emulator reads none of it:
"""
_OF_THE_CATALOGUE = """In the catalogue, fields are made up where no source has them; the field `assumed` of
an entry names them:
"""
_OF_CHECKS = f"""## What is checked

By `mockleo contract`, part by part: what was looked at in each of three short runs against the emulator,
so that no luck is in it; longer runs look at more. Noted in [checks.json](checks.json) by
`{covered.COMMAND}`.
"""


def main() -> None:
    """Write the page."""
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(written(), "utf-8")


def written() -> str:
    """The whole page, in Markdown."""
    found, made = known.read(), covered.read()
    sections = (
        (_INTRODUCTION, *_totals(found)),
        (_OF_ALL, *_all_operations(found)),
        (_OF_EACH, *_by_operation(found, Counter((each.operation, each.part) for each in made))),
        (_OF_GUESSES, *_guesses(found)),
        (_OF_THE_REST, *_rest(found)),
        (_OF_THE_CATALOGUE, *_made_up()),
        (_OF_CHECKS, *_checks(covered.by_check(made), every={each.id for each in found.operations})),
    )
    return "\n\n".join("\n".join(lines).rstrip() for lines in sections) + "\n"


def _totals(found: Known) -> Iterator[str]:
    yield f"| evidence | means | {' | '.join(_KINDS.values())} | in all |"
    yield f"| --- | --- |{' ---: |' * (len(_KINDS) + 1)}"
    counts = Counter((entry.evidence, entry.kind) for entry in found.entries)
    for grade, meaning in _MEANS.items():
        numbers = [counts[grade, kind] for kind in _KINDS]
        yield _row(grade, meaning, *map(str, numbers), str(sum(numbers)))
    columns = [sum(counts[grade, kind] for grade in _MEANS) for kind in _KINDS]
    yield _row("**in all**", "", *map(str, columns), str(sum(columns)))


# --- operations -----------------------------------------------------------------------------------


def _all_operations(found: Known) -> Iterator[str]:
    yield "| what | for | evidence | source |"
    yield "| --- | --- | --- | --- |"
    for entry in found.entries:
        if entry.kind == "behaviours" and known.is_general(entry.operations):
            yield _row(entry.row["does"], _for(entry.operations), entry.evidence, entry.source)
    yield ""
    yield "| refusal | status | for | evidence | source |"
    yield "| --- | --- | --- | --- | --- |"
    for entry in found.entries:
        if entry.kind == "refusals" and (known.is_general(entry.operations) or not entry.operations):
            told = _for(entry.operations) or "what is no operation"
            yield _row(f"`{entry.name}`", str(entry.row["status"]), told, entry.evidence, entry.source)

    for_all = [guess.name for guess in found.guesses if known.is_general(guess.operations)]
    yield ""
    yield f"Guessed for them all: {_code(for_all)}."


def _for(operations: Sequence[str]) -> str:
    return ", ".join("all" if each == known.ALL else f"all of `{each}`" for each in operations)


def _by_operation(found: Known, checks_of: Mapping[tuple[str, str], int]) -> Iterator[str]:
    by_tag = sorted(found.operations, key=lambda each: each.tag)
    for tag, group in groupby(by_tag, lambda each: each.tag):
        yield f"### {tag}"
        yield ""
        for operation in group:
            yield from _one(operation, found)
            counts = [
                f"{checks_of[operation.id, part]} of `{part}`"
                for part in PARTS
                if checks_of[operation.id, part]
            ]
            yield f"- checked by: {', '.join(counts)}"
            yield ""


def _one(operation: Operation, found: Known) -> Iterator[str]:
    yield f"**`{operation.method} {operation.path}`** `{operation.id}`: {operation.summary}"
    yield ""
    yield f"- {operation.evidence}: {', '.join(operation.sources)}{_less_sure(operation)}"
    for entry in found.entries:
        if entry.kind == "behaviours" and operation.id in entry.operations:
            yield f"- {entry.row['does']} ({entry.evidence})"
    if operation.refusals:
        yield f"- refuses with: {_code(operation.refusals)}"
    if operation.links:
        yield f"- leads to: {_code(operation.links)}"
    guessed = [
        guess.name
        for guess in found.guesses
        if operation.id in guess.operations and not known.is_of_the_suite(guess.name)
    ]
    yield f"- guessed: {_code(guessed) if guessed else 'nothing of its own'}"


def _less_sure(operation: Operation) -> str:
    """Which of its parameters have a lower grade than itself."""
    lower = [
        f"{_code(names)} {grade}" for grade, names in operation.graded.items() if grade != operation.evidence
    ]
    return f"; but {', '.join(lower)}" if lower else ""


# --- guesses --------------------------------------------------------------------------------------


def _guesses(found: Known) -> Iterator[str]:
    left = [guess for guess in found.guesses if guess.switch]
    for title, kinds, prefixes in _GROUPS:
        here = [guess for guess in left if guess.kind in kinds and guess.name.startswith(prefixes)]
        left = [guess for guess in left if guess not in here]
        yield f"### {title}"
        yield ""
        yield from _table(here)
        yield ""
    assert not left, "every guess has its group"


def _table(guesses: Iterable[Guess]) -> Iterator[str]:
    yield "| name | by default | why it is guessed | switch |"
    yield "| --- | --- | --- | --- |"
    for guess in guesses:
        yield _row(f"`{guess.name}`", _short(guess.what), guess.why, f"`{guess.switch}`")


def _rest(found: Known) -> Iterator[str]:
    yield "| name | why it is guessed |"
    yield "| --- | --- |"
    for guess in found.guesses:
        if not guess.switch:
            yield _row(f"`{guess.name}`", guess.why)


def _made_up() -> Iterator[str]:
    yield "| file | entries with made-up fields |"
    yield "| --- | ---: |"
    for name in contracts.CATALOGUE:
        entries = contracts.catalogue(name)[name]
        count = sum(1 for each in entries if isinstance(each, dict) and each.get("assumed"))
        yield _row(f"[{name}.json](../contracts/catalogue/{name}.json)", f"{count} of {len(entries)}")


# --- checks ---------------------------------------------------------------------------------------


def _checks(made: Mapping[tuple[str, str], frozenset[str]], *, every: Collection[str]) -> Iterator[str]:
    for part, (about, _) in PARTS.items():
        here = {check: _named(operations) for (of, check), operations in made.items() if of == part}
        yield f"### {part}: {about}"
        yield ""
        yield "| for | checks |"
        yield "| --- | --- |"
        for operations in sorted(set(here.values()), key=lambda each: (-len(each), sorted(each))):
            alike = [check for check, those in here.items() if those == operations]
            yield _row(_who(operations, every), _code(alike))
        yield ""
    yield "### What is meant by"
    yield ""
    yield "| check | asks, or says |"
    yield "| --- | --- |"
    for name, meaning in checks_meant().items():
        yield _row(f"`{name}`", meaning)


def checks_meant() -> Mapping[str, str]:
    """What checks whose names do not say it all are about."""
    from mockleo.conformance.lifecycle.checks import CHECKS as OF_WALKS

    return {
        **{check.name: check.about for check in checks.CHECKS},
        **{name: check.says for name, check in OF_WALKS.items()},
    }


def _named(operations: frozenset[str]) -> frozenset[str]:
    """Without what is no operation, where there are any."""
    return operations - {""} or operations


def _who(operations: frozenset[str], every: Collection[str]) -> str:
    if operations.issuperset(every):
        return f"all {len(every)} operations"
    if operations == {""}:
        return "what is no operation"
    return f"{len(operations)}: {_code(sorted(operations))}"


# --- Markdown -------------------------------------------------------------------------------------


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4].rstrip(', ')} ..."


if __name__ == "__main__":
    main()
