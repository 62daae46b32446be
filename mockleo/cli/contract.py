"""`mockleo contract`: does whoever answers at an address keep the contract?"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockleo.cli.misuse import misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockleo.conformance.door import Opener
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.report.document import Report
    from mockleo.conformance.report.progress import Lines, Spinner

KEY = "LEONARDO_API_KEY"
# Another one, so that no shell that is set up for other programs spends money here.
REAL_KEY = "MOCKLEO_REAL_API_KEY"

# What a curl line of the report needs, where the user has brought the target, and where he has not.
_OF_YOURS = f"your key in the environment: export {KEY}=..."
_OF_OURS = 'an emulator and its key: run `mockleo serve`, and in another shell `eval "$(mockleo env)"`'

_COLOURS: dict[str, dict[str, Any]] = {
    "good": {"fg": "green", "bold": True},
    "bad": {"fg": "red"},
    "open": {"fg": "yellow"},
    "head": {"bold": True},
    "dim": {"dim": True},
    "": {},
}
# Shorter ones stand in every other word; such a key is no secret.
_KEY_SIGNS_FEWEST = 4
# Where Hypothesis keeps its notes, which by default are `.hypothesis` wherever one stands.
_NOTES = "HYPOTHESIS_STORAGE_DIRECTORY"


def _words(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    """Names that come one a flag, or several with commas between."""
    return frozenset(name.strip() for each in given for name in each.split(",") if name.strip())


def _writable(_: click.Context, parameter: click.Parameter, given: Path | None) -> Path | None:
    """A file that can be written: told before the run, not after it."""
    if given is not None:
        if given.is_dir():
            raise click.BadParameter(f"{given} is a folder", param=parameter)
        if not os.access(given if given.exists() else given.absolute().parent, os.W_OK):
            raise click.BadParameter(f"{given} cannot be written", param=parameter)
    return given


@click.command()
@click.option("--url", help="Who is judged, on this machine or a private network. [an emulator in process]")
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Makes the same calls again. [drawn, and printed]"
)
@click.option(
    "--max-examples", "examples", type=click.IntRange(1), default=100, show_default=True,
    help="At most so many generated calls for each operation and phase.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that share the work. [one a core]")
@click.option("--only", multiple=True, callback=_words, metavar="PART", help="This part alone; repeatable.")
@click.option(
    "--operation", "operations", multiple=True, callback=_words, metavar="ID",
    help="This operation alone, where a part goes by operation; repeatable.",
)  # fmt: skip
@click.option("--real", is_flag=True, help=f"Judge the real service, with the key in {REAL_KEY}.")
@click.option("--budget", metavar="DOLLARS", help="The most that --real may cost; 0 for nothing.")
@click.option("--spend", is_flag=True, help="Let --real make calls that cost money, within the budget.")
@click.option("--receiver", metavar="URL", help="Where webhooks are received for --url and --real.")
@click.option("--api-key", envvar=KEY, metavar="KEY", help=f"The key for --url. [{KEY}, or one of our own]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of words.")
@click.option(
    "--junit", callback=_writable, type=click.Path(path_type=Path), metavar="FILE", help="Also as JUnit XML."
)
@click.option(
    "--html", callback=_writable, type=click.Path(path_type=Path), metavar="FILE", help="Also as a page."
)
@click.option("--debug", is_flag=True, help="Where in mockleo a mistake of its own was made.")
@click.pass_context
def contract(context: click.Context, /, **asked: Any) -> None:
    """Check that an API keeps the contract: an emulator, or the real service.

    Exit: 0 it does, 1 it does not, 2 bad input or a mistake of mockleo's own, 3 something could not
    be decided.
    """
    from mockleo.conformance import parts, suite
    from mockleo.conformance.door import BadTarget, MayNot
    from mockleo.conformance.report import document

    _consistent(context, asked)
    clean = _cleaner(os.environ.get(REAL_KEY) if asked["real"] else asked["api_key"])
    try:
        opener, flags = _target(asked)
        plan = _plan(asked, divisible=opener.divisible)
        click.echo(f"{opener.name}; seed {plan.seed}", err=asked["as_json"])
        _reach(opener, plan.seed, asked)
        with _watching(clean) as watch, _elsewhere():
            outcome = suite.run(plan, opener, watch, parts=parts.PARTS)
    except (BadTarget, MayNot) as error:
        misuse(clean(str(error)))
    except KeyboardInterrupt:
        click.echo("mockleo: interrupted before anything was decided", err=True)
        sys.exit(suite.INCONCLUSIVE)
    report = document.of(
        outcome,
        clean=clean,
        target_flags=flags,
        curl_needs=_OF_YOURS if flags else _OF_OURS,
        with_traces=asked["debug"],
    )
    _tell(report, as_json=asked["as_json"])
    _write(report, junit=asked["junit"], html=asked["html"])
    if asked["debug"]:
        _tell_traces(report)
    sys.exit(outcome.exit_code)


def _consistent(context: click.Context, asked: dict[str, Any]) -> None:
    """Refuse flags that mean nothing together."""
    typed = context.get_parameter_source("api_key") is click.core.ParameterSource.COMMANDLINE
    if asked["real"]:
        if asked["url"]:
            raise click.UsageError("--url and --real exclude each other")
        if typed:
            raise click.UsageError(f"--api-key: with --real the key comes from {REAL_KEY} alone")
        return
    for flag in ("budget", "spend"):
        if asked[flag]:
            raise click.UsageError(f"--{flag} means nothing without --real")
    if typed and not asked["url"]:
        raise click.UsageError("--api-key means nothing without --url")
    if asked["receiver"] and not asked["url"]:
        raise click.UsageError("--receiver means nothing without --url or --real")


def _target(asked: dict[str, Any]) -> tuple[Opener, tuple[str, ...]]:
    """Who is judged, and the flags that say so. Raises `BadTarget`."""
    if asked["real"]:
        from mockleo.conformance.doors.real import RealService

        opener = RealService(real=True, budget=asked["budget"], environ=os.environ, spend=asked["spend"])
        spend = ("--spend",) if asked["spend"] else ()
        return opener, ("--real", "--budget", asked["budget"], *spend, *_received(asked))
    if asked["url"]:
        from mockleo.conformance.doors.url import ByUrl

        key = {"api_key": asked["api_key"]} if asked["api_key"] else {}
        return ByUrl(url=asked["url"], **key), ("--url", asked["url"], *_received(asked))
    from mockleo.proving import TheEmulator

    return TheEmulator(), ()


def _received(asked: dict[str, Any]) -> tuple[str, ...]:
    return ("--receiver", asked["receiver"]) if asked["receiver"] else ()


def _plan(asked: dict[str, Any], *, divisible: bool) -> Plan:
    from mockleo import contracts
    from mockleo.conformance import parts
    from mockleo.settings import drawn_seed

    operations = [
        operation["operationId"]
        for methods in contracts.openapi()["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    _known("--only", asked["only"], parts.PARTS)
    _known("--operation", asked["operations"], operations)
    seed = drawn_seed() if asked["seed"] is None else asked["seed"]
    return parts.Plan(
        seed=seed,
        examples=asked["examples"],
        workers=asked["workers"] or ((os.cpu_count() or 1) if divisible else 1),
        only=asked["only"],
        operations=asked["operations"],
        receiver=asked["receiver"],
    )


def _known(flag: str, given: frozenset[str], names: Iterable[str]) -> None:
    from mockleo.core.names import nearest

    known = list(names)
    for name in sorted(given - set(known)):
        near = nearest(name, known) or (f"; there are {', '.join(known)}" if len(known) < 10 else "")
        raise click.UsageError(f"{flag}: there is no {name!r}{near}")


def _cleaner(api_key: str | None) -> Callable[[str], str]:
    """What takes secrets out of a text: the key, and what presigned forms are signed with."""
    from mockleo.redact import Redactor

    redactor = Redactor()
    redactor.learn(api_key)
    own = api_key.encode() if api_key and len(api_key) >= _KEY_SIGNS_FEWEST else b""
    return lambda text: redactor.text(text, own=own)


def _reach(opener: Opener, seed: int, asked: dict[str, Any]) -> None:
    """Ask once, so that a wrong address or key is told as such, and not as a thousand findings."""
    if not asked["url"] and not asked["real"]:
        return
    from mockleo.conformance.door import NoAnswer, Request

    door = opener.open(seed=seed)
    try:
        headers = (("authorization", f"Bearer {door.api_key}"), ("accept", "application/json"))
        statuses = {
            door.send(
                Request(method="GET", url=f"{door.base_url}{path}", headers=headers, operation=operation)
            ).status
            for operation, path in (("getUserSelf", "/me"), ("listPlatformModels", "/platformModels"))
        }
    except NoAnswer as error:
        misuse(f"nothing answers at {door.base_url} ({error})")
    finally:
        door.close()
    if statuses == {401}:
        misuse(
            f"{door.base_url} refuses the key of {REAL_KEY if asked['real'] else f'--api-key or {KEY}'}: 401"
        )


@contextmanager
def _watching(clean: Callable[[str], str]) -> Iterator[Lines | Spinner]:
    """Tell on standard error how far it is."""
    from mockleo.conformance.report.document import visible
    from mockleo.conformance.report.progress import watching

    watch = watching(sys.stderr, clean=lambda text: visible(clean(text)))
    try:
        yield watch
    finally:
        watch.close()


@contextmanager
def _elsewhere() -> Iterator[None]:
    """Let Hypothesis keep what it notes, here and in the processes that help, out of the user's folder."""
    if _NOTES in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="mockleo-", ignore_cleanup_errors=True) as folder:
        os.environ[_NOTES] = folder
        try:
            yield
        finally:
            del os.environ[_NOTES]


def _tell(report: Report, *, as_json: bool) -> None:
    from mockleo.conformance.report import document, terminal

    if as_json:
        click.echo(document.encoded(report), nl=False)
        return
    click.echo()
    for style, line in terminal.lines(report):
        click.secho(line, **_COLOURS[style])


def _write(report: Report, *, junit: Path | None, html: Path | None) -> None:
    from mockleo.conformance.report import junit as junit_report
    from mockleo.conformance.report import page

    for flag, file, written in (("--junit", junit, junit_report.document), ("--html", html, page.document)):
        if file is not None:
            try:
                file.write_bytes(written(report))
            except OSError as error:
                misuse(f"{flag}: {file} could not be written: {error.strerror}")


def _tell_traces(report: Report) -> None:
    for part in report.parts:
        if part.trace:
            click.echo(f"\n{part.part}:\n{part.trace}", err=True)
