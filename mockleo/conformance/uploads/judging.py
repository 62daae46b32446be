"""Sends forms, and judges what storage answers: by name, with a finding for what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.caller import Caller, shown
from mockleo.conformance.tally import Doubt, Finding
from mockleo.conformance.uploads.forms import Form, form_of
from mockleo.conformance.uploads.posting import curl_of, request_of, steps_of
from mockleo.conformance.uploads.refusal import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer, Door
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.tally import Tally
    from mockleo.conformance.uploads.cases import Case
    from mockleo.conformance.uploads.forms import Giver
    from mockleo.conformance.uploads.posting import Post
    from mockleo.conformance.uploads.refusal import Refusal

PART = "uploads"

_SHAPE = (
    "storage refuses in XML: content type application/xml, <Error> with Code, Message, RequestId and"
    " HostId, the ids also in the headers x-amz-request-id and x-amz-id-2"
    " (documented: AWS, ErrorResponses)"
)
_GIVEN = (
    "fields is the JSON text of an object of texts, with key, Policy and a SigV4 signature; url is where"
    " it is posted (documented: the OpenAPI document, UP; the fields' names are S3's)"
)


class Desk:
    """Asks one door for forms, posts them, and writes down what comes of it."""

    def __init__(self, plan: Plan, door: Door, tally: Tally) -> None:
        self.plan = plan
        self.door = door
        self.tally = tally
        self.caller = Caller(door, tally)
        # Where a dataset's images go: one for the run.
        self._dataset = ""

    @property
    def dataset(self) -> str:
        return self._dataset

    def forget(self, form: Form) -> None:
        """Note that an upload was deleted, and its dataset with it."""
        if form.dataset == self._dataset:
            self._dataset = ""

    def ask(self, giver: Giver, body: Mapping[str, str] | None = None) -> Form | None:
        """A new form; None, and a finding, where the answer holds none."""
        dataset = self._a_dataset() if giver.in_dataset else ""
        told = self.caller.call(giver.operation, body or giver.bodies[0], at=dataset)
        self.checked("form-given", giver)
        form = form_of(giver, told, dataset=dataset)
        if isinstance(form, Form):
            return form
        self.found(
            Finding(
                part=PART,
                check="form-given",
                operation=giver.operation,
                message=f"{giver.name} gives no form that can be used: {form}",
                expected=_GIVEN,
                fix="the answer of the operation that gives the form",
                curl=self.caller.curl(told.request),
                seen=shown(told.answer),
            )
        )
        return None

    def post(self, form: Form, post: Post) -> Answer:
        """Send a form as it was filled in. Raises what `Door.send` does."""
        return self.caller.send(request_of(post, form.url))

    def judge(self, case: Case, form: Form, post: Post) -> Answer:
        """Send a form and judge the answer by its row."""
        answer = self.post(form, post)
        self.checked(case.check, form.giver)
        wrong = self.wrong(case, answer)
        if wrong:
            self.blame(
                case.check,
                form,
                post,
                answer,
                wrong=wrong,
                expected=case.expected,
                fix=case.fix,
                done=case.done,
            )
        return answer

    def wrong(self, case: Case, answer: Answer) -> str:
        """What is wrong with an answer, in words; empty where nothing is."""
        if case.is_taken:
            return self._not_taken(case, answer)
        if answer.status < 300:
            return f"storage takes it ({answer.status})"
        refusal = read(answer)
        if isinstance(refusal, str):
            # Its own check says what is wrong with the shape; the row is about status and code.
            return "" if answer.status == case.status else f"storage answers {answer.status}"
        return _differs(case, answer, refusal)

    def _not_taken(self, case: Case, answer: Answer) -> str:
        if answer.status != case.status:
            refusal = read(answer)
            code = "" if isinstance(refusal, str) else f", code {refusal.code}: {refusal.message}"
            return f"storage answers {answer.status}{code}"
        if answer.body:
            return f"storage answers {answer.status} with a body of {len(answer.body)} bytes"
        missing = [name for name in ("etag", "location") if not answer.header(name)]
        return f"the answer has no header {' and no header '.join(missing)}" if missing else ""

    def shape(self, form: Form, post: Post, answer: Answer) -> None:
        """Whatever the refusal says: it must be one of S3's."""
        if answer.status < 300:
            return
        self.checked("refusal-is-xml", form.giver)
        refusal = read(answer)
        if isinstance(refusal, str):
            self.blame(
                "refusal-is-xml",
                form,
                post,
                answer,
                wrong=f"{refusal}; clients of S3 read the reason from there",
                expected=_SHAPE,
                done="a form is refused",
            )

    def blame(
        self,
        check: str,
        form: Form,
        post: Post,
        answer: Answer,
        *,
        wrong: str,
        expected: str,
        done: str,
        fix: str = "",
    ) -> None:
        """Write down what is wrong with what storage answered."""
        self.found(
            Finding(
                part=PART,
                check=check,
                operation=form.giver.operation,
                message=f"A form of {form.giver.name}: {done}, and {wrong}.",
                expected=expected,
                fix=fix or "what storage checks before it stores a file",
                curl=curl_of(post, form),
                seen=shown(answer),
                steps=steps_of(post, form, self.caller),
                replay=self.replay,
            )
        )

    @property
    def replay(self) -> str:
        plan = self.plan
        return f"mockleo contract --only {PART} --seed {plan.seed} --max-examples {plan.examples}"

    def checked(self, check: str, giver: Giver, *, times: int = 1) -> None:
        self.tally.checked(PART, check, giver.operation, times=times)

    def found(self, finding: Finding) -> None:
        self.tally.found(finding)

    def doubt(self, check: str, giver: Giver, why: str) -> None:
        self.tally.doubt(Doubt(part=PART, check=check, operation=giver.operation, why=why))

    def _a_dataset(self) -> str:
        if not self._dataset:
            value = self.caller.call("createDataset", {"name": "mockleo contract"}).value
            self._dataset = str((value or {}).get("id") or "")
        return self._dataset


def _differs(case: Case, answer: Answer, refusal: Refusal) -> str:
    """How a refusal differs from the one that its row wants."""
    if (answer.status, refusal.code) != (case.status, case.code):
        return f"storage refuses it with {answer.status}, code {refusal.code}: {refusal.message}"
    if not refusal.message.startswith(case.says):
        return f"the message is {refusal.message!r}"
    for name, value in case.elements.items():
        if refusal.elements.get(name) != value:
            return f"the element {name} is {refusal.elements.get(name)!r} instead of {value!r}"
    return ""
