r"""The POST policy: what a form's author allows its sender to send.

    {"expiration": "2026-01-31T12:00:00.000Z",
     "conditions": [{"bucket": "b"}, ["starts-with", "$key", "u/"], ["content-length-range", 1, 10]]}

Parsing judges the document (InvalidPolicy, 400); `judge` judges a form by it (403): expiry
first, then the conditions in their order, then fields that no condition covers. How large the
file may be comes out as `Policy.sizes`, since the file is not there yet.

Case: `expiration` and `conditions` are exact; operators and names of fields are not; values are.

Sources: AWS: sigv4-HTTPPOSTConstructPolicy. Words of the refusals: answers of S3 in public
issue threads. Those for a missing member, an unknown operator and a wrong number of operands
are assumed; their status, 400, is that of a public S3 test suite.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mockleo.bucket.errors import ConditionFailed, ExtraFields, InvalidPolicy, PolicyExpired
from mockleo.bucket.form import Head

# Fields that need no condition (sigv4-HTTPPOSTConstructPolicy; the SigV2 pair from HTTPPOSTForms).
UNCOVERED = frozenset({"x-amz-signature", "signature", "policy", "file", "awsaccesskeyid"})

# Documented for these names; whether S3 also enforces it is not known. Of the other x-amz-* the
# same page says so too, and a public S3 test suite has forms accepted whose policy says
# ["starts-with", "$x-amz-server-side-encryption", ""].
EXACT_ONLY = frozenset(
    {
        "bucket",
        "success_action_status",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`eq` or `starts-with` on a field. `name` is lower-case, None where it lacked its `$`."""

    operator: str
    name: str | None
    value: str
    text: str

    def holds(self, sent: str | None) -> bool:
        """Is the condition met by a field's value? An absent field meets none, not even ""."""
        if sent is None or self.name is None:
            return False
        if self.operator == "eq":
            return sent == self.value
        if self.name in EXACT_ONLY:
            return False
        # "interpreted as lists": of Content-Type alone.
        values = sent.split(",") if self.name == "content-type" else [sent]
        return all(value.strip().startswith(self.value) or value.startswith(self.value) for value in values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRange:
    """Both ends included, in bytes. None where the policy gives no number."""

    least: int | None
    most: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that is in order. `conditions` stand as in the document."""

    expires_ms: int
    conditions: tuple[Match | SizeRange, ...]

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """The file's allowed sizes in bytes, (least, most), for each range that was given."""
        return tuple(
            (condition.least, condition.most)
            for condition in self.conditions
            if isinstance(condition, SizeRange) and condition.least is not None and condition.most is not None
        )

    @property
    def covered(self) -> frozenset[str]:
        """Lower-case names of the fields that have a condition."""
        return frozenset(
            condition.name
            for condition in self.conditions
            if isinstance(condition, Match) and condition.name is not None
        )


def judge(policy: Policy, head: Head, *, bucket: str, now_ms: int) -> None:
    """Refuse a form that its own policy does not allow. `bucket` is the one it was posted to.

    The last instant at which a form is good is the one before its expiration.
    Raises PolicyExpired, ConditionFailed, ExtraFields.
    """
    if now_ms >= policy.expires_ms:
        raise PolicyExpired
    for condition in policy.conditions:
        if not _is_met(condition, head.fields, bucket):
            raise ConditionFailed(condition.text)
    # The bucket is an input even where the form does not name it. Names are told in lower case
    # (seen in public answers of S3: "Extra input fields: content-type" to a form's Content-Type).
    sent = {"bucket": bucket, **head.fields}
    extra = [
        name
        for name in sent
        if name not in policy.covered and name not in UNCOVERED and not name.startswith("x-ignore-")
    ]
    if extra:
        raise ExtraFields(extra)


def _is_met(condition: Match | SizeRange, fields: Mapping[str, str], bucket: str) -> bool:
    if isinstance(condition, SizeRange):
        return condition.least is not None and condition.most is not None
    if condition.name == "bucket":
        return condition.holds(bucket) and condition.holds(fields.get("bucket", bucket))
    return condition.holds(None if condition.name is None else fields.get(condition.name))


def parse(encoded: str) -> Policy:
    """Read a policy from the base64 text in a form. Raises InvalidPolicy."""
    document = _decode(encoded)
    if not isinstance(document, dict):
        raise InvalidPolicy("Invalid JSON.")
    for member in document:
        if member not in {"expiration", "conditions"}:
            raise InvalidPolicy(f"Unexpected: '{member.lower()}'")
    if "expiration" not in document:
        raise InvalidPolicy("Policy missing expiration.")
    if "conditions" not in document:
        raise InvalidPolicy("Policy missing conditions.")
    if not isinstance(document["conditions"], list):
        raise InvalidPolicy("Invalid 'conditions' value: must be a List.")
    return Policy(
        expires_ms=_expiration(document["expiration"]),
        conditions=tuple(_conditions(document["conditions"])),
    )


def _decode(encoded: str) -> object:
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True).decode()
    except ValueError:  # of the base64, or of the UTF-8 inside
        raise InvalidPolicy("invalid Base64 encoding.") from None
    # AWS lists two escapes that JSON lacks: \$ and \v.
    text = re.sub(r"\\(.)", lambda found: {"$": "$", "v": r"\u000b"}.get(found[1], found[0]), text)
    try:
        decoded: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidPolicy("Invalid JSON.") from None
    return decoded


def _expiration(value: object) -> int:
    """Return epoch milliseconds. GMT only, with or without a fraction of a second."""
    wanted = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z"
    found = re.fullmatch(wanted, value, re.ASCII) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        ends = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidPolicy(f"Invalid 'expiration' value: '{value}'") from None
    fraction_ms = int((found[2] or "0").ljust(3, "0")[:3])
    return (ends - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1) + fraction_ms


def _conditions(given: list[object]) -> Iterator[Match | SizeRange]:
    for condition in given:
        if isinstance(condition, dict):
            yield _simple(condition)
        elif isinstance(condition, list):
            yield _listed(condition)
        else:
            raise InvalidPolicy("Invalid condition test: must be a List or Object.")


def _simple(condition: dict[str, object]) -> Match:
    """{"acl": "private"}, which S3 prints as the list it stands for."""
    if len(condition) != 1:
        raise InvalidPolicy(
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."
        )
    ((name, value),) = condition.items()
    if value is None:
        raise InvalidPolicy("Invalid JSON.")
    if not isinstance(value, str):
        raise InvalidPolicy("Invalid Simple-Condition: value must be a string.")
    return Match(operator="eq", name=name.lower(), value=value, text=_text(["eq", f"${name}", value]))


def _listed(condition: list[object]) -> Match | SizeRange:
    if not condition or not isinstance(condition[0], str):
        raise InvalidPolicy("Invalid Condition: missing operation identifier.")
    operator, operands = condition[0].lower(), condition[1:]
    if operator not in {"eq", "starts-with", "content-length-range"}:
        raise InvalidPolicy(f"Invalid Condition: unknown operation '{condition[0]}'.")
    if len(operands) != 2:
        raise InvalidPolicy(f"Invalid {condition[0]}: wrong number of arguments.")
    if operator == "content-length-range":
        least, most = (_bound(operand) for operand in operands)
        return SizeRange(least=least, most=most, text=_text(condition))
    name, value = operands
    if not isinstance(name, str) or not isinstance(value, str):
        raise InvalidPolicy("Invalid JSON.")
    return Match(
        operator=operator,
        name=name[1:].lower() if name.startswith("$") else None,
        value=value,
        text=_text(condition),
    )


def _bound(operand: object) -> int | None:
    """A whole number, or a string of one; None for any other string. Fractions are no JSON to S3."""
    if isinstance(operand, str):
        return int(operand) if re.fullmatch(r"-?[0-9]{1,19}", operand) else None
    if isinstance(operand, bool) or not isinstance(operand, int):
        raise InvalidPolicy("Invalid JSON.")
    return operand


def _text(condition: list[object]) -> str:
    return json.dumps(condition, ensure_ascii=False)
