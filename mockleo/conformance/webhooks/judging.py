"""What was received, held against the contract and against what GET shows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.caller import SEEN_CHARS_MOST
from mockleo.conformance.tally import Finding
from mockleo.conformance.webhooks import promise
from mockleo.conformance.webhooks.orders import IMAGE, POST_PROCESSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockleo.conformance.caller import Caller
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.webhooks.orders import Job
    from mockleo.conformance.webhooks.receiver import Delivery

PART = "webhooks"
BEARER = "$LEONARDO_WEBHOOK_KEY"

_ONCE = (
    "each job that ends is reported by one POST (documented: HOOK; that there is no second one is assumed)"
)
_AFTER = "a job is reported when it has ended (documented: HOOK)"
_SOON = "a job is reported 60 to 200 ms after its end; 10 seconds are let pass (observed: REC)"
_BEARER = (
    "a delivery carries Authorization: Bearer and the key's webhook key, and none where it has none"
    " (documented: HOOK)"
)
_HEADERS = (
    "accept, content-type, user-agent and the others as the contract lists them (documented: HOOK, REC)"
)
_AGREES = "what a webhook says of a job is what GET says of it (inferred: both tell of the same row)"
_ADDRESS = "a delivery is a POST to the URL that the key was made with (documented: HOOK)"
_WHEN = "timestamp is when the job ended, in epoch milliseconds, or a little later (observed: REC)"
_TYPES = (
    "image_generation, video_generation or post_processing, with .complete, or .failed where a generation"
    " has failed (observed for success, assumed for failure)"
)
# After `updatedAt` the recorded one comes by 64 ms; 60 to 200 are said to be usual.
LATE_MS_MOST = 60_000

# On the way through a tunnel these are changed, and others added.
_OF_THE_WAY = frozenset({"host", "connection", "accept-encoding", "content-length"})
_SECRETS = re.compile(r'("(?:key|webhookCallbackApiKey)"\s*:\s*")[^"]*(")')

# What both tell, and tell alike but for its form: a zone, text for a number.
_OTHERWISE = frozenset({"createdAt", "updatedAt", "seed"})


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """How the deliveries of one stage must be. `bearer` is None where the key has no webhook key;
    `path` is None where a tunnel may change it, and then foreign headers and jobs are let pass.
    """

    generation: str | None
    bearer: str | None
    path: str | None

    @property
    def is_direct(self) -> bool:
        return self.path is not None


class Judge:
    """Judges the deliveries of one stage."""

    def __init__(self, plan: Plan, caller: Caller, expected: Expected) -> None:
        self._plan = plan
        self._caller = caller
        self._expected = expected
        self.tally = caller.tally
        # The events of the contract that were received.
        self.seen: set[str] = set()

    def judge(self, jobs: Iterable[Job], came: Iterable[Delivery]) -> None:
        """Judge all that came of `jobs`, once they have ended and time has passed."""
        by_id: dict[str, list[Delivery]] = {job.id: [] for job in jobs}
        known = {job.id: job for job in jobs}
        for delivery in came:
            payload = payload_of(delivery)
            job = known.get(job_id_of(payload))
            if job is None:
                self._unknown(delivery, payload)
                continue
            by_id[job.id].append(delivery)
            self._delivery(job, delivery, payload)
        for job in known.values():
            self._times(job, by_id[job.id])

    # --- how often and when -------------------------------------------------------------------

    def _times(self, job: Job, came: list[Delivery]) -> None:
        self._checked("webhook-sent", job)
        if not came:
            wrong = f"A {job.kind.name} has ended ({job.status}), and no webhook has come."
            self._found("webhook-sent", job, wrong, _ONCE, "who is told when a job ends")
            return
        self._checked("webhook-once", job)
        if len(came) > 1:
            wrong = f"A {job.kind.name} has ended once, and was reported {len(came)} times."
            self._found("webhook-once", job, wrong, _ONCE, "who is told when a job ends", came[-1])
        self._checked("webhook-after-the-end", job)
        if job.early:
            wrong = f"A {job.kind.name} was reported while GET still showed it as going on."
            self._found("webhook-after-the-end", job, wrong, _AFTER, "when the webhook is sent", came[0])

        self._checked("webhook-in-time", job)
        if job.late:
            wrong = f"A {job.kind.name} was reported long after GET had shown its end."
            self._found("webhook-in-time", job, wrong, _SOON, "when the webhook is sent", came[0])

    def _unknown(self, delivery: Delivery, payload: Mapping[str, Any]) -> None:
        """What is of none of our jobs: the user's own, on his own key; nobody's, on ours."""
        self.tally.checked(PART, "webhook-of-a-job")
        if not self._expected.is_direct and job_id_of(payload):
            self.tally.notes["webhooks: of other jobs of the key"] = (
                "there were some, and they were not judged"
            )
            return
        wrong = "A webhook came that names no job which was ordered: data.object.id is missing or foreign."
        self._found("webhook-of-a-job", None, wrong, _AGREES, "data.object.id", delivery)

    # --- one delivery -------------------------------------------------------------------------

    def _delivery(self, job: Job, delivery: Delivery, payload: dict[str, Any]) -> None:
        self.tally.checked(PART, "webhook-of-a-job", job.kind.order)
        self._address(job, delivery)
        self._headers(job, delivery)
        self._bearer(job, delivery)
        type_ = str(payload.get("type"))
        self._checked("webhook-type", job)
        if not job.is_reported_as(type_):
            wrong = f"A {job.kind.name} that ended as {job.status} was reported as {type_}."
            self._found("webhook-type", job, wrong, _TYPES, "the envelope's type", delivery)
        self._payload(job, delivery, payload)
        told = payload["data"]["object"]
        self._checked("webhook-agrees-with-get", job)
        for name, words in _differences(told, job):
            wrong = f"The webhook of a {job.kind.name} and GET do not agree on {name}: {words}."
            fix = f"{name}, in the webhook and in {job.kind.show}"
            self._found("webhook-agrees-with-get", job, wrong, _AGREES, fix, delivery)
        self._checked("webhook-timestamp", job)
        wrong = _untimely(payload, told)
        if wrong:
            self._found(
                "webhook-timestamp",
                job,
                f"The webhook of a {job.kind.name}: {wrong}.",
                _WHEN,
                "timestamp",
                delivery,
            )

    def _address(self, job: Job, delivery: Delivery) -> None:
        self._checked("webhook-address", job)
        path = self._expected.path
        if delivery.method != "POST" or (path is not None and delivery.path != path):
            wrong = (
                f"A webhook came as {delivery.method} {delivery.path}, and not as POST {path or ''}.".replace(
                    " .", "."
                )
            )
            self._found("webhook-address", job, wrong, _ADDRESS, "the key's webhook URL", delivery)

    def _headers(self, job: Job, delivery: Delivery) -> None:
        self._checked("webhook-headers", job)
        headers = dict(delivery.headers)
        for fault in promise.faults_of_headers(headers):
            if not self._expected.is_direct and (not fault.where or fault.where in _OF_THE_WAY):
                continue
            where = f" at {fault.where}" if fault.where else ""
            wrong = f"The headers of a webhook are not the contract's{where}: {self._clean(fault.what)}."
            self._found("webhook-headers", job, wrong, _HEADERS, "the headers of a delivery", delivery)

    def _bearer(self, job: Job, delivery: Delivery) -> None:
        self._checked("webhook-bearer", job)
        sent, bearer = delivery.header("authorization"), self._expected.bearer
        if not self._expected.is_direct:
            # What the user has told the web app is not told to us; its form can be judged.
            wrong = "" if sent is None or re.fullmatch("Bearer .+", sent) else "another scheme than Bearer"
        elif bearer is None:
            wrong = "" if sent is None else "an Authorization header, though its key has no webhook key"
        elif sent is None:
            wrong = "no Authorization header, though its key has a webhook key"
        else:
            wrong = "" if sent == f"Bearer {bearer}" else "another bearer than its key's webhook key"
        if wrong:
            self._found(
                "webhook-bearer", job, f"A webhook carries {wrong}.", _BEARER, "the webhook key", delivery
            )

    def _payload(self, job: Job, delivery: Delivery, payload: dict[str, Any]) -> None:
        self._checked("webhook-payload", job)
        event = self._event(payload)
        if event is None:
            said = f"type {payload.get('type')!r} and object {payload.get('object')!r}"
            wrong = f"A webhook says {said}, and the contract lists no such event."
            self._found("webhook-payload", job, wrong, _TYPES, "the envelope's type and object", delivery)
            return
        self.seen.add(event.name)
        for fault in promise.faults_of(payload, event):
            where = f" at {_unnumbered(fault.where)}" if fault.where else ""
            what = self._clean(fault.what)
            payload_of_it = f"The payload of {event.type} ({event.generation})"
            wrong = f"{payload_of_it} is not what the contract says{where}: {what}."
            expected = f"the payload that the contract lists as {event.name} ({event.grade})"
            self._found("webhook-payload", job, wrong, expected, fault.where or "the envelope", delivery)

    def _event(self, payload: dict[str, Any]) -> promise.Event | None:
        """The event that a payload is; of the generation that fits it best, where none is wanted."""
        wanted = self._expected.generation
        listed = [promise.event_of(payload, each) for each in promise.GENERATIONS if wanted in {None, each}]
        fitting = [event for event in listed if event is not None]
        return min(fitting, key=lambda event: sum(1 for _ in promise.faults_of(payload, event)), default=None)

    # --- writing down -------------------------------------------------------------------------

    def _checked(self, check: str, job: Job) -> None:
        self.tally.checked(PART, check, job.kind.order)

    def _found(
        self,
        check: str,
        job: Job | None,
        wrong: str,
        expected: str,
        fix: str,
        delivery: Delivery | None = None,
    ) -> None:
        plan = self._plan
        self.tally.found(
            Finding(
                part=PART,
                check=check,
                operation=job.kind.order if job is not None else "",
                message=wrong,
                expected=expected,
                fix=f"look at {fix}",
                curl=self._caller.curl(job.request) if job is not None else "",
                seen="nothing came" if delivery is None else self._shown(delivery),
                steps=("# have a receiver listen where the webhook of the key goes to",),
                replay=f"mockleo contract --only {PART} --seed {plan.seed} --max-examples {plan.examples}",
            )
        )

    def _shown(self, delivery: Delivery) -> str:
        head = ", ".join(f"{name}: {value}" for name, value in delivery.headers if name != "authorization")
        body = delivery.body.decode("utf-8", "replace")
        text = f"{delivery.method} {delivery.path} [{head}] {body}"
        return self._clean(text)[:SEEN_CHARS_MOST]

    def _clean(self, text: str) -> str:
        """Without keys: a payload of 2023 tells both."""
        text = _SECRETS.sub(r"\1...\2", text)
        for secret, name in (
            (self._caller.door.api_key, "$LEONARDO_API_KEY"),
            (self._expected.bearer, BEARER),
        ):
            text = text.replace(secret, name) if secret else text
        return text


def payload_of(delivery: Delivery) -> dict[str, Any]:
    """A delivery's body; empty where it is no JSON object."""
    try:
        decoded = msgspec.json.decode(delivery.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def job_id_of(payload: Mapping[str, Any]) -> str:
    """The job that a payload is about; empty where it names none."""
    data = payload.get("data")
    told = data.get("object") if isinstance(data, dict) else None
    found = told.get("id") if isinstance(told, dict) else None
    return found if isinstance(found, str) else ""


def _differences(told: Mapping[str, Any], job: Job) -> Iterator[tuple[str, str]]:
    """In what a webhook and GET do not say the same of a job: the member, and what both say."""
    shown = job.shown
    for name in sorted(told.keys() & shown.keys() - _OTHERWISE):
        one, other = told[name], shown[name]
        if _is_plain(one) and _is_plain(other) and one != other and not _is_nothing(one, other):
            yield name, f"{one!r} and {other!r}"
    # The same moment: webhooks tell its zone, answers do not.
    made, shown_made = told.get("createdAt"), shown.get("createdAt")
    if made and shown_made and str(made).removesuffix("Z") != str(shown_made).removesuffix("Z"):
        yield "createdAt", f"{made!r} and {shown_made!r}"
    if shown.get("seed") is not None and str(told.get("seed")) != str(shown["seed"]):
        yield "seed", f"{told.get('seed')!r} and {shown['seed']!r}"
    if job.price is not None and str(told.get("apiDollarCost")) != str(job.price):
        yield (
            "the price",
            f"apiDollarCost {told.get('apiDollarCost')!r}, and {job.price} credits when it was ordered",
        )
    if job.kind.reported_as != POST_PROCESSING:
        yield from _other_images(told.get("images"), shown.get("generated_images"), job)


def _other_images(told: Any, shown: Any, job: Job) -> Iterator[tuple[str, str]]:
    member = "url" if job.kind is IMAGE else "motionMP4URL"
    one, other = _by_id(told, member), _by_id(shown, member)
    if one.keys() != other.keys():
        yield "the images", f"{len(one)} and {len(other)}, not the same ids"
    elif one != other:
        yield f"the images' {member}", "not the same addresses"


def _by_id(rows: Any, member: str) -> dict[str, Any]:
    if not isinstance(rows, list):
        return {}
    return {str(row.get("id")): row.get(member) for row in rows if isinstance(row, dict)}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _is_nothing(one: Any, other: Any) -> bool:
    """Both say that there is none, each in its way: null, an empty text, no."""
    return not one and not other


def _untimely(payload: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """What is wrong with a webhook's times; empty where nothing is."""
    created_ms, updated_ms, at_ms = (
        _ms(told.get("createdAt")),
        _ms(told.get("updatedAt")),
        payload.get("timestamp"),
    )
    if created_ms is None or updated_ms is None or not isinstance(at_ms, int):
        return ""
    if updated_ms < created_ms:
        return f"updatedAt {told['updatedAt']} is before createdAt {told['createdAt']}"
    if not 0 <= at_ms - updated_ms <= LATE_MS_MOST:
        return f"timestamp {at_ms} is {at_ms - updated_ms} ms after updatedAt {told['updatedAt']}"
    return ""


def _ms(moment: Any) -> int | None:
    try:
        return round(datetime.fromisoformat(str(moment)).timestamp() * 1_000)
    except ValueError:
        return None


def _unnumbered(path: str) -> str:
    """A place in a payload, of whichever element of a list."""
    return re.sub(r"(?<=\.)\d+(?=\.|$)", "*", path)
