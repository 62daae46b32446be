"""What we know: writes docs/coverage.md from the contract, so that it cannot say anything else.

python -m mockleo.conformance.page
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mockleo import contracts
from mockleo.conformance import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mockleo.conformance.known import Entry, Guess, Known, Operation

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
    "parts": "their parameters and answers that carry a grade of their own",
    "rules": "numbers and choices (`rules.toml`)",
    "refusals": "refusals (`errors.toml`)",
    "behaviours": "behaviours (`behaviours.toml`)",
    "webhooks": "webhooks (`webhooks.asyncapi.json`)",
    "catalogue": "models, elements, styles, ... (`catalogue/`)",
}
# How guesses are grouped, by the beginning of their names; the first that fits.
_GROUPS = (
    ("What things cost", ("pricing.",)),
    ("How long jobs take", ("durations.",)),
    ("Limits and plans", ("limits.", "plans.", "http.")),
    ("Webhooks", ("webhooks.", "webhooks-")),
    ("What is taken, and what comes of it", ("",)),
)


def main() -> None:
    """Write the page."""
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(written(), "utf-8")


def written() -> str:
    """The whole page, in Markdown."""
    found = known.read()
    sections = (
        _head(),
        _totals(found),
        _all_operations(found),
        _by_operation(found),
        _guesses(found),
        _not_switched(found),
    )
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _head() -> Iterator[str]:
    yield "# What we know, and what we guess"
    yield ""
    yield f"Made from the files in [contracts/](../contracts/README.md) by `{COMMAND}`; a test keeps it true. Do not edit it."
    yield ""
    yield "Can you trust what mockleo does for an operation? Look for it [below](#operation-by-operation): it says how sure we are that the operation is as it"
    yield "is, and what in it is guessed. Each guess is told with [its switch](#what-is-guessed): what you would start `mockleo serve` with to have it otherwise."
    yield ""
    yield "| evidence | means |"
    yield "| --- | --- |"
    for grade, meaning in _MEANS.items():
        yield f"| {grade} | {meaning} |"
    yield ""
    yield "Sources are named in [contracts/README.md](../contracts/README.md#sources). No call was ever made to the real service."


def _totals(found: Known) -> Iterator[str]:
    yield "## In numbers"
    yield ""
    yield f"| what | {' | '.join(known.GRADES)} | in all |"
    yield f"| --- |{' ---: |' * (len(known.GRADES) + 1)}"
    whole: Counter[str] = Counter()
    for kind, told in _KINDS.items():
        counts = Counter(entry.evidence for entry in found.entries if entry.kind == kind)
        whole.update(counts)
        yield _row(told, *(str(counts[grade]) for grade in known.GRADES), str(counts.total()))
    yield _row("**all**", *(f"**{whole[grade]}**" for grade in known.GRADES), f"**{whole.total()}**")


# --- operations -----------------------------------------------------------------------------------


def _all_operations(found: Known) -> Iterator[str]:
    yield "## Every operation"
    yield ""
    yield "What holds for all of them, or for all that speak one dialect (`hasura`; the blueprints speak `blueprint`)."
    yield ""
    yield "| what | for | evidence | source |"
    yield "| --- | --- | --- | --- |"
    for entry in found.entries:
        if entry.kind == "behaviours" and _is_general(entry.operations):
            yield _row(entry.row["does"], _for(entry.operations), entry.evidence, entry.source)
    yield ""
    yield "| refusal | status | for | evidence | source |"
    yield "| --- | --- | --- | --- | --- |"
    for entry in found.entries:
        if entry.kind == "refusals" and (_is_general(entry.operations) or not entry.operations):
            told = _for(entry.operations) or "no operation"
            yield _row(f"`{entry.name}`", str(entry.row["status"]), told, entry.evidence, entry.source)


def _is_general(operations: Sequence[str]) -> bool:
    return bool(known.ALIKE & set(operations))


def _for(operations: Sequence[str]) -> str:
    return ", ".join("all" if each == known.ALL else f"all of `{each}`" for each in operations)


def _by_operation(found: Known) -> Iterator[str]:
    yield "## Operation by operation"
    yield ""
    yield "Beside each: what it is, how sure we are of it, and what in it is guessed. Refusals are those that not every operation has."
    for tag, group in groupby(sorted(found.operations, key=lambda each: each.tag), lambda each: each.tag):
        yield ""
        yield f"### {tag}"
        for operation in group:
            yield ""
            yield from _one(operation, found)


def _one(operation: Operation, found: Known) -> Iterator[str]:
    yield f"**`{operation.method} {operation.path}`** {operation.summary}. `{operation.id}`"
    yield ""
    yield f"- {operation.evidence}: {', '.join(operation.sources)}"
    does = [
        f"{entry.row['does']} ({entry.evidence})"
        for entry in found.entries
        if entry.kind == "behaviours" and operation.id in entry.operations
    ]
    if does:
        yield f"- does: {'; '.join(does)}"
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


# --- guesses --------------------------------------------------------------------------------------


def _guesses(found: Known) -> Iterator[str]:
    yield "## What is guessed"
    yield ""
    yield "Each with what happens by default, why it had to be guessed, and the flag of `mockleo serve` that changes it; the value in the flag is the one that"
    yield "there is. A name stands in `rules` or `refusals` of `mockleo.toml`, too."
    left = [guess for guess in found.guesses if guess.switch]
    for title, prefixes in _GROUPS:
        here = [guess for guess in left if guess.name.startswith(prefixes)]
        left = [guess for guess in left if guess not in here]
        yield ""
        yield f"### {title}"
        yield ""
        yield from _table(here)


def _table(guesses: Iterable[Guess]) -> Iterator[str]:
    yield "| name | by default | why it is guessed | switch |"
    yield "| --- | --- | --- | --- |"
    for guess in guesses:
        yield _row(f"`{guess.name}`", _short(guess.what), guess.why, f"`{_short(guess.switch)}`")


def _not_switched(found: Known) -> Iterator[str]:
    yield "## Guessed, and not to be set by a flag"
    yield ""
    yield "What the contract suite puts aside before a call to the real service (`mockleo contract --real`). The emulator reads none of it."
    yield ""
    yield "| name | value | why it is guessed |"
    yield "| --- | --- | --- |"
    for guess in found.guesses:
        if not guess.switch:
            yield _row(f"`{guess.name}`", _short(guess.what), guess.why)
    yield ""
    yield "In the catalogue, whole entries and single fields are made up where no source has them. The field `assumed` of an entry names them:"
    yield ""
    yield "| file | entries with made-up fields |"
    yield "| --- | ---: |"
    for name in contracts.CATALOGUE:
        entries = contracts.catalogue(name)[name]
        count = sum(1 for each in entries if isinstance(each, dict) and each.get("assumed"))
        yield _row(f"[{name}.json](../contracts/catalogue/{name}.json)", f"{count} of {len(entries)}")


# --- Markdown -------------------------------------------------------------------------------------


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4].rstrip(', ')} ..."


if __name__ == "__main__":
    main()
