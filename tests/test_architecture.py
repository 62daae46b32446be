"""The architecture, held: who may import whom, the one door for time and the one for chance,
menus that are complete, rows that somebody reads.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockleo.contracts import folder
from mockleo.core import errors
from mockleo.wire.contract import load
from mockleo.wire.endpoints import HANDLERS
from mockleo.wire.errors import name_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mockleo"

# From the bottom up; a part may import from rungs below its own, and its siblings only where
# `SIBLINGS` says so.
LADDER: tuple[frozenset[str], ...] = (
    frozenset({"core", "record", "redact", "probing", "contracts"}),
    frozenset({"bucket", "media", "runtime"}),
    frozenset({"wire"}),
    frozenset({"settings"}),
    frozenset({"faults"}),
    frozenset({"changes", "saving", "reporting"}),
    frozenset({"control", "pipeline", "beside"}),
    frozenset({"app"}),
    frozenset({"emulator", "conformance"}),
    frozenset({"proving", "harness"}),
    frozenset({"testing"}),
    frozenset({"pytest_plugin"}),
    frozenset({"cli", "__init__"}),
    frozenset({"__main__"}),
)
SIBLINGS: set[tuple[str, str]] = set()
# The package itself: its version for everybody, its lazy door for nobody below.
VERSION = "__init__"

STANDARD_ONLY = {"core", "record", "redact", "probing", "contracts"}
ALLOWED_THERE = {"msgspec"}

# Time and chance each come in through one door. `probing` waits for another process to start:
# the operator's patience, not the emulated service's time.
DOORS = {
    "time": {
        "runtime/clock.py",
        "probing.py",
        # How long a judge of the outside world has waited, and when he began.
        "conformance/doors/in_process.py",
        "conformance/doors/watch.py",
        "conformance/suite.py",
    },
    "random": set(),
    "secrets": set(),
    "uuid": set(),
    "datetime.now": set(),
    "datetime.utcnow": set(),
    "os.urandom": {"settings.py"},
}


def modules() -> Iterator[Path]:
    yield from sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    """The part of the package that a module belongs to."""
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path: Path, *, at_run_time: bool = False) -> Iterator[str]:
    """Every module that `path` imports; with `at_run_time`, none that only its types need."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if at_run_time and node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rung_of(part: str) -> int:
    return next(rung for rung, parts in enumerate(LADDER) if part in parts)


def may_import(importer: str, imported: str) -> bool:
    if importer == imported or imported == VERSION:
        return True
    if (importer, imported) in SIBLINGS:
        return True
    return rung_of(imported) < rung_of(importer)


def parts_imported(path: Path, *, at_run_time: bool = True) -> set[str]:
    found = set()
    for name in imports(path, at_run_time=at_run_time):
        if name == "mockleo" or name.startswith("mockleo."):
            steps = name.split(".")
            part = steps[1] if len(steps) > 1 else VERSION
            found.add(part if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").is_file() else VERSION)
    return found


def test_every_part_has_a_rung() -> None:
    assert {part_of(path) for path in modules()} == set().union(*LADDER)


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_the_ladder(path: Path) -> None:
    wrong = {part for part in parts_imported(path) if not may_import(part_of(path), part)}
    assert not wrong, f"{part_of(path)} may not import {wrong}"


# Who judges others sees no more of us than of them.
SEES_ONLY: dict[str, set[str]] = {
    "conformance": {"conformance", "contracts", "__init__"},
    "harness/checks": {"harness", "record", "contracts", "__init__"},
    "harness/evidence.py": {"harness", "record", "contracts", "__init__"},
    "harness/verdict.py": {"harness", "__init__"},
    "harness/run.py": {"harness", "record", "__init__"},
}


@pytest.mark.parametrize("place", SEES_ONLY)
def test_a_judge_sees_no_more_of_us_than_of_others(place: str) -> None:
    for path in modules():
        if path.relative_to(PACKAGE).as_posix().startswith(place):
            assert parts_imported(path) <= SEES_ONLY[place], path


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("wire", "core", True),
        ("core", "wire", False),
        ("core", "record", False),
        ("record", "core", False),
        ("record", "redact", False),
        ("faults", "wire", True),
        ("wire", "faults", False),
        ("control", "faults", True),
        ("media", "bucket", False),
        ("bucket", "core", True),
        ("app", "control", True),
        ("control", "app", False),
        ("core", "__init__", True),
    ],
)
def test_the_ladder_knows_up_from_down(importer: str, imported: str, *, allowed: bool) -> None:
    assert may_import(importer, imported) is allowed


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if part_of(path) in STANDARD_ONLY],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_the_core_needs_nothing_but_the_standard_library(path: Path) -> None:
    import sys

    tops = {name.split(".")[0] for name in imports(path)}
    assert tops - set(sys.stdlib_module_names) - {"mockleo"} <= ALLOWED_THERE


def test_there_is_no_import_cycle() -> None:
    """Among modules, at run time; what only types need does not count."""
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in modules()
    }
    edges = {
        name: {each for each in imports(path, at_run_time=True) if each in graph and each != name}
        for name, path in graph.items()
    }
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            # A package that only names its parts is no step of a cycle.
            for following in edges[name]:
                if following not in {"mockleo", "mockleo.wire", "mockleo.core"}:
                    walk(following, (*above, name))
            done.add(name)

    for name in graph:
        walk(name, ())


@pytest.mark.parametrize("door", sorted(DOORS))
def test_time_and_chance_come_in_through_one_door(door: str) -> None:
    through = set()
    for path in modules():
        text = path.read_text("utf-8")
        inside = str(path.relative_to(PACKAGE))
        if "." in door:
            found = re.search(rf"\b{re.escape(door)}\(", text) is not None
        else:
            found = door in {name.split(".")[0] for name in imports(path)}
        if found:
            through.add(inside)
    assert through <= DOORS[door]


def test_only_the_table_of_transitions_changes_a_state() -> None:
    writers = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "state" for target in node.targets)
    }
    # A delivery has a state too, and is no job.
    assert writers - {"runtime/webhooks.py"} == {"core/lifecycle.py"}


def test_every_operation_has_an_endpoint_and_every_endpoint_an_operation() -> None:
    assert set(HANDLERS) == {operation.id for operation in load().operations}


def leaves(error: type[errors.LeoError]) -> Iterator[type[errors.LeoError]]:
    below = error.__subclasses__()
    if not below:
        yield error
    for one in below:
        yield from leaves(one)


def test_every_refusal_has_a_row_and_every_row_a_refusal() -> None:
    ours = [leaf for leaf in leaves(errors.LeoError) if leaf.__module__ == errors.__name__]
    assert {name_of(leaf) for leaf in ours} == set(load().refusals)


def test_every_refusal_stands_in_the_tree() -> None:
    drawn = set(re.findall(r"[A-Z]\w+", (errors.__doc__ or "").split("None of them")[0]))
    assert {leaf.__name__ for leaf in leaves(errors.LeoError)} <= drawn


def test_every_rule_is_read_and_every_rule_that_is_read_is_there() -> None:
    """By name, or as one of a family whose names are put together."""
    code = "\n".join(path.read_text("utf-8") for path in modules())
    contract = (folder() / "leonardo-v1.openapi.json").read_text("utf-8")
    families = {prefix for prefix in re.findall(r'f"([\w.]+\.)\{', code) if prefix.count(".") >= 1}
    rules = set(load().rules)
    unread = {
        rule
        for rule in rules
        if f'"{rule}"' not in code
        and f'"x-rule": "{rule}"' not in contract
        and not any(rule.startswith(prefix) for prefix in families)
    }
    assert not unread
    told = set(re.findall(r'"x-rule": "([^"]+)"', contract))
    told |= set(re.findall(r'rule="([\w.]+)"', code))
    assert told <= rules


GRADES = {"documented", "observed", "inferred", "assumed"}


@pytest.mark.parametrize("name", ["rules.toml", "errors.toml"])
def test_every_row_has_its_evidence_and_source(name: str) -> None:
    def rows(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, dict[str, object]]]:
        for key, value in table.items():
            assert isinstance(value, dict), f"{prefix}{key} stands in no row"
            if "evidence" in value or not all(isinstance(each, dict) for each in value.values()):
                yield f"{prefix}{key}", value
            else:
                yield from rows(value, f"{prefix}{key}.")

    for row, entries in rows(tomllib.loads((folder() / name).read_text("utf-8"))):
        assert entries.get("evidence") in GRADES, row
        assert entries.get("source"), row


# Somebody's own machine, or where packages are fetched from: both differ for everybody else.
WORDS_OF_ELSEWHERE = re.compile(r"(?<![\w.])/(?:work|root|home)/|https?://[^\s\"']*(?:npm|pypi|pythonhosted)")


def test_the_project_speaks_of_itself_alone() -> None:
    told = {
        str(path.relative_to(ROOT))
        for pattern in ("*.md", "*.toml", "mockleo/**/*.py", "contracts/**/*", "bench/**/*.py", "Makefile")
        for path in ROOT.glob(pattern)
        if path.is_file() and WORDS_OF_ELSEWHERE.search(path.read_text("utf-8"))
    }
    assert not told
