"""Rows of the contract that an operator has changed for a run.

durations.spread=0                  the value of a row
generation.width.max=2048           another field of it
durations.video.MOTION2=1000        one entry of its table
word-filtered.status=403            a field of a refusal
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any

import msgspec

from mockleo.core.rules import Rule, Rules
from mockleo.settings import BadSetting, nearest
from mockleo.wire.contract import Contract
from mockleo.wire.errors import Refusals

_REFUSAL_FIELDS = ("status", "error", "code")


def changed(contract: Contract, *, rules: Mapping[str, Any], refusals: Mapping[str, Any]) -> Contract:
    """`contract` with these rows changed; a name that it does not have is an error."""
    return msgspec.structs.replace(
        contract,
        rules=_with_rules(contract.rules, rules),
        refusals=_with_refusals(contract.refusals, refusals),
    )


def instant(rules: Rules) -> Rules:
    """The same rules with jobs that take no time."""
    timeless = {}
    for name in rules:
        if name.startswith("durations."):
            row = rules[name]
            values = dict.fromkeys(row.values, 0) if row.values is not None else None
            timeless[name] = msgspec.structs.replace(
                row, value=0 if row.value is not None else None, values=values
            )
    return rules.with_(timeless)


def _with_rules(rules: Rules, changes: Mapping[str, Any]) -> Rules:
    for dotted, given in changes.items():
        name, rest = _row_of(rules, dotted)
        rules = rules.with_({name: _changed_rule(rules[name], rest, _value(given), dotted)})
    return rules


def _row_of(rules: Rules, dotted: str) -> tuple[str, str]:
    """The row that a dotted name begins with, and what follows."""
    known = set(rules)
    head, tail = dotted, ""
    while head:
        if head in known:
            return head, tail
        head, _, last = head.rpartition(".")
        tail = f"{last}.{tail}" if tail else last
    raise BadSetting(f"rule {dotted}: there is no such rule{nearest(dotted, sorted(known))}")


def _changed_rule(row: Rule, rest: str, value: Any, dotted: str) -> Rule:
    if row.values is not None and rest:
        if rest not in row.values:
            raise BadSetting(f"rule {dotted}: the table has no {rest}{nearest(rest, sorted(row.values))}")
        _same_kind(dotted, row.values[rest], value)
        return msgspec.structs.replace(row, values={**row.values, rest: value})
    field = rest or ("values" if row.values is not None else "value")
    if field not in {"value", "values", "min", "max", "default", "multiple_of", "one_of"}:
        raise BadSetting(f"rule {dotted}: a rule has no {field}")
    _same_kind(dotted, getattr(row, field), value)
    return msgspec.structs.replace(row, **{field: value})


def _same_kind(dotted: str, old: Any, new: Any) -> None:
    number = (int, float)
    if isinstance(old, number) and not isinstance(old, bool):
        fits = isinstance(new, number) and not isinstance(new, bool)
        fits = fits and (isinstance(old, float) or isinstance(new, int))
    else:
        fits = old is None or type(old) is type(new)
    if not fits:
        raise BadSetting(f"rule {dotted}: {new!r} is not of the kind of {old!r}")


def _with_refusals(refusals: Refusals, changes: Mapping[str, Any]) -> Refusals:
    for dotted, given in changes.items():
        name, _, field = dotted.partition(".")
        if name not in set(refusals):
            raise BadSetting(f"refusal {dotted}: there is no such refusal{nearest(name, sorted(refusals))}")
        if field not in _REFUSAL_FIELDS:
            raise BadSetting(f"refusal {dotted}: one of {', '.join(_REFUSAL_FIELDS)} can be set")
        value = _value(given)
        if field == "status" and not (isinstance(value, int) and 200 <= value <= 599):
            raise BadSetting(f"refusal {dotted}: {given!r} is no status")
        if field == "error":
            _fills(dotted, str(given), _names_in(refusals[name].error))
        changed_row = msgspec.structs.replace(
            refusals[name], **{field: value if field == "status" else str(given)}
        )
        refusals = refusals.with_({name: changed_row})
    return refusals


def _fills(dotted: str, text: str, known: set[str]) -> None:
    """See to it that a refusal's facts fill `text`: it is too late when a client waits for it."""
    try:
        unknown = _names_in(text) - known
    except ValueError as error:
        raise BadSetting(f"refusal {dotted}: {text!r}: {error}") from None
    if unknown:
        facts = ", ".join(sorted(known)) or "no facts"
        raise BadSetting(f"refusal {dotted}: {text!r} names {{{min(unknown)}}}; there is {facts}")


def _names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _value(given: Any) -> Any:
    """A flag's text as the value it stands for: JSON where it is JSON, else the text itself."""
    if not isinstance(given, str):
        return given
    try:
        return msgspec.json.decode(given)
    except msgspec.DecodeError:
        return given
