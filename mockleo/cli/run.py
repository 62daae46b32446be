"""`mockleo run`: let a client meet scenarios, and grade what it did."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mockleo.cli.grading import reports, tell
from mockleo.cli.misuse import misuse, own_mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mockleo.harness.judged import Judged
    from mockleo.harness.runner.play import Options
    from mockleo.harness.scenario import Scenario

ALL = "all"
_COMMAND = "mockleo.command"


class _WithCommand(click.Command):
    """Takes what follows `--` for the client's command, whatever flags that has."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        cut = args.index("--") if "--" in args else len(args)
        ctx.meta[_COMMAND] = args[cut + 1 :]
        return super().parse_args(ctx, args[:cut])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- CLIENT COMMAND..."]


@click.command(cls=_WithCommand)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--speed", type=click.FloatRange(1, 1000), default=1.0, show_default=True,
    help="How many times faster the client's own clock goes (needs libfaketime).",
)  # fmt: skip
@click.option("--seed", type=int, help="Another seed than the scenario's.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Scenarios at once.")
@click.option(
    "--webhook-url", metavar="TEMPLATE",
    help="Where the client's receiver listens; {port} is a free port, told to the client as"
    " MOCKLEO_WEBHOOK_PORT. [http://127.0.0.1:{port}/webhook]",
)  # fmt: skip
@click.option(
    "--report", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Keep each run there (NAME.jsonl, for `mockleo grade`), and the page.",
)  # fmt: skip
@click.option("--show", is_flag=True, help="Show what the client prints, as it does.")
@reports
@click.pass_context
def run(context: click.Context, /, scenarios: tuple[str, ...], **asked: Any) -> None:
    """Run a client against the emulator in each SCENARIO, and grade what it really did.

    SCENARIO is a name (`mockleo scenarios` lists them), "all", or a TOML file.

    Exit: 0 passed, 1 findings, 2 bad input or a mistake of mockleo's own, 3 something could not be
    decided.
    """
    from mockleo.harness.runner.play import RECEIVER, Options

    command: list[str] = context.meta[_COMMAND]
    if not command:
        misuse("the client's command is missing: mockleo run SCENARIO -- COMMAND...")
    receiver = asked["webhook_url"] or RECEIVER
    if "{port}" not in receiver and asked["jobs"] > 1:
        misuse("--webhook-url: with --jobs each client needs a port of its own: put {port} for it")
    options = Options(
        speed=asked["speed"], seed=asked["seed"], receiver=receiver, echo=_echo if asked["show"] else None
    )
    folder: Path | None = asked["folder"]
    with own_mistakes():
        judged = _play(list(_chosen(scenarios)), command, options, jobs=asked["jobs"], folder=folder)
        html = asked["html"] or (folder / "report.html" if folder else None)
        tell(judged, as_json=asked["as_json"], junit=asked["junit"], html=html)


def _chosen(names: Sequence[str]) -> Iterator[Scenario]:
    """The scenarios that were named, each read whole before anything runs."""
    from mockleo.core.names import nearest
    from mockleo.harness.checks import refuse_unknown
    from mockleo.harness.scenario import BadScenario, read, shipped

    known = shipped()
    found: dict[str, Path] = {}
    for name in names:
        for path in known.values() if name == ALL else [known.get(name, Path(name))]:
            if path not in known.values() and not path.is_file():
                misuse(f"{name}: there is no such scenario and no such file{nearest(name, [*known, ALL])}")
            if found.setdefault(path.stem, path).resolve() != path.resolve():
                misuse(f"{path}: another scenario of that name is {found[path.stem]}")
    for path in found.values():
        try:
            scenario = read(path)
            refuse_unknown(scenario)
        except BadScenario as error:
            misuse(str(error))
        yield scenario


def _play(
    chosen: Sequence[Scenario], command: Sequence[str], options: Options, *, jobs: int, folder: Path | None
) -> list[Judged]:
    """Play all of them, so many at once; the verdicts in the order in which they were named."""
    from concurrent.futures import ThreadPoolExecutor

    from mockleo.harness import judged
    from mockleo.harness.runner.play import check, play
    from mockleo.harness.runner.process import CannotStart
    from mockleo.harness.runner.speed import NoSpeed
    from mockleo.settings import BadSetting

    def one(scenario: Scenario) -> Judged:
        lines = list(play(scenario, command, options))
        if folder is not None:
            (folder / f"{scenario.name}.jsonl").write_bytes(b"".join(lines))
        return judged.of(lines)

    # Also where a shell has started it in the background, which lets SIGINT be ignored.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    pool = ThreadPoolExecutor(jobs)
    try:
        check(chosen, command, options)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        return list(pool.map(one, chosen))
    except (NoSpeed, CannotStart, BadSetting) as error:
        misuse(str(error))
    except OSError as error:
        misuse(f"{error.filename or 'mockleo'}: {error.strerror or error}")
    except KeyboardInterrupt:
        click.echo("mockleo: interrupted; nothing was graded", err=True)
        sys.exit(_INTERRUPTED)
    finally:
        # Whatever ended it: nobody of those who were started is left behind.
        options.running.stop()
        pool.shutdown(cancel_futures=True)


# As shells say it.
_INTERRUPTED = 128 + signal.SIGINT


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _echo(stream: str, chunk: bytes) -> None:
    out = sys.stdout if stream == "stdout" else sys.stderr
    out.buffer.write(chunk)
    out.flush()
