"""multipart/form-data as a stream: the fields first, then the file, then nothing that matters.

    before the file   fields, 20,480 bytes at most with their boundaries and headers
    the file          the part named `file`; handed on piece by piece, never kept
    after the file    read for its syntax, otherwise not seen

Only the part named `file` is the file, whatever parameters a part has. Some clients give
every field a filename (`requests.post(url, files=fields)`), some give the file none.

How the bytes are cut into chunks makes no difference to what comes out.

Source: AWS: sigv4-HTTPPOSTForms ("form data and boundaries ... cannot exceed 20KB"), RFC 7578.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockleo.bucket.errors import FieldsTooLong, MalformedForm, NoFile, NotMultipart

HEAD_BYTES_MAX = 20_480


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that came before the file's first byte.

    `fields` maps lower-case names to values, fields of one name joined by commas; `spelled`
    maps the same names to the spelling they were sent with. `filename` is the file's base
    name, or None where the part gives none.
    """

    fields: Mapping[str, str]
    spelled: Mapping[str, str]
    filename: str | None


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that a Content-Type header names. Raises NotMultipart, MalformedForm."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        raise NotMultipart
    boundary = {name.lower(): value for name, value in options.items()}.get(b"boundary")
    if not boundary:
        raise MalformedForm
    return boundary


class Form:
    """Takes a body's chunks in their order.

    `head` is None until the file begins. After each `feed` look at `head`, use the pieces,
    then call `check`: errors are kept back so that what came before them is judged first.
    """

    def __init__(self, boundary: bytes) -> None:
        self.head: Head | None = None
        # What a client writes behind the file's last byte: CRLF, --boundary--, CRLF.
        self.tail_bytes = len(boundary) + 8
        self._headers: dict[bytes, bytes] = {}
        self._header = b""
        self._value = b""
        self._fields: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._part: str | None = None
        self._data = b""
        self._pieces: list[bytes] = []
        self._in_file = False
        self._ended = False
        self._taken_bytes = 0
        self._refusal: MalformedForm | FieldsTooLong | None = None
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._take_header,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError:  # a boundary beyond all reason
            raise MalformedForm from None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes; return the pieces of the file that were among them."""
        self._pieces = []
        room = HEAD_BYTES_MAX - self._taken_bytes
        self._taken_bytes += len(chunk)
        if self.head is None:
            # Cut at the limit, not at the chunk: the same bytes must have the same answer.
            self._write(chunk[:room])
            chunk = chunk[room:]
            self._want_head(chunk)
        self._write(chunk)
        return self._pieces

    def check(self) -> None:
        """Raise what `feed` ran into, MalformedForm or FieldsTooLong."""
        if self._refusal is not None:
            raise self._refusal

    def finish(self) -> None:
        """Say that the body is over. Raises also MalformedForm for half a body, and NoFile."""
        self.check()
        if not self._ended:
            raise MalformedForm
        if self.head is None:
            raise NoFile

    def _want_head(self, rest: bytes) -> None:
        if rest and self.head is None and self._refusal is None:
            self._refusal = FieldsTooLong(bytes_max=HEAD_BYTES_MAX)

    def _write(self, data: bytes) -> None:
        if self._refusal is not None or not data:
            return
        try:
            self._parser.write(data)
        except (FormParserError, MalformedForm):
            self._refusal = MalformedForm()

    def _begin_part(self) -> None:
        self._headers, self._data, self._part = {}, b"", None

    def _take_header(self, data: bytes, start: int, end: int) -> None:
        if self.head is None:
            self._header += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        if self.head is None:
            self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers.setdefault(self._header.lower(), self._value)
        self._header = self._value = b""

    def _end_headers(self) -> None:
        if self.head is not None:
            return
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(disposition)
        if b"name" not in options:
            raise MalformedForm
        self._part = _utf8(options[b"name"])
        if self._part.lower() == "file" and kind == b"form-data":
            filename = options.get(b"filename")
            self._in_file = True
            self.head = Head(
                fields=self._fields,
                spelled=self._spelled,
                filename=None if filename is None else _base_name(filename),
            )

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])
        elif self.head is None:
            self._data += data[start:end]

    def _end_part(self) -> None:
        if self._in_file:
            self._in_file = False
        elif self._part is not None:
            name, value = self._part.lower(), _utf8(self._data)
            self._spelled.setdefault(name, self._part)
            self._fields[name] = f"{self._fields[name]},{value}" if name in self._fields else value

    def _end(self) -> None:
        self._ended = True


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:  # AWS: "The form and policy must be UTF-8 encoded."
        raise MalformedForm from None


def _base_name(filename: bytes) -> str:
    """What follows the last slash or backslash. Not the form's text, so never a reason to refuse it."""
    return re.split(r"[/\\]", filename.decode(errors="replace"))[-1]
