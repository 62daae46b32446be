"""The tree of refusals."""

import pytest

from mockleo.bucket import errors
from mockleo.bucket.errors import S3Refusal


def leaves(kind: type[S3Refusal]) -> list[type[S3Refusal]]:
    below = kind.__subclasses__()
    return [kind] if not below else [leaf for child in below for leaf in leaves(child)]


KINDS = [*leaves(S3Refusal), errors.Forbidden, errors.BadArgument]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_drawn_in_the_tree_with_its_status(kind: type[S3Refusal]) -> None:
    assert errors.__doc__ is not None
    drawn = {line.split("-- ")[1].split()[0]: line for line in errors.__doc__.splitlines() if "-- " in line}
    assert kind.__name__ in drawn
    if kind.__base__ is S3Refusal:
        assert f" {kind.status} " in f"{drawn[kind.__name__]} "


def test_the_tree_draws_nothing_else() -> None:
    assert errors.__doc__ is not None
    drawn = [line.split("-- ")[1].split()[0] for line in errors.__doc__.splitlines() if "-- " in line]
    assert sorted(drawn) == sorted(kind.__name__ for kind in KINDS)


def test_the_name_of_the_rule_is_the_refusals() -> None:
    assert errors.MalformedXML().why == "s3.malformed-xml"
    assert errors.PolicyExpired().why == "s3.policy-expired"
