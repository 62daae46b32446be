"""What an operator wants otherwise than the contract has it: rows, the plan, webhooks.

durations.spread=0                  the value of a row
generation.width.max=2048           another field of it
durations.video.MOTION2=1000        one entry of its table
word-filtered.status=403            a field of a refusal: status, error, code, shape, detail_status
"""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

import msgspec

from mockleo.core import keys
from mockleo.core.account import Plan
from mockleo.core.limits import scaled
from mockleo.core.names import nearest
from mockleo.core.rules import Rule, Rules
from mockleo.faults.fault import Fault
from mockleo.faults.menu import BY_NAME
from mockleo.runtime.retries import BadSchedule, Retries
from mockleo.settings import BadSetting, Settings
from mockleo.wire.contract import Contract
from mockleo.wire.errors import Refusal, Refusals

_PERCENT = 100

_REFUSAL_FIELDS = ("status", "error", "code", "shape", "detail_status")
_STATUSES = ("status", "detail_status")
# The list of errors is the other backend's: its entries have more in them than a text.
_SHAPES = ("flat", "bare", "html")


def changed(contract: Contract, *, rules: Mapping[str, Any], refusals: Mapping[str, Any]) -> Contract:
    """`contract` with these rows changed; a name that it does not have is an error."""
    found = msgspec.structs.replace(
        contract,
        rules=_with_rules(contract.rules, rules),
        refusals=_with_refusals(contract.refusals, refusals),
    )
    if rules:
        _check_whole(found)
    return found


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
        rules = rules.with_({name: _changed_rule(rules[name], rest, given, dotted)})
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
    raise BadSetting(f"rule {dotted}: there is no such rule{_near(dotted, known, file='rules.toml')}")


def _near(name: str, known: set[str], *, file: str) -> str:
    """The nearest name, or where the names are."""
    return nearest(name, sorted(known)) or f"; contracts/{file} has their names"


def _changed_rule(row: Rule, rest: str, given: Any, dotted: str) -> Rule:
    if row.values is not None and rest:
        return msgspec.structs.replace(row, values=_changed_table(row.values, rest, given, dotted))
    field = rest or ("values" if row.values is not None else "value")
    if field not in {"value", "values", "min", "max", "default", "multiple_of", "one_of"}:
        raise BadSetting(f"rule {dotted}: a rule has no {field}")
    value = _value_for(getattr(row, field), given)
    _same_kind(dotted, getattr(row, field), value)
    if field == "value" and row.one_of is not None and value not in row.one_of:
        raise BadSetting(f"rule {dotted}: {value!r} is none of {', '.join(map(str, row.one_of))}")
    return msgspec.structs.replace(row, **{field: value})


def _changed_table(table: dict[str, Any], rest: str, given: Any, dotted: str) -> dict[str, Any]:
    """`table` with one entry changed, however deep it lies."""
    head, _, tail = rest.partition(".")
    if head not in table:
        raise BadSetting(f"rule {dotted}: the table has no {head}{nearest(head, sorted(table))}")
    if tail:
        inner = table[head]
        if not isinstance(inner, dict):
            raise BadSetting(f"rule {dotted}: {head} is no table")
        return {**table, head: _changed_table(inner, tail, given, dotted)}
    value = _value_for(table[head], given)
    _same_kind(dotted, table[head], value)
    return {**table, head: value}


def _same_kind(dotted: str, old: Any, new: Any) -> None:
    """A value goes where one of its shape was: else the first client to need it gets a 500."""
    if not _alike(old, new):
        raise BadSetting(f"rule {dotted}: {new!r} is not of the kind of {old!r}")
    amount = dotted.startswith(("durations.", "pricing.", "plans.", "limits.", "webhooks."))
    if amount and any(number < 0 for number in _numbers(new)):
        raise BadSetting(f"rule {dotted}: {new!r} is below zero")


def _alike(old: Any, new: Any) -> bool:
    if old is None:
        return not isinstance(new, dict)
    if isinstance(old, bool) or isinstance(new, bool):
        return isinstance(old, bool) and isinstance(new, bool)
    if isinstance(old, float):
        return isinstance(new, int | float)
    if isinstance(old, dict):
        same = isinstance(new, dict) and new.keys() == old.keys()
        return same and all(_alike(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return isinstance(new, list) and all(not old or _alike(old[0], each) for each in new)
    return type(old) is type(new)


def _numbers(value: Any) -> Iterator[float]:
    """Every number in `value`, however deep."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float):
        yield value


def _check_whole(contract: Contract) -> None:
    """What one row cannot tell alone."""
    rules = contract.rules
    model_id = rules.default("generation.modelId")
    if model_id not in contract.catalogue.models:
        raise BadSetting(f"rule generation.modelId.default: {model_id!r} is no model of the catalogue")
    for name, row in rules.items():
        if row.multiple_of is not None and row.multiple_of < 1:
            raise BadSetting(f"rule {name}.multiple_of: {row.multiple_of} is less than 1")
        if row.min is not None and row.max is not None and row.min > row.max:
            raise BadSetting(f"rule {name}: min {row.min:g} is above max {row.max:g}")
    for name in ("limits.window_ms", "webhooks.timeout", "keys.per_account"):
        if rules.integer(name) < 1:
            raise BadSetting(f"rule {name}: less than 1")
    try:
        Retries.of(rules)
    except BadSchedule as error:
        raise BadSetting(f"rule {error}") from None
    if rules.integer("durations.spread") > _PERCENT:
        raise BadSetting(f"rule durations.spread: more than {_PERCENT} percent would end before it began")
    for name in ("video.sizes", "element.num_train_epochs_by_focus", "element.learning_rate_by_focus"):
        wanted = 2 if name == "video.sizes" else 3
        if any(len(each) != wanted for each in rules.table(name).values()):
            raise BadSetting(f"rule {name}: each entry has {wanted} numbers")


def _with_refusals(refusals: Refusals, changes: Mapping[str, Any]) -> Refusals:
    for dotted, given in changes.items():
        name, _, field = dotted.partition(".")
        if name not in set(refusals):
            raise BadSetting(
                f"refusal {dotted}: there is no such refusal{_near(name, set(refusals), file='errors.toml')}"
            )
        if field not in _REFUSAL_FIELDS:
            raise BadSetting(f"refusal {dotted}: one of {', '.join(_REFUSAL_FIELDS)} can be set")
        value = _refusal_value(dotted, field, given, refusals[name])
        changed_row = msgspec.structs.replace(refusals[name], **{field: value})
        refusals = refusals.with_({name: changed_row})
    return refusals


def _refusal_value(dotted: str, field: str, given: Any, row: Refusal) -> str | int:
    """What `field` of the row is to be, if it can be that."""
    is_list = row.shape == "array"
    if field in _STATUSES:
        value = _value(given)
        if not (type(value) is int and 200 <= value <= 599):
            raise BadSetting(f"refusal {dotted}: {given!r} is no status")
        if field == "detail_status" and not is_list:
            raise BadSetting(f"refusal {dotted}: only a refusal in a list of errors has one")
        return value
    if field == "shape" and (is_list or given not in _SHAPES):
        raise BadSetting(
            f"refusal {dotted}: a list of errors has no other shape"
            if is_list
            else f"refusal {dotted}: {given!r} is none of {', '.join(_SHAPES)}"
        )
    if field == "error":
        _fills(dotted, str(given), _names_in(row.error))
    return str(given)


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


def _value_for(old: Any, given: Any) -> Any:
    """What a flag's text stands for where `old` was: "2026" is a text where a text was."""
    value = _value(given)
    return given if isinstance(old, str) and isinstance(given, str) and not isinstance(value, str) else value


def _value(given: Any) -> Any:
    """A flag's text as the value it stands for: JSON where it is JSON, else the text itself."""
    if not isinstance(given, str):
        return given
    try:
        return msgspec.json.decode(given)
    except msgspec.DecodeError:
        return given


def plan_of(rules: Rules, settings: Settings) -> Plan:
    """The plan that accounts have, with what the operator wants otherwise."""
    plans = [name.removeprefix("plans.") for name in rules if name.startswith("plans.")]
    if settings.plan not in plans:
        raise BadSetting(
            f"plan: {settings.plan!r} is none of {', '.join(plans)}{nearest(settings.plan, plans)}"
        )
    try:
        bought = scaled(rules.table(f"plans.{settings.plan}"), settings.slots, rules)
    except ValueError as error:
        raise BadSetting(str(error)) from None
    if settings.credits is not None:
        bought["credits"] = settings.credits
    return Plan(name=settings.plan, **bought)


def webhook_of(settings: Settings) -> keys.Webhook | None:
    """What every key gets that is made without a webhook of its own."""
    if settings.webhook is None:
        return None
    try:
        return keys.webhook(settings.webhook, settings.webhook_key, None)
    except keys.BadWebhook as error:
        raise BadSetting(
            str(error).replace("webhook_", "webhook-").replace("webhook-url", "webhook")
        ) from None


def faults_of(settings: Settings) -> Iterator[Fault]:
    """The faults that are in force from the start."""
    for nth, described in enumerate(settings.faults, start=1):
        name = str(described.get("fault"))
        if name not in BY_NAME:
            known = ", ".join(BY_NAME)
            raise BadSetting(f"fault {nth}: {name!r} is none of {known}{nearest(name, BY_NAME)}")
        try:
            fault = msgspec.convert(described, BY_NAME[name])
            fault.check(settings.mode)
        except (msgspec.ValidationError, ValueError) as error:
            raise BadSetting(f"fault {nth}, {name}: {error}") from None
        yield fault
