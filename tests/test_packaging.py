"""The wheel: it carries the contract and the scenarios, and an emulator starts from it alone."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_carries_what_is_promised(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {path.relative_to(ROOT) for path in (ROOT / "contracts").rglob("*") if path.is_file()}
    assert {f"mockleo/data/{path}" for path in ours} <= names
    assert any(name.startswith("mockleo/data/scenarios/") for name in names)
    assert "mockleo/py.typed" in names
    assert not {name for name in names if name.startswith(("tests/", "bench/"))}


def test_an_emulator_starts_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys, urllib.request, mockleo\n"
        f"assert mockleo.__file__.startswith({str(tmp_path)!r}), mockleo.__file__\n"
        "with mockleo.Emulator(seed=1) as emulator:\n"
        "    print(urllib.request.urlopen(emulator.url + '/_mockleo/ready').status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "200", done.stderr
