"""A run as the checks look at it: calls, jobs and what the client was shown of them.

Nothing is guessed here. Whether an order was booked, what it cost, when its job ended and what a
client was told of it stands in the record; `Job.sightings` puts it together.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.harness.naming import Named, is_uuid, uuids_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockleo.harness.run import ClientRun, Run
    from mockleo.harness.scenario import Scenario
    from mockleo.record import Decision, Delivery, Exchange
    from mockleo.record.shapes import Booking

# Operations that book a job and charge for it. A test holds them against the emulator.
ORDERS = frozenset(
    {
        "createGeneration", "createImageToVideoGeneration", "createSVDMotionGeneration",
        "createTextToVideoGeneration", "createVideoUpscale", "createVariationUpscale",
        "createVariationUnzoom", "createVariationNoBG", "CreateUniversalUpscalerJob",
        "createTextureGeneration", "createModel", "createElement", "executeBlueprint",
        "createLCMGeneration", "performInstantRefine", "performInpaintingLCM", "performAlchemyUpscaleLCM",
    }
)  # fmt: skip
# Reads that show all jobs of an account, newest first, and the kinds of jobs that they show.
LISTS: Mapping[str, str] = {
    "getGenerationsByUserId": "Generation",
    "getCustomModelsByUserId": "CustomModel",
    "getCustomElementsByUserId": "CustomElement",
}
# Operations whose answers hold a form for an upload.
FORMS = frozenset(
    {"uploadInitImage", "uploadCanvasInitImage", "uploadDatasetImage", "uploadModelAsset", "uploadMedia"}
)
# What stands in a record where a secret was.
MASK = "[redacted]"
_LISTED_BY_DEFAULT = 10
ENDED = frozenset({"COMPLETE", "FAILED"})


class Call:
    """One exchange, with its bodies read. `body` and `told` are None where they are no JSON."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.n = exchange.n
        self.at_ms = exchange.at_ms
        self.answered_ms = exchange.answered_ms
        self.operation = exchange.operation
        self.status = exchange.status

    def __repr__(self) -> str:
        return f"Call({self.n}, {self.operation or self.exchange.path}, {self.status})"

    @cached_property
    def body(self) -> Any:
        return _json(self.exchange.body)

    @cached_property
    def told(self) -> Any:
        return _json(self.exchange.answer)

    @property
    def arrived(self) -> bool:
        """Whether the client was sent a whole answer, and was there to read it."""
        return self.exchange.outcome == "answered" and self.status != 0

    @property
    def succeeded(self) -> bool:
        """Whether the client could read a good answer: it came, and said 2xx."""
        return self.arrived and 200 <= self.status <= 299

    @property
    def refusal(self) -> str:
        """The name of the refusal, a row of errors.toml; "" for none, and for a fault's."""
        return self.exchange.why.partition(";")[0]

    @property
    def retry_after_ms(self) -> int | None:
        """How long the client was told to wait, if it was and the words mean something."""
        told = self.exchange.retry_after
        if told.isdecimal():
            return int(told) * 1000
        try:
            when = parsedate_to_datetime(told)
        except ValueError:
            return None
        return max(0, int(when.timestamp() * 1000) - self.answered_ms)

    @property
    def is_api(self) -> bool:
        """Whether it went to the API, and not to storage or assets."""
        return not self.operation.startswith(("s3.", "cdn."))

    @property
    def is_order(self) -> bool:
        return self.operation in ORDERS

    @cached_property
    def want(self) -> tuple[str, str, str]:
        """What the client wants, whichever way it writes it: method, target, body."""
        exchange = self.exchange
        body = self.body
        said = exchange.body.hex() if body is None else json.dumps(body, sort_keys=True)
        return exchange.method, f"{exchange.path}?{exchange.query}", said


class Sighting(msgspec.Struct, frozen=True):
    """The client was shown a job in `state`: by "poll", "list", "variation" or "webhook".

    `number` is the exchange's or the delivery's.
    """

    at_ms: int
    how: str
    state: str
    number: int


class Job:
    """One job: what became of it, and what the client was shown.

    `order` is the call that booked it. `told_ms` is when the client was told of its id in the
    answer to that, None where that answer was lost.
    """

    def __init__(self, booked: Any, order: Call | None) -> None:
        self.id: str = booked.job_id
        self.kind: str = booked.kind
        self.lane: str = booked.lane
        self.cost: int = booked.cost
        self.user_id: str = booked.user_id
        self.key_id: str = booked.key_id
        self.booked_ms: int = booked.at_ms
        self.order = order
        self.moves: list[tuple[int, str]] = []
        self.polls: list[Call] = []
        self.sightings: list[Sighting] = []
        self.deliveries: list[Delivery] = []
        self.names = frozenset({self.id, *(_ids_in(order.told) if order is not None else ())})

    def __repr__(self) -> str:
        return f"Job({self.id}, {self.state})"

    @property
    def told_ms(self) -> int | None:
        return self.order.answered_ms if self.order is not None and self.order.succeeded else None

    @property
    def state(self) -> str:
        """The last one of the run."""
        return self.moves[-1][1] if self.moves else "QUEUED"

    @property
    def ended_ms(self) -> int | None:
        return self.moves[-1][0] if self.moves and self.moves[-1][1] in ENDED else None

    def shown_in(self, call: Call) -> str:
        """The state in which a look has shown it; "" where it has not."""
        return self._shown_by_poll.get(call.n, "")

    @cached_property
    def _shown_by_poll(self) -> dict[int, str]:
        return {seen.number: seen.state for seen in reversed(self.sightings) if seen.how == "poll"}

    def wire_state_at(self, at_ms: int) -> str:
        """The state at that instant as clients are told it: what waits and what runs is PENDING."""
        state = self.state_at(at_ms)
        return state if state in ENDED else "PENDING"

    @property
    def last_poll(self) -> Call | None:
        return self.polls[-1] if self.polls else None

    @property
    def is_told_at_once(self) -> bool:
        """Whether the answer to its order has shown its result: it took no time."""
        told = self.order is not None and self.order.succeeded
        return told and self.ended_ms == self.booked_ms and self.state == "COMPLETE"

    @property
    def waited_ms(self) -> int:
        """How long it waited for a slot."""
        started_ms = next((at_ms for at_ms, state in self.moves if state == "RUNNING"), self.booked_ms)
        return started_ms - self.booked_ms

    def images_shown_by(self, call: Call) -> int:
        """How many images that look has shown while the job was PENDING."""
        shown = call.told.get("generations_by_pk") if isinstance(call.told, dict) else None
        if not isinstance(shown, dict) or shown.get("status") in ENDED:
            return 0
        return len(shown.get("generated_images") or ())

    def state_at(self, at_ms: int) -> str:
        """The state at that instant, after all that happened in it."""
        before = bisect_right(self.moves, at_ms, key=lambda move: move[0])
        return self.moves[before - 1][1] if before else "QUEUED"

    def shown_by_poll(self, state: str) -> Sighting | None:
        """When a look at the job itself first showed it in `state`."""
        return next((seen for seen in self.sightings if (seen.how, seen.state) == ("poll", state)), None)

    @property
    def collected(self) -> Sighting | None:
        """When the client was first shown that it is COMPLETE."""
        return next((seen for seen in self.sightings if seen.state == "COMPLETE"), None)

    @property
    def known_to_have_failed(self) -> Sighting | None:
        """When the client was first shown that it has FAILED."""
        return next((seen for seen in self.sightings if seen.state == "FAILED"), None)

    @property
    def net_cost(self) -> int:
        """What it has cost in the end: nothing where it FAILED, since that is paid back."""
        return 0 if self.state == "FAILED" else self.cost


class Evidence:
    """All of a run. Calls are in the order in which they came, jobs in that of their booking."""

    def __init__(self, run: Run) -> None:
        self.scenario: Scenario = run.scenario
        self.client: ClientRun = run.client
        self.head = run.record.head
        self.ledger: Sequence[Booking] = run.record.ledger
        record = run.record.record
        self.decisions: Sequence[Decision] = list(record.decisions)
        self.deliveries: Sequence[Delivery] = list(record.deliveries)
        self.calls = [Call(exchange) for exchange in sorted(record.exchanges, key=lambda one: one.at_ms)]
        self.by_number = {call.n: call for call in self.calls}
        self.jobs = self._jobs(list(record.transitions))
        self._see()

    def threshold(self, check: str, name: str, default: float) -> float:
        """A threshold of a check's, as the scenario has it."""
        return self.scenario.checks.thresholds.get(check, {}).get(name, default)

    @cached_property
    def orders(self) -> list[Call]:
        """Calls that wanted a job, booked or not."""
        return [call for call in self.calls if call.is_order]

    @cached_property
    def attempts(self) -> dict[tuple[str, str, str], list[Call]]:
        """Calls that want the same, in order."""
        found: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
        for call in self.calls:
            found[call.want].append(call)
        return dict(found)

    @cached_property
    def job_of_order(self) -> dict[int, Job]:
        """The first job that an exchange has booked, by the exchange's number."""
        return {job.order.n: job for job in reversed(list(self.jobs.values())) if job.order is not None}

    @cached_property
    def assets(self) -> list[Call]:
        """Fetches of pictures and videos."""
        return self.calls_of("cdn.")

    @cached_property
    def uploads(self) -> list[Call]:
        """What came to the storage."""
        return self.calls_of("s3.")

    def calls_of(self, prefix: str) -> list[Call]:
        return [call for call in self.calls if call.operation.startswith(prefix)]

    def job_named(self, name: str) -> Job | None:
        """The job that the client knows by this id."""
        return self._by_name.get(name)

    def jobs_in(self, path: str) -> Iterator[Job]:
        """The jobs whose ids stand in a path."""
        return self._by_id.within(path.encode())

    @cached_property
    def queue_refusals(self) -> list[Call]:
        """Orders that were refused because a queue was full."""
        return [call for call in self.orders if call.refusal == "queue-full"]

    def uploads_named(self, upload_id: str) -> list[Call]:
        """What came to the storage for an upload: its id stands in the object's key."""
        return self._uploads_by_id.get(upload_id, [])

    @cached_property
    def _forms(self) -> Named[tuple[int, str]]:
        """When a form was given, and for the upload of which id; by these ids, in order."""
        return Named(
            (upload_id, (given.at_ms, upload_id))
            for given in self.calls
            if given.operation in FORMS and given.succeeded
            for upload_id in _ids_in(given.told)
        )

    @cached_property
    def _uploads_by_id(self) -> dict[str, list[Call]]:
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.uploads:
            for upload_id in {name for _, name in self._forms.within(call.exchange.body)}:
                found[upload_id].append(call)
        return dict(found)

    def upload_missing(self, order: Call) -> str | None:
        """The id of an upload that an order names, and of which nothing had been stored by then."""
        if not isinstance(order.body, dict):
            return None
        for given_ms, upload_id in sorted(self._forms.within(order.exchange.body)):
            tried = self.uploads_named(upload_id)
            if given_ms <= order.at_ms and not any(
                one.succeeded and one.at_ms <= order.at_ms for one in tried
            ):
                return upload_id
        return None

    def is_poll(self, call: Call) -> bool:
        """Whether it looks at a job."""
        return call.exchange.method == "GET" and (
            call.operation in LISTS or call.exchange.path.rpartition("/")[2] in self._by_name
        )

    def was_deleted(self, job: Job) -> bool:
        """Whether the client itself has deleted it."""
        return job.id in self._deleted

    @cached_property
    def _deleted(self) -> frozenset[str]:
        """The ids of the jobs that the client has deleted."""
        return frozenset(
            job.id
            for call in self.calls
            if call.exchange.method == "DELETE" and call.succeeded
            for job in self.jobs_in(call.exchange.path)
        )

    @cached_property
    def _by_id(self) -> Named[Job]:
        return Named((job.id, job) for job in self.jobs.values())

    def was_ordered_again(self, job: Job) -> bool:
        """Whether the same order has booked another job later, as it was or in other words."""
        if job.order is None:
            return False
        again = self._last_booked_ms.get(job.order.want, job.order.at_ms) > job.order.at_ms
        return again or self.ordered_in_other_words(job) is not None

    def ordered_in_other_words(self, job: Job) -> Job | None:
        """The job that was ordered in place of this one, whose answer was lost and that nobody has
        taken up: the same prompt, with another seed or the like. None where the scenario does not
        say how many jobs are wanted, or no more were booked: then it may be another wish.
        """
        wanted, order = self.scenario.client.jobs, job.order
        if wanted is None or order is None or order.succeeded or job.polls or self.saved_assets(job):
            return None
        if self.kept <= wanted:
            return None
        alike = self._ordered_alike.get((order.operation, _prompt(order)), [])
        later = bisect_right(alike, order.at_ms, key=lambda each: each[0].at_ms)
        return next((other for again, other in islice(alike, later, None) if again.want != order.want), None)

    @cached_property
    def kept(self) -> int:
        """How many jobs were booked and have not FAILED: those were paid back."""
        return sum(job.state != "FAILED" for job in self.jobs.values())

    @cached_property
    def _ordered_alike(self) -> dict[tuple[str, str], list[tuple[Call, Job]]]:
        """The jobs of each operation and prompt with their orders, the earliest first; none of those
        that are all ordered in the same words.
        """
        found: dict[tuple[str, str], list[tuple[Call, Job]]] = defaultdict(list)
        for job in self.jobs.values():
            if job.order is not None and _prompt(job.order):
                found[job.order.operation, _prompt(job.order)].append((job.order, job))
        return {
            alike: sorted(jobs, key=lambda each: each[0].at_ms)
            for alike, jobs in found.items()
            if len({order.want for order, _ in jobs}) > 1
        }

    @cached_property
    def _last_booked_ms(self) -> dict[tuple[str, str, str], int]:
        """When each order was last booked, by what was wanted."""
        return {call.want: call.at_ms for call in self.calls if call.n in self.job_of_order}

    def has_variations(self, job: Job) -> bool:
        """Whether later jobs are shown with it, so that there is reason to look at it again."""
        return any(call.n in self._showing_variations for call in job.polls)

    @cached_property
    def _showing_variations(self) -> frozenset[int]:
        """The numbers of the looks that have shown another job as well."""
        return frozenset(
            seen.number for job in self.jobs.values() for seen in job.sightings if seen.how == "variation"
        )

    def is_input(self, job: Job) -> bool:
        """Whether a later order names it, or a picture of it: it was a step on the way."""
        names = {job.id, *(name for call in job.polls for name in _ids_in(call.told))}
        return any(
            call.at_ms > job.booked_ms and call is not job.order
            for name in names - _models(job)
            if len(name) > _SHORT
            for call in self._orders_naming(name)
        )

    def _orders_naming(self, name: str) -> Iterator[Call]:
        """The orders in whose bodies this id stands, the last first."""
        if is_uuid(name):
            yield from reversed(self._orders_by_uuid.get(name.encode(), []))
        else:
            yield from (call for call in reversed(self.orders) if name.encode() in call.exchange.body)

    @cached_property
    def _orders_by_uuid(self) -> dict[bytes, list[Call]]:
        found: dict[bytes, list[Call]] = defaultdict(list)
        for call in self.orders:
            for name in uuids_in(call.exchange.body):
                found[name].append(call)
        return dict(found)

    def saved_assets(self, job: Job) -> list[Call]:
        """Fetches of the job's assets that came to the client whole, and as they are."""
        return self._saved_assets.get(job.id, [])

    @cached_property
    def _saved_assets(self) -> dict[str, list[Call]]:
        found: dict[str, list[Call]] = defaultdict(list)
        for call in self.assets:
            if call.succeeded and not call.exchange.faults:
                for job in self.jobs_in(call.exchange.path):
                    found[job.id].append(call)
        return dict(found)

    def most_in_flight(self) -> tuple[int, int]:
        """How many jobs were under way at once, at most, and when that was first so."""
        changes = sorted(
            change
            for job in self.jobs.values()
            if not job.is_told_at_once
            for change in ((job.booked_ms, 1), (job.ended_ms or self.client.ended_ms, -1))
        )
        most = now = at_ms = 0
        for when_ms, change in changes:
            now += change
            if now > most:
                most, at_ms = now, when_ms
        return most, at_ms

    def under_way_at(self, at_ms: int) -> int:
        """How many jobs were booked by then and had not ended."""
        booked, ended = self._bookings_and_ends
        return bisect_right(booked, at_ms) - bisect_right(ended, at_ms)

    @cached_property
    def _bookings_and_ends(self) -> tuple[list[int], list[int]]:
        jobs = self.jobs.values()
        ends = (job.ended_ms for job in jobs)
        return sorted(job.booked_ms for job in jobs), sorted(end for end in ends if end is not None)

    def faults_of(self, *kinds: str) -> frozenset[str]:
        """The ids of the faults of these kinds that were decided on."""
        return frozenset(decision.fault for decision in self.decisions if decision.kind in kinds)

    def _jobs(self, transitions: Sequence[Any]) -> dict[str, Job]:
        by_job = {job_id: call for call in self.calls for job_id in call.exchange.booked}
        jobs: dict[str, Job] = {}
        for entry in transitions:
            if hasattr(entry, "cost"):
                jobs[entry.job_id] = Job(entry, by_job.get(entry.job_id))
            elif entry.job_id in jobs:
                jobs[entry.job_id].moves.append((entry.at_ms, entry.state))
        self._by_name = {name: job for job in jobs.values() for name in job.names}
        return jobs

    def _see(self) -> None:
        """Note for each job what the client was shown of it."""
        for call in self.calls:
            if call.exchange.method == "GET":
                for job, sighting in self._shown_by(call):
                    job.sightings.append(sighting)
        for delivery in self.deliveries:
            if delivery.job_id not in self.jobs:
                continue
            job = self.jobs[delivery.job_id]
            job.deliveries.append(delivery)
            taken = next((attempt for attempt in delivery.attempts if attempt.delivered), None)
            if taken is not None:
                job.sightings.append(Sighting(taken.ended_ms, "webhook", job.state, delivery.n))
        for job in self.jobs.values():
            job.sightings.sort(key=lambda seen: seen.at_ms)

    def _shown_by(self, call: Call) -> Iterator[tuple[Job, Sighting]]:
        if call.operation in LISTS:
            for job in self._listed(call):
                yield job, Sighting(call.answered_ms, "list", job.wire_state_at(call.at_ms), call.n)
            return
        name = call.exchange.path.rpartition("/")[2]
        # A key that is not good any more is refused before the service looks what is wanted.
        if name not in self._by_name or not (call.operation or call.refusal == "unauthenticated"):
            return
        job = self._by_name[name]
        job.polls.append(call)
        if not call.succeeded:
            return
        shown = _status_in(call, job)
        if shown:
            yield job, Sighting(call.answered_ms, "poll", shown, call.n)
        # A picture's variations are shown with it.
        for other in self._by_id.within(call.exchange.answer):
            if other is not job and other.booked_ms <= call.at_ms:
                yield other, Sighting(call.answered_ms, "variation", other.wire_state_at(call.at_ms), call.n)

    def _listed(self, call: Call) -> list[Job]:
        """The jobs that a list has shown: newest first, from `offset` on, `limit` of them. A list of
        somebody else's shows none.
        """
        asked = call.exchange.path.rstrip("/").rpartition("/")[2]
        if not call.succeeded or asked.lower() != call.exchange.user_id.lower():
            return []
        query = dict(pair.partition("=")[::2] for pair in call.exchange.query.split("&") if pair)
        limit = _whole(query.get("limit"), _LISTED_BY_DEFAULT)
        offset = _whole(query.get("offset"), 0)
        kind = LISTS[call.operation]
        of_kind = self._of_kind.get((kind, call.exchange.user_id), [])
        known = bisect_right(of_kind, call.at_ms, key=lambda job: job.booked_ms)
        return of_kind[max(0, known - offset - limit) : max(0, known - offset)][::-1]

    @cached_property
    def _of_kind(self) -> dict[tuple[str, str], list[Job]]:
        """The jobs of each kind and account, in the order of their booking."""
        found: dict[tuple[str, str], list[Job]] = defaultdict(list)
        for job in self.jobs.values():
            found[job.kind, job.user_id].append(job)
        return dict(found)


# Shorter ids are numbers, which stand in every other body.
_SHORT = 8


def _prompt(order: Call) -> str:
    """What an order wishes for in words; "" where it has none."""
    return str(order.body.get("prompt") or "") if isinstance(order.body, dict) else ""


def _models(job: Job) -> set[str]:
    """The model that a job was ordered with, which others may be as well."""
    body = job.order.body if job.order is not None else None
    return {str(body["modelId"])} if isinstance(body, dict) and "modelId" in body else set()


def _json(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _ids_in(told: Any) -> Iterator[str]:
    """Every id that an answer names."""
    if isinstance(told, dict):
        for key, value in told.items():
            if key.lower().endswith("id") and isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)
            else:
                yield from _ids_in(value)
    elif isinstance(told, list):
        for value in told:
            yield from _ids_in(value)


def _status_in(call: Call, job: Job) -> str:
    """The status of `job` that an answer to a look at it has shown; "" for none.

    Of a long answer the journal keeps the beginning: that such a one was whole is known, and what
    it said is what the job was.
    """
    if call.told is None:
        cut = call.exchange.answer_bytes > len(call.exchange.answer) and not call.exchange.faults
        return job.wire_state_at(call.at_ms) if cut else ""
    return _first_status(call.told)


def _first_status(told: Any) -> str:
    """The first `status` of an answer, the outermost first."""
    layer = [told]
    while layer:
        below: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                if isinstance(value.get("status"), str):
                    return str(value["status"])
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        layer = below
    return ""


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
