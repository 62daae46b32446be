"""What may stand in a header."""

import pytest

from mockleo.bucket.reply import printable


@pytest.mark.parametrize(
    ("value", "fit"),
    [
        ("image/png", "image/png"),
        (" a ", "a"),
        ("a\r\nb", "a  b"),
        ("a\0\x7fb", "a  b"),
        ("\u732b", ""),
        ("caf\u00e9 au lait", "caf  au lait"),
        ("", ""),
    ],
)
def test_only_printable_ascii(value: str, fit: str) -> None:
    assert printable(value) == fit
