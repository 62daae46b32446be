"""Uploads by chance: files, names and orders that must be taken, changes that must be refused.

The draws come from Hypothesis and its seed alone; what is found is made as small as it can be.
A call that may not be made ends the drawing, and is told once it has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from mockleo.conformance.door import MayNot, NoAnswer
from mockleo.conformance.uploads.cases import TAKEN
from mockleo.conformance.uploads.judging import PART
from mockleo.conformance.uploads.keeping import PLACES, SAME, how_different, is_stored, shown_at
from mockleo.conformance.uploads.posting import filled_in
from mockleo.conformance.uploads.refusal import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockleo.conformance.door import Answer
    from mockleo.conformance.uploads.forms import Form, Giver
    from mockleo.conformance.uploads.judging import Desk
    from mockleo.conformance.uploads.posting import Post

    Change = Callable[[str], str]

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

# What is drawn hangs on nothing that was answered: the next form may be another one.
_NTH = st.integers(0, 63)
_PLACES = st.lists(_NTH, min_size=32, max_size=32)
_AT = st.integers(0, 4_095)


def _with_one_changed(at: int, char: str) -> Change:
    return lambda text: text[: at % len(text)] + char + text[at % len(text) + 1 :] if text else char


def _with_one_gone(at: int) -> Change:
    return lambda text: text[: at % len(text)] + text[at % len(text) + 1 :] if text else "x"


# From a field's value to another one: something near, or something far from it.
_CHANGES = st.one_of(
    st.builds(_with_one_changed, _AT, _PRINTABLE),
    st.builds(_with_one_gone, _AT),
    st.text(_PRINTABLE, min_size=1, max_size=4).map(lambda tail: lambda text: text + tail),
    st.text(_PRINTABLE, max_size=20).map(lambda other: lambda _: other),
)


class _Stop(BaseException):
    """There is nothing to go on with. No `Exception`, so that Hypothesis does not look for a smaller
    one, by sending more.
    """


class _Wrong(AssertionError):
    """One draw that went wrong; Hypothesis looks for the smallest. `tell` writes it down."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__("a promise was broken")
        self.tell = tell


def any_file(desk: Desk, giver: Giver) -> None:
    """Any file, under any name, with its fields in any order, is taken and comes back the same."""

    def one(data: st.DataObject) -> None:
        form = desk.ask(giver)
        if form is None:
            raise _Stop
        content = data.draw(st.binary(min_size=1, max_size=FILE_BYTES_MOST), label="file")
        places = data.draw(_PLACES, label="order")
        order = tuple(name for _, name in sorted(zip(places, form.fields, strict=False)))
        order += tuple(name for name in form.fields if name not in order)
        post = filled_in(form, content, filename=data.draw(_NAMES, label="filename"), order=order)
        answer = desk.post(form, post)
        desk.checked("any-file-taken", giver)
        wrong = desk.wrong(TAKEN[0], answer)
        if wrong:
            raise _Wrong(lambda: _blame(desk, "any-file-taken", form, post, answer, wrong, TAKEN[0].expected))
        url, _ = shown_at(desk, form)
        desk.checked("any-file-fetched-same", giver)
        if url is None:
            return
        fetched = desk.caller.fetch(url)
        if fetched.status != 200 or fetched.body != content:
            differs = f"its address {how_different(fetched, content)}"
            raise _Wrong(lambda: _blame(desk, "any-file-fetched-same", form, post, fetched, differs, SAME))
        if not form.dataset:
            desk.caller.call(PLACES[giver.operation].delete, at=form.id)

    _draw(desk, one)


def any_change(desk: Desk, giver: Giver) -> None:
    """Any change to a field that is signed or under a condition is refused, and stores nothing."""
    hand = _Hand(desk, giver)

    def one(data: st.DataObject) -> None:
        form = hand.form()
        if form is None:
            raise _Stop
        names = sorted(name for name in form.fields if name.lower() in form.bound)
        name = names[data.draw(_NTH, label="field") % len(names)]
        value = form.fields[name]
        new = data.draw(_CHANGES, label="value")(value)
        assume(new != value)
        post = filled_in(form, b"not mine", changes={name: new})
        _must_be_refused(desk, hand, form, post, "any-change-refused", f"the field {name} is changed")

    _draw(desk, one)


def any_gap(desk: Desk, giver: Giver) -> None:
    """Any fields left out of those that are signed or under a condition, and it is refused."""
    hand = _Hand(desk, giver)

    def one(data: st.DataObject) -> None:
        form = hand.form()
        if form is None:
            raise _Stop
        # The bucket is in the address, too.
        names = sorted(name for name in form.fields if name.lower() in form.bound - {"bucket"})
        gone = {names[nth % len(names)] for nth in data.draw(st.sets(_NTH, min_size=1), label="left out")}
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


def _draw(desk: Desk, one: Callable[[Any], None]) -> None:
    """Draw so many examples as the plan says, and write down the smallest that goes wrong."""
    met: list[_Wrong] = []

    def guarded(data: st.DataObject) -> None:
        desk.tally.cases[PART] += 1
        try:
            one(data)
        except (MayNot, NoAnswer) as error:
            raise _Stop from error
        except _Wrong as wrong:
            met.append(wrong)
            raise

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
    except (_Wrong, Flaky):
        # The last one is the smallest; and where it does not always go wrong, one that did.
        met[-1].tell()
    except _Stop as stop:
        if stop.__cause__ is not None:
            raise stop.__cause__ from None


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
