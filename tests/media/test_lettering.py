import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.lettering import CHARACTERS_MAX, ELLIPSIS, SIZE_PX_MAX, SIZE_PX_MIN, fit, font, legible


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a lazy cat", "a lazy cat"),
        ("", ""),
        (" \n two\t\tlines\r\n", "two lines"),
        ("caf\u00e9", r"caf\xe9"),
        ("\u732b", r"\u732b"),
        ("\U0001f600", r"\U0001f600"),
        ("a\0b", r"a\x00b"),
        ("\ud800", r"\ud800"),
        ("back\\slash", "back\\slash"),
        ("x" * 600, "x" * 600),
        ("x" * 601, "x" * 600 + ELLIPSIS),
    ],
)
def test_what_the_font_lacks_is_escaped(text: str, written: str) -> None:
    assert legible(text) == written


@given(st.text(alphabet=st.characters()))
def test_every_text_can_be_written(text: str) -> None:
    written = legible(text)
    assert all(" " <= letter <= "~" or letter == ELLIPSIS for letter in written)
    assert len(written) <= CHARACTERS_MAX + 1


def test_the_font_has_every_letter_that_is_written() -> None:
    letters = font(40)
    missing = bytes(letters.getmask("\U000f0000"))
    for code in (*range(ord("!"), ord("~") + 1), ord(ELLIPSIS)):
        assert bytes(letters.getmask(chr(code))) != missing


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="abc iWM.\\", max_size=300), st.integers(1, 900), st.integers(1, 500))
def test_what_fits_is_in_the_box_and_complete_or_marked(text: str, width_px: int, height_px: int) -> None:
    lettering = fit(text, width_px=width_px, height_px=height_px)

    assert SIZE_PX_MIN <= lettering.size_px <= SIZE_PX_MAX
    # A letter is as wide as the outline says, give or take what the rounding to pixels does to it.
    assert lettering.width_px <= width_px + 1
    assert lettering.height_px <= height_px or not lettering.lines
    kept = "".join(lettering.lines).replace(" ", "")
    whole = "".join(text.split())
    assert kept == whole or not kept or (kept.endswith(ELLIPSIS) and whole.startswith(kept[:-1]))


@pytest.mark.parametrize("letter", ["i", "W"])
def test_the_mark_that_there_is_more_fits_the_line_too(letter: str) -> None:
    for width_px in range(20, 60):
        lettering = fit(letter * 500, width_px=width_px, height_px=20)
        assert lettering.lines[-1].endswith(ELLIPSIS)
        assert lettering.width_px <= width_px


def test_more_room_means_larger_letters() -> None:
    small, large = (fit("a lazy cat", width_px=side, height_px=side) for side in (60, 400))
    assert small.size_px < large.size_px


def test_a_box_too_small_for_a_letter_stays_empty() -> None:
    assert fit("a", width_px=4, height_px=100).lines == ()
    assert fit("a", width_px=100, height_px=4).lines == ()


def test_a_word_wider_than_the_box_is_broken_and_others_are_not() -> None:
    lettering = fit("cat " + "w" * 90, width_px=200, height_px=40)
    assert lettering.lines[0] == "cat"
    assert len(lettering.lines) > 2
