"""The service's numbers, as values.

`contracts/rules.toml` holds them, each with its unit, evidence and source; whoever reads that
file hands its tables in here. A row is one number, one range or one table:

    [durations.image]      value = 4000
    [generation.width]     min = 32, max = 1536, multiple_of = 8, default = 1024
    [pricing.services]     values = { upscale = 15, nobg = 5 }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from mockleo.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Derived = TypeVar("Derived")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row. `evidence` is how sure we are: documented, observed, inferred or assumed.

    `operations` are the operationIds that an assumed row concerns; "*" stands for all.
    """

    evidence: str
    source: str
    unit: str = ""
    note: str = ""
    operations: list[str] = []
    value: Any = None
    values: dict[str, Any] | None = None
    default: Any = None
    min: float | None = None
    max: float | None = None
    multiple_of: int | None = None
    one_of: list[Any] | None = None

    def admits(self, given: float) -> bool:
        """Whether `given` is inside the range; a row without a bound admits everything."""
        if self.one_of is not None:
            return given in self.one_of
        if self.min is not None and given < self.min:
            return False
        if self.max is not None and given > self.max:
            return False
        return self.multiple_of is None or given % self.multiple_of == 0


class UnknownRule(KeyError):
    """A name that no row has: a mistake of ours, or of whoever set a rule."""


class Rules(dict[str, Rule]):
    """All rows by dotted name; not changed once it is made."""

    def __init__(self, rows: Mapping[str, Rule]) -> None:
        super().__init__(rows)
        self._derived: dict[tuple[Callable[[Rules, str], Any], str], Any] = {}

    def derived(self, work_out: Callable[[Rules, str], Derived], name: str) -> Derived:
        """What `work_out` makes of the rows for `name`, worked out once."""
        place = work_out, name
        found: Derived | None = self._derived.get(place)
        if found is None:
            found = self._derived[place] = work_out(self, name)
        return found

    def __missing__(self, name: str) -> Rule:
        raise UnknownRule(name)

    def integer(self, name: str) -> int:
        """The value of a row that holds one whole number."""
        value = self[name].value
        assert isinstance(value, int), f"{name} holds no whole number"
        return value

    def table(self, name: str) -> Mapping[str, Any]:
        """The values of a row that holds a table."""
        values = self[name].values
        assert values is not None, f"{name} holds no table"
        return values

    def default(self, name: str) -> Any:
        """What the service takes when the parameter is absent."""
        return self[name].default

    def check(self, name: str, *, field: str, given: float | None) -> None:
        """Refuse `given` when the row `name` does not admit it; an absent value is always fine."""
        if given is not None and not self[name].admits(given):
            raise InvalidValue(field=field, rule=name)

    def with_(self, changes: Mapping[str, Rule]) -> Rules:
        """The same rules with some rows replaced."""
        return Rules({**self, **changes})
