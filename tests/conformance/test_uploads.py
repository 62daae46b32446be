"""The part about uploads: silent on a sound emulator, and for each mistake the check that is for it.

A mistake is planted by changing one function of the emulator for one test.
"""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from mockleo.bucket import errors, markup, outcome, policy, presign, service, signature, store, upload
from mockleo.bucket import form as forms_in
from mockleo.conformance.caller import Caller, operations
from mockleo.conformance.door import Answer, Door, MayNot, OutOfBudget, Request
from mockleo.conformance.doors.real import KEY_VARIABLE, RealService
from mockleo.conformance.parts import PARTS, Plan
from mockleo.conformance.tally import Tally
from mockleo.conformance.uploads import cases
from mockleo.conformance.uploads.forms import Form, givers
from mockleo.conformance.uploads.judging import Desk
from mockleo.conformance.uploads.part import run
from mockleo.conformance.uploads.posting import Field, Post, curl_of, encode, filled_in, steps_of
from mockleo.conformance.uploads.refusal import Refusal, read
from mockleo.core import uploads as core_uploads
from mockleo.proving import TheEmulator
from mockleo.wire import assets, shapes
from mockleo.wire.endpoints import HANDLERS, init_images
from mockleo.wire.site import Site
from tests.conformance.doors.played import Played
from tests.conformance.doors.test_pace import Held

PLAN = Plan(seed=1, examples=15)


def made(plan: Plan = PLAN, opener: Any = None) -> Tally:
    tally = Tally()
    run(plan, opener or TheEmulator(), tally, lambda _: None)
    return tally


def found_by(tally: Tally) -> set[str]:
    return {finding.check for finding in tally.findings.values()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sound_emulator_has_no_findings(seed: int) -> None:
    tally = made(Plan(seed=seed, examples=10))
    assert not tally.findings, list(tally.findings.values())[:3]
    assert not tally.doubts
    assert not tally.omissions
    assert tally.verdict == "passed"
    assert tally.cases["uploads"] >= 30


def test_every_form_of_the_contract_is_tried() -> None:
    names = {giver.name for giver in givers(operations())}
    assert names == {
        "uploadInitImage",
        "uploadCanvasInitImage (init)",
        "uploadCanvasInitImage (mask)",
        "uploadDatasetImage",
        "uploadModelAsset",
        "uploadMedia",
    }
    tally = made()
    for giver in givers(operations()):
        for case in (*cases.TAKEN, *cases.REFUSED):
            assert tally.made["uploads", case.check, giver.operation], (giver.name, case.check)


def test_the_same_seed_makes_the_same_calls() -> None:
    def sent() -> list[Request]:
        opener = Listening(calls=[])
        made(PLAN, opener)
        return opener.calls

    assert sent() == sent()


# --- planted mistakes -------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def never(module: Any, name: str, value: Any) -> Plant:
    """Put something else in the place of one function or number."""
    return lambda patch: patch.setattr(module, name, value)


def signature_begins_right(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signature, "is_same", lambda expected, sent: sent.startswith(expected))


def only_the_key_is_free(patch: pytest.MonkeyPatch) -> None:
    sound = policy._is_met

    def is_met(condition: Any, fields: Any, bucket: str) -> bool:
        return getattr(condition, "name", "") == "key" or sound(condition, fields, bucket)

    patch.setattr(policy, "_is_met", is_met)


def no_field_is_too_much(patch: pytest.MonkeyPatch) -> None:
    sound = policy.judge

    def judge(read: policy.Policy, head: Any, **told: Any) -> None:
        try:
            sound(read, head, **told)
        except errors.ExtraFields:
            return

    patch.setattr(policy, "judge", judge)


def forms_do_not_expire(patch: pytest.MonkeyPatch) -> None:
    sound = policy.judge
    patch.setattr(policy, "judge", lambda *given, **told: sound(*given, **{**told, "now_ms": 0}))


def authorization_is_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(service, "door", lambda headers: forms_in.boundary_of(headers.get("content-type", "")))


def kept_though_too_small(patch: pytest.MonkeyPatch) -> None:
    sound = outcome.settle

    def settle(admission: Any, draft: Any, *, now_ms: int) -> Any:
        stored = sound(replace(admission, least_bytes=0), draft, now_ms=now_ms)
        if draft.size_bytes < admission.least_bytes:
            raise errors.TooSmall(proposed_bytes=draft.size_bytes, bytes_min=admission.least_bytes)
        return stored

    patch.setattr(service, "settle", settle)


def xml_without(name: str) -> Plant:
    sound = markup.render

    def render(*given: Any, **told: Any) -> bytes:
        return re.sub(rf"<{name}>.*?</{name}>".encode(), b"", sound(*given, **told))

    return lambda patch: patch.setattr(service, "render", render)


def xml_of(change: Callable[[bytes], bytes]) -> Plant:
    sound = markup.render
    return lambda patch: patch.setattr(service, "render", lambda *a, **k: change(sound(*a, **k)))


def refused_as_html(patch: pytest.MonkeyPatch) -> None:
    sound = service._refusal

    def refusal(*given: Any) -> Any:
        reply = sound(*given)
        return replace(reply, headers={**reply.headers, "content-type": "text/html"})

    patch.setattr(service, "_refusal", refusal)


def bytes_change(change: Callable[[bytes], bytes]) -> Plant:
    sound = store.Draft.write
    return lambda patch: patch.setattr(store.Draft, "write", lambda self, data: sound(self, change(data)))


def forms_only_once(patch: pytest.MonkeyPatch) -> None:
    sound, spent = upload.admit, set()

    def admit(head: Any, **told: Any) -> Any:
        admission = sound(head, **told)
        if admission.key in spent:
            raise errors.PolicyExpired
        spent.add(admission.key)
        return admission

    patch.setattr(service, "admit", admit)


def first_file_stays(patch: pytest.MonkeyPatch) -> None:
    sound, known = store.Draft.commit, {}

    def commit(self: Any, **told: Any) -> Any:
        if told["key"] not in known:
            known[told["key"]] = sound(self, **told)
        return known[told["key"]]

    patch.setattr(store.Draft, "commit", commit)


def success_is(**changes: Any) -> Plant:
    sound = outcome.answer

    def answer(*given: Any, **told: Any) -> Any:
        return replace(sound(*given, **told), **changes)

    return lambda patch: patch.setattr(service, "answer", answer)


def fields_are_an_object(patch: pytest.MonkeyPatch) -> None:
    sound = shapes.presigned

    def presigned(*given: Any) -> tuple[Any, str]:
        fields, url = sound(*given)
        return msgspec.json.decode(fields), url

    patch.setattr(init_images, "presigned", presigned)


def fields_name_another_key(patch: pytest.MonkeyPatch) -> None:
    sound = presign.Presigner.presign
    patch.setattr(
        presign.Presigner, "presign", lambda self, *, key, **told: sound(self, key=f"{key}.old", **told)
    )


def forms_live_ten_minutes(patch: pytest.MonkeyPatch) -> None:
    sound = presign.Presigner.presign
    patch.setattr(
        presign.Presigner, "presign", lambda self, **told: sound(self, **{**told, "life_ms": 600_000})
    )


def deleted_only_in_words(patch: pytest.MonkeyPatch) -> None:
    sound = core_uploads.find
    patch.setattr(
        init_images, "delete", lambda world, account, upload_id, *of: sound(account, upload_id, *of)
    )


def case_matters(patch: pytest.MonkeyPatch) -> None:
    sound = upload.admit

    def admit(head: Any, **told: Any) -> Any:
        sent = {head.spelled[name]: value for name, value in head.fields.items()}
        return sound(replace(head, fields={n.replace("KEY", "-"): v for n, v in sent.items()}), **told)

    patch.setattr(service, "admit", admit)


def keys_without_an_extension(patch: pytest.MonkeyPatch) -> None:
    sound = core_uploads.announce

    def announce(world: Any, *given: Any, **told: Any) -> Any:
        image = sound(world, *given, **told)
        del world.uploads_by_key[image.key]
        image.key = image.key.rpartition(".")[0]
        world.uploads_by_key[image.key] = image
        return image

    patch.setattr(init_images, "announce", announce)


def masks_spelled_once(patch: pytest.MonkeyPatch) -> None:
    sound = HANDLERS["uploadCanvasInitImage"]

    def upload_canvas(call: Any) -> Any:
        (row,) = msgspec.json.decode(sound(call).encoded()).values()
        return call.reply({name: value for name, value in row.items() if name != "masksKey"})

    patch.setitem(HANDLERS, "uploadCanvasInitImage", upload_canvas)


def given_as_text(patch: pytest.MonkeyPatch) -> None:
    sound = assets._part
    patch.setattr(assets, "_part", lambda content, _, asked: sound(content, "text/plain", asked))


PLANTS: dict[str, tuple[Plant, str]] = {
    "signature not checked": (never(upload, "verify", lambda *_, **__: None), "signature-checked"),
    "signature compared in part": (signature_begins_right, "any-change-refused"),
    "expiry not checked": (forms_do_not_expire, "form-expires"),
    "forms live ten minutes": (forms_live_ten_minutes, "form-expires"),
    "policy tells ten minutes": (forms_live_ten_minutes, "form-says-two-minutes"),
    "largest size ignored": (never(policy.Policy, "sizes", ()), "too-large-refused"),
    "least size ignored": (never(policy.Policy, "sizes", ()), "too-small-refused"),
    "largest size one too small": (
        never(policy.Policy, "sizes", property(lambda self: ((1, 999),))),
        "largest-taken",
    ),
    "conditions ignored": (never(policy, "_is_met", lambda *_: True), "content-type-held-to"),
    "condition on the key ignored": (only_the_key_is_free, "key-held-to"),
    "further fields taken": (no_field_is_too_much, "no-further-fields"),
    "authorization taken": (authorization_is_taken, "authorization-refused"),
    "another code": (never(errors.SignatureMismatch, "code", "AccessDenied"), "signature-checked"),
    "another status": (never(errors.NotMultipart, "status", 400), "multipart-wanted"),
    "another message": (
        never(errors.PolicyExpired, "__init__", lambda self: errors.Forbidden.__init__(self, "Too late")),
        "form-expires",
    ),
    "no request id": (xml_without("RequestId"), "refusal-is-xml"),
    "no host id": (xml_without("HostId"), "refusal-is-xml"),
    "no code": (xml_without("Code"), "refusal-is-xml"),
    "not well-formed": (xml_of(lambda body: body.replace(b"</Message>", b"")), "refusal-is-xml"),
    "another root": (xml_of(lambda body: body.replace(b"Error>", b"Fault>")), "refusal-is-xml"),
    "refused in JSON": (xml_of(lambda _: b'{"error":"no"}'), "refusal-is-xml"),
    "refused as html": (refused_as_html, "refusal-is-xml"),
    "bytes changed": (bytes_change(bytes.upper), "file-fetched-same"),
    "zeros changed": (bytes_change(lambda data: data.replace(b"\0", b" ")), "any-file-fetched-same"),
    "the last byte lost": (bytes_change(lambda data: data[:-1]), "file-fetched-same"),
    "refused and kept": (kept_though_too_small, "refused-stores-nothing"),
    "forms good once": (forms_only_once, "form-used-twice"),
    "the first file stays": (first_file_stays, "file-fetched-same"),
    "answered with 200": (success_is(status=200), "form-taken"),
    "answered with a body": (success_is(body=b"thanks"), "form-taken"),
    "answered without an etag": (success_is(headers={"location": "x"}), "form-taken"),
    "names in their case only": (case_matters, "names-in-any-case"),
    "much before the file": (never(forms_in, "HEAD_BYTES_MAX", 200_000), "fields-not-too-long"),
    "fields are an object": (fields_are_an_object, "form-given"),
    "another key": (fields_name_another_key, "form-given"),
    "deleted, but still there": (never(Site, "discard", lambda *_: None), "deleted-file-gone"),
    "deleted, but still shown": (deleted_only_in_words, "upload-deleted"),
    "forms of another kind": (
        never(shapes, "_CONTENT_TYPES", {"png": "image/webp", "jpg": "image/jpeg"}),
        "form-of-its-kind",
    ),
    "keys without an extension": (keys_without_an_extension, "key-of-its-kind"),
    "masks spelled once": (masks_spelled_once, "form-given"),
    "given as another type": (given_as_text, "file-fetched-as-its-type"),
    "never noticed": (never(core_uploads.Upload, "arrived", property(lambda _: False)), "upload-usable"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_mistake_is_found_by_its_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, check = PLANTS[name]
    plant(monkeypatch)
    operation = "uploadCanvasInitImage" if name.startswith("masks") else "uploadInitImage"
    tally = made(Plan(seed=1, examples=20, operations=frozenset({operation})))
    assert check in found_by(tally)
    assert tally.verdict == "failed"


def test_a_finding_says_what_is_wrong_and_how_to_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "verify", lambda *_, **__: None)
    tally = made()
    done = "the last character of the signature is changed, and storage takes it (204)."
    message = f"A form of uploadInitImage: {done}"
    finding = tally.findings["signature-checked", "uploadInitImage", message]
    assert "403, code SignatureDoesNotMatch" in finding.expected
    assert "(documented: AWS" in finding.expected
    assert '-F Policy="$(field Policy)"' in finding.curl
    assert "--only uploads --seed 1" in finding.replay


def test_no_finding_tells_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "verify", lambda *_, **__: None)
    door = TheEmulator().open(seed=1)
    door.close()
    told = repr(list(made().findings.values()))
    assert "$LEONARDO_API_KEY" in told
    assert door.api_key not in told


def test_findings_alike_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "NAMESPACE", "")
    monkeypatch.setattr(store.Draft, "commit", first_bytes_only(store.Draft.commit))
    checks = [finding.check for finding in made().findings.values()]
    assert checks.count("any-file-fetched-same") <= 1


def first_bytes_only(sound: Any) -> Any:
    def commit(self: Any, **told: Any) -> Any:
        self._opened().truncate(1)
        return sound(self, **told)

    return commit


# --- doors that can do less -------------------------------------------------------------------


class Listening(TheEmulator, frozen=True, kw_only=True):
    """An emulator's door that notes each call, with fewer abilities, and may refuse some."""

    calls: list[Request]
    abilities: frozenset[str] | None = None
    refuse: Callable[[Request], Exception | None] = lambda _: None

    def fresh(self, **told: Any) -> Door:
        door: Any = super().fresh(**told)
        sound = door.send
        if self.abilities is not None:
            door.abilities = self.abilities

        def send(request: Request) -> Answer:
            self.calls.append(request)
            error = self.refuse(request)
            if error is not None:
                raise error
            answer: Answer = sound(request)
            return answer

        door.send = send
        return door  # type: ignore[no-any-return]


def test_nothing_is_sent_without_leave_to_spend() -> None:
    opener = Listening(calls=[], abilities=frozenset())
    tally = made(PLAN, opener)
    assert not opener.calls
    assert not tally.made
    ((_, omission),) = tally.omissions.items()
    assert "--spend" in omission.why


def test_where_time_is_real_nobody_waits_for_forms_to_grow_old() -> None:
    tally = made(PLAN, Listening(calls=[], abilities=frozenset({"spend"})))
    assert not tally.findings
    assert {omission.what for omission in tally.omissions.values()} == {
        "files that are too large",
        "forms that are too old",
    }
    assert not tally.made["uploads", "form-expires", "uploadInitImage"]
    assert tally.made["uploads", "signature-checked", "uploadMedia"]
    assert tally.made["uploads", "file-last", "uploadInitImage"]
    assert not tally.made["uploads", "file-last", "uploadMedia"]


def test_what_is_too_large_is_not_sent_where_that_is_much() -> None:
    opener = Listening(calls=[], abilities=frozenset({"spend"}))
    made(PLAN, opener)
    assert max(len(request.body) for request in opener.calls) < 100_000


def test_a_form_that_may_not_be_sent_is_a_doubt() -> None:
    def refuse(request: Request) -> Exception | None:
        return MayNot("not to strangers") if "/s3/" in request.url else None

    tally = made(PLAN, Listening(calls=[], abilities=frozenset({"spend"}), refuse=refuse))
    assert not tally.findings
    assert tally.verdict == "inconclusive"


def test_the_real_service_is_judged_without_a_finding_or_a_doubt() -> None:
    """By one that plays it, and whose time passes while the door waits: forms grow old meanwhile."""
    with Played() as played:

        class Passing(Held):
            def sleep_s(self, seconds: float) -> None:
                super().sleep_s(seconds)
                played.pass_time(round(seconds * 1_000))

        real = RealService(
            real=True,
            budget="5",
            spend=True,
            environ={KEY_VARIABLE: played.api_key},
            base_url=played.base_url,
            watch=Passing(),
        )
        try:
            tally = made(Plan(seed=1, examples=5), real)
        finally:
            real.close()
    assert not tally.findings
    assert not tally.doubts
    assert not [one for one in played.heard if "/s3/" in one.url and played.api_key.encode() in one.body]


def test_a_used_up_budget_ends_the_part() -> None:
    def refuse(request: Request) -> Exception | None:
        return OutOfBudget("no more") if request.operation == "createGeneration" else None

    with pytest.raises(OutOfBudget):
        made(PLAN, Listening(calls=[], refuse=refuse))


def test_a_broken_draw_sends_nothing_more() -> None:
    """Hypothesis would look for a smaller one, by sending more."""
    counts = {"posts": 0}

    def refuse(request: Request) -> Exception | None:
        counts["posts"] += b"not mine" in request.body
        return OutOfBudget("no more") if counts["posts"] >= 3 else None

    with pytest.raises(OutOfBudget):
        made(PLAN, Listening(calls=[], refuse=refuse))
    assert counts["posts"] == 3


def test_only_the_operations_that_are_asked_for() -> None:
    tally = made(Plan(seed=1, examples=5, operations=frozenset({"uploadMedia"})))
    assert {operation for part, _, operation in tally.made} == {"uploadMedia"}


def test_the_part_is_in_the_list() -> None:
    tally = Tally()
    PARTS["uploads"][1](Plan(seed=1, examples=2), TheEmulator(), tally, lambda _: None)
    assert tally.made


# --- what is read, and what is written --------------------------------------------------------

FRAME = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>%s</Error>'
IDS = b"<RequestId>r</RequestId><HostId>h</HostId>"
HEADERS = (("content-type", "application/xml"), ("x-amz-request-id", "r"), ("x-amz-id-2", "h"))


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        (b"<Code>A</Code><Message>B &amp; C</Message>" + IDS, None),
        (b"<Code>A</Code>\n<Message>B</Message>\n<ArgumentValue/>" + IDS, None),
        (b"<Message>B</Message>" + IDS, "no element Code"),
        (b"<Code>A</Code>" + IDS, "no element Message"),
        (b"<Code/><Message>B</Message>" + IDS, "no element Code"),
        (b"<Code>A</Code><Message>B</Message><HostId>h</HostId>", "no element RequestId"),
        (b"<Code>A</Code><Message>B</Message><RequestId>r</RequestId>", "no element HostId"),
        (b"<Code>A</Code><Message>B</Messag>" + IDS, "not well-formed"),
        (b"<Code>A</Code><Message><b>B</b></Message>" + IDS, "not flat"),
        (b"<Code>A</Code><Message>\xff</Message>" + IDS, "no UTF-8"),
        (IDS.replace(b"r<", b"other<") + b"<Code>A</Code><Message>B</Message>", "are not the same"),
    ],
)
def test_a_refusal_is_read_by_its_shape(inside: bytes, says: str | None) -> None:
    refusal = read(Answer(status=403, headers=HEADERS, body=FRAME % inside))
    if says is None:
        assert isinstance(refusal, Refusal)
        assert refusal.message in {"B", "B & C"}
    else:
        assert isinstance(refusal, str)
        assert says in refusal


def a_form(door: Door) -> tuple[Form, Caller]:
    desk = Desk(PLAN, door, Tally())
    form = desk.ask(next(giver for giver in givers(operations()) if giver.operation == "uploadInitImage"))
    assert form is not None
    return form, desk.caller


def test_a_boundary_is_in_no_file() -> None:
    body, boundary = encode([Field(name="a", value=b"1"), Field(name="file", value=b"--mockleo-")])
    assert body.count(boundary.encode()) == 3
    assert body.endswith(f"--{boundary}--\r\n".encode())


def test_a_name_cannot_break_out_of_its_header() -> None:
    body, _ = encode([Field(name="file", value=b"", filename='a"\r\nx: y.png')])
    assert b'filename="a%22%0D%0Ax: y.png"' in body


def test_a_curl_line_makes_the_same_form(tmp_path: Any) -> None:
    """Run with a curl that only prints what it was told."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    door = TheEmulator().open(seed=1)
    try:
        form, caller = a_form(door)
    finally:
        door.close()
    content = b"'\0\n\xff$(x)"
    post = filled_in(form, content, changes={"Content-Type": 'it\'s "html"'})
    steps = steps_of(post, form, caller)
    assert [step.split("=$(")[0].split("()")[0] for step in steps[:2]] == ["answer", "field"]
    script = (
        f'curl() {{ printf "%s\\n" "$@"; }}; field() {{ echo "<$1>"; }}\n{steps[-1]}\n{curl_of(post, form)}'
    )
    told = subprocess.run([bash, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = told.stdout.splitlines()
    assert "Policy=<Policy>" in lines
    assert 'Content-Type=it\'s "html"' in lines
    assert 'file=@upload.bin;filename="image.png"' in lines
    assert (tmp_path / "upload.bin").read_bytes() == content


def test_the_life_of_a_form_is_read_from_it() -> None:
    door = TheEmulator().open(seed=1)
    try:
        form, _ = a_form(door)
    finally:
        door.close()
    assert form.life_s is not None
    assert 120 <= form.life_s < 121
    assert form.sizes == (1, 104_857_600)
    assert {"key", "policy", "x-amz-signature", "content-type"} <= form.bound
    assert not msgspec.structs.replace(form, fields={"Policy": "?"}).policy
    assert msgspec.structs.replace(form, fields={"Policy": "?"}).life_s is None


def test_a_form_without_the_field_leaves_the_row_out() -> None:
    door = TheEmulator().open(seed=1)
    try:
        form, _ = a_form(door)
    finally:
        door.close()
    bare = msgspec.structs.replace(form, fields={"key": "k"})
    tried = {case.check for case in cases.REFUSED if case.make(bare, b"") is not None}
    assert "token-held-to" not in tried
    assert "content-type-wanted" not in tried
    assert "key-held-to" in tried
    assert all(isinstance(case.make(form, b"x"), Post) for case in (*cases.TAKEN, *cases.REFUSED))
