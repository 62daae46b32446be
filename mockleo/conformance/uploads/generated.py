"""Uploads by chance: files, names and orders that must be taken, changes that must be refused.

The draws come from Hypothesis and its seed alone; what is found is made as small as it can be.
A call that may not be made ends the drawing, and is told once it has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from mockleo.conformance.door import MayNot, NoAnswer
from mockleo.conformance.uploads.cases import TAKEN
from mockleo.conformance.uploads.judging import PART
from mockleo.conformance.uploads.keeping import delete, is_stored, see_again
from mockleo.conformance.uploads.posting import filled_in
from mockleo.conformance.uploads.refusal import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Answer
    from mockleo.conformance.uploads.forms import Form, Giver
    from mockleo.conformance.uploads.judging import Desk
    from mockleo.conformance.uploads.posting import Post

FILE_BYTES_MOST = 2_048
# A form is given back for another after so many calls: it lives for two minutes.
USES_MOST = 20

_REFUSED = (
    "a form is refused where a field was changed or left out that its policy or its signature covers,"
    " with 400 or 403 (documented: AWS, sigv4-HTTPPOSTConstructPolicy)"
)

# What a browser sends as a name is in UTF-8, and has no line breaks.
_NAMES = st.one_of(
    st.none(),
    st.sampled_from(
        ["image.png", "", "../../etc/passwd", "C:\\x.png", 'a"b.png', "a;b.png", "ä ö.png", "${filename}"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
)
_PRINTABLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


class _Wrong(AssertionError):
    """One draw that went wrong; Hypothesis looks for the smallest. `tell` writes it down."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__("a promise was broken")
        self.tell = tell


def any_file(desk: Desk, giver: Giver) -> None:
    """Any file, under any name, with its fields in any order, is taken and comes back the same."""
    least = 1

    def one(data: st.DataObject) -> None:
        form = desk.ask(giver)
        assume(form is not None)
        assert form is not None
        content = data.draw(st.binary(min_size=least, max_size=FILE_BYTES_MOST), label="file")
        order = tuple(data.draw(st.permutations(list(form.fields)), label="order"))
        post = filled_in(form, content, filename=data.draw(_NAMES, label="filename"), order=order)
        answer = desk.post(form, post)
        desk.checked("any-file-taken", giver)
        wrong = desk.wrong(TAKEN[0], answer)
        if wrong:
            raise _Wrong(lambda: _blame(desk, "any-file-taken", form, post, answer, wrong, TAKEN[0].expected))
        before = set(desk.tally.findings)
        url = see_again(desk, form, content)
        if set(desk.tally.findings) == before and not form.dataset:
            delete(desk, form, url)

    _draw(desk, one)


def any_change(desk: Desk, giver: Giver) -> None:
    """Any change to a field that is signed or under a condition is refused, and stores nothing."""
    hand = _Hand(desk, giver)

    def one(data: st.DataObject) -> None:
        form = hand.form()
        assume(form is not None)
        assert form is not None
        name = data.draw(
            st.sampled_from(sorted(n for n in form.fields if n.lower() in form.bound)), label="field"
        )
        value = form.fields[name]
        new = data.draw(_another(value), label="value")
        assume(new != value)
        post = filled_in(form, b"not mine", changes={name: new})
        _must_be_refused(desk, hand, form, post, "any-change-refused", f"the field {name} is changed")

    _draw(desk, one)


def any_gap(desk: Desk, giver: Giver) -> None:
    """Any fields left out of those that are signed or under a condition, and it is refused."""
    hand = _Hand(desk, giver)

    def one(data: st.DataObject) -> None:
        form = hand.form()
        assume(form is not None)
        assert form is not None
        # The bucket is in the address, too.
        names = sorted(name for name in form.fields if name.lower() in form.bound - {"bucket"})
        gone = data.draw(st.sets(st.sampled_from(names), min_size=1), label="left out")
        post = filled_in(form, b"not mine", without=gone)
        done = f"without {', '.join(sorted(gone))}"
        _must_be_refused(desk, hand, form, post, "any-gap-refused", done)

    _draw(desk, one)


class _Hand:
    """A form that is used again as long as it is refused, and not for too long."""

    def __init__(self, desk: Desk, giver: Giver) -> None:
        self._desk, self._giver = desk, giver
        self._form: Form | None = None
        self._uses = 0

    def form(self) -> Form | None:
        if self._form is None or self._uses >= USES_MOST:
            self._form, self._uses = self._desk.ask(self._giver), 0
        self._uses += 1
        return self._form

    def drop(self) -> None:
        self._form = None


def _must_be_refused(desk: Desk, hand: _Hand, form: Form, post: Post, check: str, done: str) -> None:
    answer = desk.post(form, post)
    desk.checked(check, form.giver)
    if answer.status < 300:
        hand.drop()
        wrong = f"storage takes it ({answer.status})"
    elif answer.status not in {400, 403}:
        wrong = f"storage answers {answer.status}"
    elif isinstance(read(answer), str):
        wrong = f"{read(answer)}"
    elif is_stored(desk, form):
        hand.drop()
        wrong = "it is refused, but the file is stored all the same"
    else:
        return
    raise _Wrong(lambda: _blame(desk, check, form, post, answer, wrong, _REFUSED, done))


def _another(value: str) -> st.SearchStrategy[str]:
    """Something near `value`, and something that is far from it."""
    at = st.integers(0, max(0, len(value) - 1))
    return st.one_of(
        st.tuples(at, _PRINTABLE).map(lambda drawn: value[: drawn[0]] + drawn[1] + value[drawn[0] + 1 :]),
        at.map(lambda cut: value[:cut] + value[cut + 1 :]),
        st.text(_PRINTABLE, min_size=1, max_size=4).map(lambda tail: value + tail),
        st.text(_PRINTABLE, max_size=20),
    )


def _draw(desk: Desk, one: Callable[[Any], None]) -> None:
    """Draw so many examples as the plan says, and write down the smallest that goes wrong."""
    stopped: list[Exception] = []

    def guarded(data: st.DataObject) -> None:
        if stopped:
            return
        desk.tally.cases[PART] += 1
        try:
            one(data)
        except (MayNot, NoAnswer) as error:
            stopped.append(error)

    test = given(st.data())(guarded)
    test = seed(desk.plan.seed)(test)
    test = settings(
        max_examples=desk.plan.examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )(test)
    try:
        test()
    except _Wrong as wrong:
        wrong.tell()
    if stopped:
        raise stopped[0]


def _blame(
    desk: Desk,
    check: str,
    form: Form,
    post: Post,
    answer: Answer,
    wrong: str,
    expected: str,
    done: str = "a file of any content, name and order of fields is sent",
) -> None:
    desk.blame(check, form, post, answer, wrong=wrong, expected=expected, done=done)


ALL: Mapping[str, Callable[[Desk, Giver], None]] = {
    "any file": any_file,
    "any change": any_change,
    "any gap": any_gap,
}
