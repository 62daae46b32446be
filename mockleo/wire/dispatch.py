"""From method and path to the operation, in constant time.

A tree of path segments: at each node the literal segment goes before the placeholder, so
`/generations/user/{userId}` is found before `/generations/{id}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from mockleo.core.errors import EndpointNotFound, MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = TypeVar("Target")

_NO_VALUES: Mapping[str, str] = {}


class _Node(Generic[Target]):
    __slots__ = ("literal", "methods", "placeholder")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[Target]] = {}
        self.placeholder: _Node[Target] | None = None
        self.methods: dict[str, tuple[Target, tuple[str, ...]]] = {}


class Dispatch(Generic[Target]):
    """A table of targets by method and path template, such as `/generations/{id}`."""

    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()

    def add(self, method: str, template: str, target: Target) -> None:
        node = self._root
        names = []
        for segment in template.split("/"):
            if not segment:
                continue
            if segment.startswith("{"):
                names.append(segment[1:-1])
                if node.placeholder is None:
                    node.placeholder = _Node()
                node = node.placeholder
            else:
                node = node.literal.setdefault(segment, _Node())
        assert method not in node.methods, f"{method} {template} stands there twice"
        node.methods[method] = target, tuple(names)

    def find(self, method: str, path: str) -> tuple[Target, Mapping[str, str]]:
        """The target, and the values of the template's placeholders.

        Doubled slashes count as one, since clients join base and path carelessly; a slash at
        the end is another path. Source: wire habits of public clients; the latter assumed.
        """
        node = self._root
        values: list[str] = []
        segments = path.split("/")
        if path.endswith("/"):
            raise EndpointNotFound
        for segment in segments:
            if not segment:
                continue
            following = node.literal.get(segment)
            if following is None:
                following = node.placeholder
                if following is None:
                    raise EndpointNotFound
                values.append(segment)
            node = following
        if not node.methods:
            raise EndpointNotFound
        found = node.methods.get(method)
        if found is None:
            raise MethodNotAllowed(allowed=",".join(sorted(node.methods)))
        target, names = found
        return target, dict(zip(names, values, strict=True)) if values else _NO_VALUES
