"""What clients, receivers and the operator do upon a stage, and the laws after each of their acts.

An act is a method and its arguments, so that a whole play can be written down and played again.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from mockleo.core.world import Booked
from mockleo.faults.flow import EVENTS
from mockleo.faults.menu import BY_NAME
from mockleo.record import Exchange
from mockleo.runtime.clock import Mode
from tests.wire.leo import RECIPE

from .known import MINUTE_MS, Known
from .stage import (
    BEARER,
    CALLS_MOST,
    CANARY,
    HOST,
    JOURNAL,
    KEYS,
    ORDERS_MOST,
    Asked,
    Stage,
    form_of,
)

Json = Any

# The model that orders run on by default.
MODEL = "7b592283-e8a7-4c5a-9ba6-d18c31f258b9"
NOBODYS = "00000000-0000-4000-8000-000000000000"
HOUR_MS = 3_600_000
FORM_MS = 120_000

# Each kind of fault, in some of the ways in which it can be asked for.
FAULTS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "redirect": [{"to": "/elsewhere"}],
    "status": [{"status": 503}, {"status": 404}, {"status": 204}, {"status": 500, "commit": True}],
    "throttle": [{}, {"retry_after": 3, "commit": True}],
    "gateway-error": [{}, {"status": 500, "commit": True}],
    "html-page": [{}, {"status": 503}],
    "empty-body": [{}, {"commit": True}],
    "truncated-json": [{}],
    "wrong-type": [{}],
    "null-field": [{"path": "sdGenerationJob"}, {"path": "generations_by_pk.generated_images[*].url"}],
    "add-field": [{"path": "novelty"}, {"path": "generations_by_pk.status", "value": "ODD"}],
    "latency": [{"ms": 5_000}, {"ms": 100, "spread_ms": 3_000}],
    "slow-body": [{"piece_bytes": 100}],
    "connection-close": [{}, {"commit": True}],
    "connection-reset": [{}, {"where": "body", "commit": True}, {"where": "head"}],
    "outage": [{"for_ms": 3_000}],
    "job-fails": [{}],
    "job-moderated": [{}],
    "job-never-ends": [{}],
    "job-late": [{"late_ms": 8_000}],
    "fewer-images": [{}, {"images": 1}],
    "partial-results": [{}],
    "nsfw": [{}],
    "unknown-status": [{}],
    "unknown-model": [{}],
    "null-result": [{}],
    "webhook-first": [{}],
    "key-revoked": [{}],
    "credits-gone": [{}, {"left": 20}],
    "limits-halved": [{}, {"percent": 1}],
    "model-retired": [{"model_id": MODEL}],
    "form-expired": [{}],
    "upload-unavailable": [{}],
    "upload-slow": [{"wait_ms": 4_000}],
    "object-lost": [{}],
    "asset-status": [{}, {"status": 404, "attempts": 1}],
    "asset-truncated": [{}, {"quiet": True}],
    "asset-corrupt": [{}],
    "asset-html": [{}],
    "asset-wrong-type": [{}],
    "asset-slow": [{"wait_ms": 2_000}],
    "webhook-lost": [{}],
    "webhook-doubled": [{}, {"copies": 3}],
    "webhook-late": [{}],
    "webhook-reordered": [{}],
    "webhook-wrong-bearer": [{}],
    "webhook-no-bearer": [{}],
    "webhook-forged": [{}],
    "webhook-other-payload": [{}],
    "webhook-unknown-type": [{}],
    "webhook-huge": [{"pad_bytes": 5_000}],
}
MATCHING: Sequence[Mapping[str, Any]] = (
    {}, {"times": 1}, {"first": 1}, {"nth": [2]}, {"every": 2}, {"share": 0.5},
    {"attempts": 1}, {"from_ms": 1_000, "until_ms": 20_000},
)  # fmt: skip

_SMALL = {"width": 64, "height": 64}
ORDERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "images": ("/generations", {**_SMALL, "num_images": 2}),
    "one image": ("/generations", {**_SMALL, "num_images": 1}),
    "a video": ("/generations-text-to-video", {"resolution": "RESOLUTION_480"}),
    "a sketch": ("/generations-lcm", {"imageDataUrl": "data:image/png;base64,AAAA"}),
    "a refined sketch": ("/lcm-upscale", {"imageDataUrl": "data:image/png;base64,AAAA"}),
}
# These are paid for and book no job.
UNBOOKED = ("/prompt/random", "/generations-lcm")
LOOKS = ("/me", "/me", "/generations/user/{user}?limit=5", "/platformModels", "/elements", "/blueprints")
NONSENSE: Sequence[tuple[str, str, bytes]] = (
    ("GET", "/nowhere", b""),
    ("PUT", "/generations", b"{}"),
    ("POST", "/generations", b'{"prompt": "'),
    ("POST", "/generations", b'{"prompt": "a cat", "width": 1}'),
    ("POST", "/generations", b'{"prompt": "a cat", "modelId": "none"}'),
    ("POST", "/variations/upscale", b'{"id": "' + NOBODYS.encode() + b'"}'),
    ("GET", "/generations/" + NOBODYS, b""),
    ("GET", "/generations/" + CANARY, b""),
    ("GET", f"http://{HOST}/api/elsewhere", b""),
    ("GET", f"http://{HOST}/s3/nothing/there", b""),
    ("DELETE", f"http://{HOST}/cdn/users/x", b""),
    ("GET", f"http://{HOST}/cdn/users/{CANARY}", b""),
    ("GET", f"http://{HOST}/{CANARY}", b""),
)

JOB_FAULTS = {name for name, kind in BY_NAME.items() if kind.WHERE == ("job",)}
# These change what is there, and there may be nothing to change: then they were not met.
FINDS_NOTHING = {"add-field", "null-field", "truncated-json"}

REFUSED_ORDER = next(nth for nth, each in enumerate(NONSENSE) if b'"width": 1}' in each[2])

_MET = re.compile(r"fault=([^;]+); ([a-z-]+)")


class Play:
    """Acts by their names; `check` is for after each of them, `finish` for the end."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.app = stage.app
        self.known = Known()
        self.saved: tuple[Json, Known, dict[str, str], dict[str, str]] | None = None
        self.exchanges: dict[int, Exchange] = {}
        self.finished = 0
        # How much of what was told has been looked at; where this state begins in it.
        self.read = {"effects": 0, "exchanges": 0, "decisions": 0}
        self.first = {"effects": 0, "asked": 0, "deliveries": 0}
        # Minutes in which a fault was in force: who counts then what is another's business.
        self.clouded: set[int] = set()
        self._know_hooks()

    def act(self, name: str, /, **given: Any) -> None:
        getattr(self, name)(**given)
        self.check()

    # --- clients ------------------------------------------------------------------------------

    def _ask(self, who: str, method: str, path: str, body: Json = None, **given: Any) -> Asked:
        self._about_to_send(who, path)
        asked = self.stage.ask(who, method, path, body, **given)
        self._judge_finished()
        self._read_on()
        return asked

    def _about_to_send(self, who: str, path: str) -> None:
        if not self.app.faults.is_empty:
            self.clouded.add(self.app.clock.now_ms() // MINUTE_MS)
        if path.endswith(UNBOOKED):
            self.known.unbooked[self.stage.user_ids[who]] += 1

    def order(self, who: str, what: str, *, secret: bool = False) -> None:
        nth = len(self.stage.asked)
        prompt = f"law {nth} of {CANARY}" if secret else f"law {nth}"
        if what == "a blueprint":
            self._ask(who, "POST", "/blueprint-executions", RECIPE)
        elif what == "an idea":
            self._ask(who, "POST", "/prompt/random", {})
        elif what == "a dataset":
            self._ask(who, "POST", "/datasets", {"name": prompt})
        else:
            path, fields = ORDERS[what]
            self._ask(who, "POST", path, {"prompt": prompt, **fields})

    def order_many(self, who: str, count: int) -> None:
        for _ in range(count):
            self.order(who, "one image")

    def hurry(self, who: str) -> None:
        """Call more often than a minute allows, in one in which nothing else is the matter."""
        self.lift_all_faults()
        self.advance(MINUTE_MS - self.app.clock.now_ms() % MINUTE_MS)
        for _ in range(ORDERS_MOST + 4):
            self.order(who, "one image")
        for _ in range(CALLS_MOST - ORDERS_MOST + 2):
            self._ask(who, "GET", "/me")

    def order_of_an_image(self, who: str, nth: int, what: str) -> None:
        images = list(self.known.images)
        image_id = images[-1 - nth % len(images)] if images else NOBODYS
        self._ask(
            who,
            "POST",
            f"/variations/{what}",
            {"id": image_id, "isVariation": False} if what != "upscale" else {"id": image_id},
        )

    def poll(self, nth: int) -> None:
        if self.known.generations:
            self._poll(self.known.generations[-1 - nth % len(self.known.generations)])

    def _poll(self, generation_id: str) -> Json:
        """What its owner is told of it; None where he is not."""
        asked = self._ask(self._owner(generation_id), "GET", f"/generations/{generation_id}")
        if not asked.is_plain or asked.status != 200:
            return None
        told = asked.json()["generations_by_pk"]
        found = self._generation(generation_id)
        self.known.show(generation_id, told, may_be_hidden=found is not None and found.hidden)
        return told

    def look(self, who: str, path: str) -> None:
        asked = self._ask(who, "GET", path.format(user=self.stage.user_ids[who]))
        if path == "/me" and asked.is_plain and asked.status == 200 and self._stands_still():
            (me,) = asked.json()["user_details"]
            told = self.stage.control("GET", f"accounts/{me['user']['id']}")
            assert me["apiPaidTokens"] == told["balance"]

    def compare_the_list(self, who: str) -> None:
        """A list says the same as its entries asked for one by one."""
        path = f"/generations/user/{self.stage.user_ids[who]}?limit=3"
        asked = self._ask(who, "GET", path)
        if not (asked.is_plain and asked.status == 200 and self._stands_still()):
            return
        listed = asked.json()["generations"]
        newest = [
            one.id
            for one in reversed(self.app.site.world.accounts[self.stage.user_ids[who]].generations.values())
        ][:3]
        assert [one["id"] for one in listed] == [each for each in newest if not self._generation(each).hidden]
        for one in listed:
            alone = self._poll(one["id"]) if one["id"] in self.known.jobs else None
            if alone is not None:
                for image in alone["generated_images"]:
                    del image["fantasyAvatar"]
                assert one == alone

    def talk_nonsense(self, who: str, nth: int) -> None:
        method, path, content = NONSENSE[nth % len(NONSENSE)]
        self._ask(who, method, path, content=content)

    def try_again(self) -> None:
        """Send the newest call that has failed once more, the same to the byte."""
        failed = [asked for asked in self.stage.asked if asked.done and asked.has_failed]
        if failed:
            self._about_to_send(failed[-1].client, failed[-1].url)
            self.stage.again(failed[-1])
            self._judge_finished()

    def delete(self, nth: int) -> None:
        if self.known.generations:
            generation_id = self.known.generations[-1 - nth % len(self.known.generations)]
            of_it = [image_id for image_id, url in self.known.images.items() if generation_id in url]
            self.known.deleted.add(generation_id)
            for image_id in of_it[:1]:
                self._fetch(image_id, "")
            self._ask(self._owner(generation_id), "DELETE", f"/generations/{generation_id}")
            for image_id in of_it[:1]:
                self._fetch(image_id, "")

    def fetch(self, nth: int, asked: str) -> None:
        """Get an image that somebody was told of: it is there as long as its generation is."""
        images = list(self.known.images)
        if images:
            self._fetch(images[-1 - nth % len(images)], asked)

    def _fetch(self, image_id: str, asked: str) -> None:
        url = self.known.images[image_id]
        headers = ((b"range", asked.encode()),) if asked else ()
        got = self._ask("", "GET", url, headers=headers)
        if got.is_plain and self._stands_still():
            there = any(image_id in account.images for account in self.app.site.world.accounts.values())
            assert got.status in ({200, 206, 416} if there else {404}), (got.status, url)

    def upload(self, who: str, wait_ms: int) -> None:
        """Ask for a form, use it in time or not, and order something made of it."""
        form = self._ask(who, "POST", "/init-image", {"extension": "png"})
        if not form.is_plain or form.status != 200:
            return
        told = form.json()["uploadInitImage"]
        if wait_ms:
            self.advance(wait_ms)
        stood = self._stands_still()
        content_type, content = form_of(json.loads(told["fields"]), b"\x89PNG\r\n\x1a\n" + CANARY.encode())
        sent = self._ask("", "POST", told["url"], content=content, content_type=content_type)
        if sent.is_plain and stood:
            assert sent.status == (204 if wait_ms < FORM_MS else 403)
        fields = {"prompt": "of mine", **_SMALL, "num_images": 1, "init_image_id": told["id"]}
        self._ask(who, "POST", "/generations", fields)

    def hang_up(self, nth: int) -> None:
        if self.stage.held:
            self.stage.hang_up(self.stage.held[nth % len(self.stage.held)])

    # --- time ---------------------------------------------------------------------------------

    def advance(self, by_ms: int) -> None:
        self.stage.control("POST", "clock/advance", by_ms=by_ms)
        self.stage.rest()

    def pass_time(self, ms: int) -> None:
        self.stage.pass_time(ms)

    def switch(self, mode: str) -> None:
        before_ms = self.app.clock.now_ms()
        told = self.stage.operate("POST", "clock", {"mode": mode})
        # An outage would never end on a clock that is moved by hand.
        is_refused = mode == "manual" and any(active.fault.kind == "outage" for active in self.app.faults)
        assert told.status == (409 if is_refused else 200)
        assert self.app.clock.now_ms() >= before_ms

    def wait_for(self, count: int, timeout_ms: int) -> None:
        body = {"status": "ENDED", "count": count, "timeout_ms": timeout_ms}
        told = self.stage.operate("POST", "jobs/wait_for", body)
        assert told.status in {200, 408}
        if told.status == 200:
            assert self.stage.control("GET", "jobs?state=ENDED")["total"] >= count

    # --- the operator -------------------------------------------------------------------------

    def add_fault(self, kind: str, how: int, when: Mapping[str, Any]) -> None:
        ways = FAULTS[kind]
        told = self.stage.operate("POST", "faults", {"fault": kind, **when, **ways[how % len(ways)]})
        refusable = kind == "outage" and self.app.clock.mode is Mode.MANUAL
        assert told.status == (400 if refusable else 201), told.content

    def meet(self, kind: str, how: int, when: Mapping[str, Any], who: str) -> None:
        """Add a fault and do at once what it is there for, twice."""
        place = BY_NAME[kind].WHERE[0]
        if place == "cdn" and not self.known.images:
            self.order(who, "images")
            self.advance(30_000)
            self.poll(0)
        self.add_fault(kind, how, when)
        for _ in range(2):
            if place in {"s3", "form"}:
                self.upload(who, 0)
            elif place == "cdn":
                self.fetch(0, "")
            else:
                self.order("alice" if place == "webhook" else who, "one image")
                self.poll(0)
        self.advance(5_000)
        if place == "job":
            self.poll(0)
            self.compare_the_list(who)

    def lose_a_fate(self, kind: str, who: str) -> None:
        """An order that is refused meets what becomes of jobs; the next one does not."""
        self.lift_all_faults()
        self.add_fault(kind, 0, {"times": 1})
        self.talk_nonsense(who, REFUSED_ORDER)
        self.lift_all_faults()
        self.order(who, "one image")

    def lift_fault(self, nth: int) -> None:
        faults = self.stage.control("GET", "faults")["faults"]
        if faults:
            self.stage.control("DELETE", f"faults/{faults[nth % len(faults)]['id']}")

    def lift_all_faults(self) -> None:
        self.stage.control("DELETE", "faults")

    def follow_a_script(self, who: str, place: int) -> None:
        """Of three calls the one that is meant fails, however often it is sent; it counts once."""
        self.lift_all_faults()
        fault = {
            "fault": "status",
            "id": "script",
            "status": 503,
            "nth": [place],
            "operations": ["getUserSelf"],
        }
        assert self.stage.operate("POST", "faults", fault).status == 201
        met = []
        for nth in (1, 2, 3):
            asked = self._ask(who, "GET", f"/me?call={nth}")
            if asked.status == 401:
                return
            if asked.status == 503:
                met.append(nth)
                self.stage.again(asked)
                self._judge_finished()
                assert self.stage.asked[-1].status != 503
        told = self.stage.control("GET", "faults/script")
        assert (met, told["fired"], list(told["counts"].values())) == ([place], 1, [3])
        self.lift_all_faults()

    def force(self, nth: int, event: str) -> None:
        jobs = [
            job
            for job in self.stage.control("GET", "jobs?state=PENDING&limit=1000")["jobs"]
            if job["part_of"] is None
        ]
        if jobs:
            job = jobs[nth % len(jobs)]
            told = self.stage.operate("POST", f"jobs/{job['id']}", {"event": event})
            assert told.status == (409 if job["state"] == "QUEUED" and event == "FINISH" else 200)
            self.stage.rest()

    def give_credits(self, who: str, credits: int) -> None:
        self.known.adjusted[self.stage.user_ids[who]] += 1
        user_id = self.stage.user_ids[who]
        told = self.stage.control("PATCH", f"accounts/{user_id}", credits=credits)
        assert told["balance"] == credits

    def renew_keys(self) -> None:
        """Make another key for whoever has lost his."""
        revoked = {
            key["id"] for key in self.stage.control("GET", "keys?limit=1000")["keys"] if key["revoked_ms"]
        }
        for who, key_id in self.stage.key_ids.items():
            if key_id in revoked:
                self.stage.make_key(
                    who, f"{KEYS[who]}-{len(self.stage.asked)}", account=self.stage.user_ids[who]
                )
        self._know_hooks()

    def reset(self, what: str) -> None:
        self.stage.rest()
        self._read_on()
        if what == "credits":
            for user_id in self.app.site.world.accounts:
                self.known.adjusted[user_id] += 1
        self.stage.control("POST", f"reset/{what}".rstrip("/"))
        if what == "jobs":
            self.known.forget_jobs()
        if what == "journal":
            self.finished = 0
        if what == "":
            self.stage.rest()
            self._judge_finished()
            self.finished = self.app.record.seen
            self._begin_anew()
            self.known = Known()
            self.stage.make_keys()
            self._know_hooks()

    def save(self) -> None:
        self.stage.rest()
        state = self.stage.control("GET", "state")
        self._read_on()
        self.saved = deepcopy((state, self.known, self.stage.key_ids, self.stage.keys))

    def load(self) -> None:
        """Put the saved state in place of the present one: it is there again, to the last bit."""
        if self.saved is None:
            self.save()
            return
        state, known, key_ids, keys = deepcopy(self.saved)
        self.stage.rest()
        self._read_on()
        self._begin_anew()
        assert self.stage.operate("PUT", "state", state).status == 200
        if state["clock"]["mode"] != "auto":
            assert self.stage.control("GET", "state") == state
        self.stage.key_ids, self.stage.keys = key_ids, keys
        known.told_of.clear()
        # Secrets do not go along, not even in prompts, and files are named by those.
        known.images = {image_id: url for image_id, url in known.images.items() if "canary" not in url}
        self.known = known
        self.stage.rest()

    def _begin_anew(self) -> None:
        """What is told from here on is told of another state."""
        seen = self.stage.seen
        self.first = {
            "effects": len(seen.all_effects),
            "asked": len(self.stage.asked),
            "deliveries": len(seen.all_deliveries),
        }
        self.stage.received.clear()

    def change_receiver(self, mood: str) -> None:
        self.stage.receiver = mood

    def let_a_receiver_recover(self) -> None:
        """He fails once, and then no more."""
        mood, self.stage.receiver = self.stage.receiver, "failing"
        self.order("alice", "one image")
        self.advance(4_500)
        self.stage.receiver = "good"
        self.advance(40_000)
        self.stage.receiver = mood

    def redeliver(self, nth: int) -> None:
        sent = self.stage.seen.all_deliveries[self.first["deliveries"] :]
        if sent:
            told = self.stage.operate("POST", f"webhooks/{sent[nth % len(sent)].n}/redeliver")
            assert told.status in {201, 404, 409}

    def rest(self) -> None:
        self.stage.rest()
        assert self.app.activity.busy == 0
        self._check_secrets()

    # --- the laws -----------------------------------------------------------------------------

    def check(self) -> None:
        stage = self.stage
        if not self._stands_still():
            stage.rest()
        self._judge_finished()
        accounts = [
            stage.control("GET", f"accounts/{user_id}?limit=1000") for user_id in self.app.site.world.accounts
        ]
        jobs = stage.control("GET", "jobs?limit=1000")
        self._read_on()
        if self._stands_still():
            for told in accounts:
                lanes = self.app.site.world.accounts[told["user_id"]].lanes
                self.known.judge_account(told, {name: lane.percent for name, lane in lanes.items()})
            self.known.judge_jobs(jobs)
            self.known.judge_charges(accounts)
            self.known.judge_deliveries(
                stage.seen.all_deliveries[self.first["deliveries"] :], stage.received, is_over=False
            )
        journal = stage.control("GET", "health")["journal"]
        self._judge_finished()
        assert journal["exchanges"] + journal["dropped"] == self.finished
        assert journal["exchanges"] == min(self.finished, JOURNAL)
        assert stage.logged.lines == [], stage.logged.lines
        assert stage.complaints == []

    def finish(self) -> None:
        """Let everything come to its end; nothing is left then."""
        stage, app = self.stage, self.app
        self.lift_all_faults()
        stage.receiver = "quick"
        self.switch("manual")
        stage.rest()
        for _ in range(100):
            if app.due_ms() is None:
                break
            self.advance(HOUR_MS)
        self.check()
        assert app.due_ms() is None
        assert stage.held == [], "an answer is held for ever"
        assert app.activity.busy == 0
        left = (app.agenda._heap, app.transmitter._waits, app.record.waiting)
        sender = app.sender
        assert not any((*left, sender._entries, sender._lanes, sender._tasks))
        for account in app.site.world.accounts.values():
            for lane in account.lanes.values():
                assert not lane.queue or lane.running, "somebody waits for nobody"
        self.known.judge_deliveries(
            stage.seen.all_deliveries[self.first["deliveries"] :], stage.received, is_over=True
        )
        self._judge_whys()
        self._check_secrets()

    def record(self) -> tuple[Any, ...]:
        """All that the run has left behind."""
        seen = self.stage.seen
        exchanges = [(each.n, each.at_ms, each.status, each.why, each.answer) for each in seen.all_exchanges]
        got = [(asked.status, asked.answered, asked.content, asked.is_cut) for asked in self.stage.asked]
        told = self.stage.operate("GET", "record").content
        return told, seen.all_decisions, seen.all_effects, exchanges, got

    def _judge_whys(self) -> None:
        """Every fault that was decided on is named by the answer or the delivery that it has met."""
        seen = self.stage.seen
        decided = [(one.fault, one.kind) for one in seen.all_decisions if one.operation not in EVENTS]
        named = [met for each in seen.all_exchanges for met in _MET.findall(each.why)]
        assert Counter(named) <= Counter(decided)
        unnamed = {kind for _, kind in Counter(decided) - Counter(named)}
        assert unnamed <= FINDS_NOTHING, f"not named: {unnamed}"
        decided_there = Counter(one.fault for one in seen.all_decisions if one.operation in EVENTS)
        named_there = Counter(
            fault for each in seen.all_deliveries if each.copy_of is None for fault in each.faults
        )
        assert named_there == decided_there
        # What was under way at an import tells of a time that has never been.
        exchanges = [each for n, each in self.exchanges.items() if n > self.first["asked"]]
        booked = Counter(job_id for each in exchanges for job_id in each.booked)
        assert set(booked.values()) <= {1}, "two calls have booked one job"
        effects = {
            effect.job_id
            for effect in seen.all_effects[self.first["effects"] :]
            if isinstance(effect, Booked)
        }
        assert booked.keys() == effects, "a job that no call has booked"

    def _check_secrets(self) -> None:
        for path, content in self.stage.told():
            for secret in (CANARY, BEARER):
                assert secret.encode() not in content, f"{secret} is in {path}"
        for delivery in self.stage.seen.all_deliveries:
            kept = [delivery.body, *(attempt.answer for attempt in delivery.attempts)]
            for secret in (CANARY, BEARER):
                assert not any(secret.encode() in each for each in kept), f"{secret} is kept"
                assert secret not in str(delivery.headers)

    def _judge_finished(self) -> None:
        """Look at every answer that has come in."""
        done = [asked for asked in self.stage.held if asked.done]
        self.stage.held = [asked for asked in self.stage.held if not asked.done]
        for exchange in self.stage.seen.all_exchanges[self.read["exchanges"] :]:
            assert exchange.client is not None
            n = exchange.client[1] - 10_000
            assert n not in self.exchanges, "one request is two exchanges"
            self.exchanges[n] = exchange
            self.finished += 1
            self._judge_fates(exchange)
            known = exchange.operation in self.stage.operations
            if known and exchange.user_id and exchange.at_ms // MINUTE_MS not in self.clouded:
                self.known.judge_limits(exchange)
        self.read["exchanges"] = len(self.stage.seen.all_exchanges)
        for asked in done:
            assert asked.task is not None
            asked.task.result()
            self._judge(asked, self.exchanges[asked.n])

    def _judge_fates(self, exchange: Exchange) -> None:
        """What is in store for a job was in store for the call that has booked it."""
        is_met = any(kind in JOB_FAULTS for _, kind in _MET.findall(exchange.why))
        for account in self.app.site.world.accounts.values():
            for jobs in (account.generations, account.variations):
                for job_id in exchange.booked:
                    job = jobs.get(job_id)
                    assert job is None or (job.fate is not None) <= is_met

    def _judge(self, asked: Asked, exchange: Exchange) -> None:
        """The journal says what the client got, and the answer says why."""
        assert "mockleo-bug" not in asked.why
        if exchange.outcome == "answered":
            assert (exchange.status, exchange.why) == (asked.status, asked.why)
            assert exchange.answer_bytes == len(asked.content) or asked.status in {204, 304}
            assert not asked.is_cut
        else:
            assert asked.is_cut or asked.gone.is_set()
            assert "fault=" in exchange.why
        assert asked.status < 400 or asked.why or asked.is_cut, (
            f"{asked.status} to {asked.url} does not say why"
        )
        if asked.is_plain and asked.status >= 500:
            assert asked.why in self.stage.listed_5xx
        for fault in exchange.faults:
            assert f"fault={fault}; " in exchange.why

    def _read_on(self) -> None:
        """Follow what has been told since."""
        seen, read = self.stage.seen, self.read
        for decision in seen.all_decisions[read["decisions"] :]:
            if decision.kind == "credits-gone":
                self.known.adjusted[decision.user_id] += 1
        for effect in seen.all_effects[read["effects"] :]:
            self.known.follow(effect)
        read["decisions"], read["effects"] = len(seen.all_decisions), len(seen.all_effects)

    def _know_hooks(self) -> None:
        told = self.stage.control("GET", "keys?limit=1000")["keys"]
        self.known.hooks = {key["id"] for key in told if key["webhook"] is not None}

    def _stands_still(self) -> bool:
        """Whether nothing happens between two looks."""
        return not self.stage.goes_on()

    def _owner(self, generation_id: str) -> str:
        job = self.known.jobs.get(generation_id)
        mine = [who for who, user_id in self.stage.user_ids.items() if job and user_id == job.booked.user_id]
        return mine[0] if mine else "alice"

    def _generation(self, generation_id: str) -> Any:
        for account in self.app.site.world.accounts.values():
            if generation_id in account.generations:
                return account.generations[generation_id]
        return None
