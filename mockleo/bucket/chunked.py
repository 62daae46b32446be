"""aws-chunked: how SDKs wrap a body whose checksum or signature comes with it.

    5;chunk-signature=...\\r\\n
    hello\\r\\n
    0;chunk-signature=...\\r\\n
    x-amz-checksum-crc32:NhCmhg==\\r\\n
    \\r\\n

The chunks' own signatures are not looked at: the request's signature is, and what it covers.

Source: AWS: sigv4-streaming, sigv4-streaming-trailers.
"""

from collections.abc import Iterator

from mockleo.bucket.errors import HalfBody

# A line is a chunk's size or a trailer.
LINE_BYTES_MAX = 4_096


class Chunked:
    """Takes such a body in any pieces; `trailers` fill when it ends. Raises HalfBody."""

    def __init__(self) -> None:
        self.trailers: dict[str, str] = {}
        self._pending = b""
        self._left_bytes = 0
        self._line_end_is_due = False
        self._in_trailers = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what was wrapped."""
        self._pending += data
        while self._pending:
            if self._left_bytes:
                piece, self._pending = self._pending[: self._left_bytes], self._pending[self._left_bytes :]
                self._left_bytes -= len(piece)
                self._line_end_is_due = self._left_bytes == 0
                yield piece
                continue
            line, found, rest = self._pending.partition(b"\n")
            if not found:
                if len(line) > LINE_BYTES_MAX:
                    raise HalfBody
                return
            self._pending = rest
            self._take_line(line.rstrip(b"\r"))

    def finish(self) -> None:
        """Say that the body is over."""
        if not self._in_trailers or self._pending:
            raise HalfBody

    def _take_line(self, line: bytes) -> None:
        if self._in_trailers:
            name, _, value = line.decode("latin-1").partition(":")
            if name.strip():
                self.trailers[name.strip().lower()] = value.strip()
        elif self._line_end_is_due:
            if line:
                raise HalfBody
            self._line_end_is_due = False
        else:
            try:
                self._left_bytes = int(line.partition(b";")[0], 16)
            except ValueError:
                raise HalfBody from None
            if self._left_bytes < 0:
                raise HalfBody
            self._in_trailers = self._left_bytes == 0
