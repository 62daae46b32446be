"""From method and path to the operation, in constant time.

A tree of path segments: at each node the literal segment goes before the placeholder, so
`/generations/user/{userId}` is found before `/generations/{id}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from mockleo.core.errors import EndpointNotFound, MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        # Nodes without a placeholder above them, by their whole path: nearly every call ends at
        # one of these or just below.
        self._by_path: dict[str, _Node[Target]] = {}

    def add(self, method: str, template: str, target: Target) -> None:
        node = self._root
        names: list[str] = []
        way = ""
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
                if not names:
                    way = f"{way}/{segment}"
                    self._by_path[way] = node
        assert method not in node.methods, f"{method} {template} stands there twice"
        node.methods[method] = target, tuple(names)

    def find(self, method: str, path: str) -> tuple[Target, Mapping[str, str]]:
        """The target, and the values of the template's placeholders.

        Doubled slashes count as one, since clients join base and path carelessly; a slash at
        the end is another path. Source: wire habits of public clients; the latter assumed.
        """
        way, _, last = path.rpartition("/")
        above = self._by_path.get(way)
        if above is None or not last:
            node, values = self._walk(path)
        elif (below := above.literal.get(last)) is not None:
            node, values = below, ()
        elif above.placeholder is not None:
            node, values = above.placeholder, (last,)
        else:
            raise EndpointNotFound
        if not node.methods:
            raise EndpointNotFound
        found = node.methods.get(method)
        if found is None:
            raise MethodNotAllowed(allowed=",".join(sorted(node.methods)))
        target, names = found
        return target, dict(zip(names, values, strict=True)) if values else _NO_VALUES

    def _walk(self, path: str) -> tuple[_Node[Target], Sequence[str]]:
        """The node that `path` leads to, and what stands for placeholders on the way."""
        if path.endswith("/"):
            raise EndpointNotFound
        node = self._root
        values: list[str] = []
        for segment in path.split("/"):
            if not segment:
                continue
            following = node.literal.get(segment)
            if following is None:
                following = node.placeholder
                if following is None:
                    raise EndpointNotFound
                values.append(segment)
            node = following
        return node, values
