"""What an operator can set, where from, and what he is told when it cannot be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockleo.settings import DEFAULT_PORT, NAMES, BadSetting, Settings, from_environment, read

# For each setting of a plain kind: its text in the environment, its line in a file, and its value.
FORMS: Mapping[str, tuple[str, str, Any]] = {
    "host": ("127.0.0.9", '"127.0.0.9"', "127.0.0.9"),
    "port": ("8080", "8080", 8080),
    "time": ("x60", '"x60"', "x60"),
    "keys": ("strict", '"strict"', "strict"),
    "api_keys": ("a,b  c", '["a", "b", "c"]', ("a", "b", "c")),
    "profile": ("wire-true", '"wire-true"', "wire-true"),
    "plan": ("payg", '"payg"', "payg"),
    "credits": ("100", "100", 100),
    "seed": ("-7", "-7", -7),
    "cors": ("off", "false", False),
    "real_cdn": ("yes", "true", True),
    "public_url": ("https://emu.test", '"https://emu.test"', "https://emu.test"),
    "control_token": ("secret", '"secret"', "secret"),
    "webhook": ("http://127.0.0.1:9/hook", '"http://127.0.0.1:9/hook"', "http://127.0.0.1:9/hook"),
    "webhook_reach": ("public", '"public"', "public"),
    "journal": ("5", "5", 5),
}
TABLES = {"rules", "refusals", "slots"}
# Told in a test of their own.
OTHERS = {"webhook_key", "faults"}


def from_all(
    directory: Path,
    *,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: str = "",
    pyproject: str = "",
) -> Settings:
    if file:
        (directory / "mockleo.toml").write_text(file, "utf-8")
    if pyproject:
        (directory / "pyproject.toml").write_text(pyproject, "utf-8")
    return read(flags or {}, environment=environment or {}, directory=directory)


def test_every_setting_is_in_these_tables() -> None:
    assert {*FORMS, *TABLES, *OTHERS} == set(NAMES)


@pytest.mark.parametrize("name", FORMS)
def test_a_setting_comes_from_any_of_the_places(tmp_path: Path, name: str) -> None:
    text, line, value = FORMS[name]
    assert getattr(Settings(seed=0), name) != value
    by_file = from_all(tmp_path, file=f"{name} = {line}")
    by_environment = from_all(tmp_path / "none", environment={f"MOCKLEO_{name.upper()}": text})
    by_flag = from_all(tmp_path / "none", flags={name: value})
    assert [getattr(each, name) for each in (by_file, by_environment, by_flag)] == [value] * 3


# Where the port is told, and which of them counts.
PLACES = [
    ({}, DEFAULT_PORT),
    ({"pyproject": "[tool.mockleo]\nport = 1"}, 1),
    ({"file": "port = 2"}, 2),
    ({"file": "port = 2", "pyproject": "[tool.mockleo]\nport = 1"}, 2),
    ({"environment": {"MOCKLEO_PORT": "3"}, "file": "port = 2"}, 3),
    ({"flags": {"port": 4}, "environment": {"MOCKLEO_PORT": "3"}, "file": "port = 2"}, 4),
    ({"flags": {"port": None}, "environment": {"MOCKLEO_PORT": "3"}}, 3),
    ({"pyproject": "[tool.other]\nport = 1"}, DEFAULT_PORT),
    ({"environment": {"MOCKLEO_URL": "http://127.0.0.1:9", "PORT": "5"}}, DEFAULT_PORT),
]


@pytest.mark.parametrize(("told", "port"), PLACES)
def test_the_nearest_place_counts(tmp_path: Path, told: dict[str, Any], port: int) -> None:
    assert from_all(tmp_path, **told).port == port


def test_a_webhook_key_goes_with_a_webhook(tmp_path: Path) -> None:
    environment = {"MOCKLEO_WEBHOOK": "http://127.0.0.1:9", "MOCKLEO_WEBHOOK_KEY": "secret"}
    found = from_all(tmp_path, environment=environment)
    assert found.webhook_key == "secret"
    assert "secret" not in repr(found)
    with pytest.raises(BadSetting, match="webhook-key: there is no webhook to send it to"):
        from_all(tmp_path, environment={"MOCKLEO_WEBHOOK_KEY": "secret"})


def test_faults_are_tables_of_a_file(tmp_path: Path) -> None:
    found = from_all(tmp_path, file='[[faults]]\nfault = "status"\nstatus = 503\nnth = [2]')
    assert found.faults == ({"fault": "status", "status": 503, "nth": [2]},)
    with pytest.raises(BadSetting, match="faults: 'status' is no list of tables"):
        from_all(tmp_path, file='faults = "status"')


def test_slots_are_told_by_kind(tmp_path: Path) -> None:
    found = from_all(tmp_path, file="[slots]\nimage = 3\nvideo = 2", flags={"slots": {"video": 9}})
    assert found.slots == {"image": 3, "video": 9}


def test_dashes_and_underscores_are_one_in_a_file(tmp_path: Path) -> None:
    assert from_all(tmp_path, file="real-cdn = true").real_cdn


def test_rows_of_a_file_and_of_flags_go_together(tmp_path: Path) -> None:
    found = from_all(
        tmp_path,
        file='[rules]\n"durations.spread" = 1\n"http.body_max" = 2',
        flags={"rules": {"durations.spread": "0"}},
    )
    assert found.rules == {"durations.spread": "0", "http.body_max": 2}


# --- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"file": "prot = 1"}, r"mockleo\.toml: prot: there is no such setting; did you mean port\?"),
        ({"file": "profiles = 1"}, r"did you mean profile\?"),
        ({"file": "zzzzz = 1"}, r"^mockleo\.toml: zzzzz: there is no such setting$"),
        (
            {"pyproject": "[tool.mockleo]\nsed = 1"},
            r"pyproject\.toml, tool\.mockleo: sed: .*did you mean seed\?",
        ),
        (
            {"environment": {"MOCKLEO_PROT": "1"}},
            r"MOCKLEO_PROT: there is no such setting; did you mean port\?",
        ),
        (
            {"environment": {"MOCKLEO_RULES": "x"}},
            r"MOCKLEO_RULES: set single rows in mockleo\.toml or by flag",
        ),
        ({"environment": {"MOCKLEO_PORT": "many"}}, r"MOCKLEO_PORT: 'many' is no whole number"),
        ({"environment": {"MOCKLEO_SEED": ""}}, r"MOCKLEO_SEED: '' is no whole number"),
        ({"environment": {"MOCKLEO_CORS": "maybe"}}, r"MOCKLEO_CORS: 'maybe' is neither yes nor no"),
        ({"file": 'port = "8080"'}, r"mockleo\.toml: port: '8080' is no whole number"),
        ({"file": "credits = 1.5"}, r"mockleo\.toml: credits: 1\.5 is no whole number"),
        ({"file": "seed = true"}, r"mockleo\.toml: seed: True is no whole number"),
        ({"file": 'cors = "no"'}, r"mockleo\.toml: cors: 'no' is no boolean"),
        ({"file": "real_cdn = 1"}, r"real_cdn: 1 is no boolean"),
        ({"file": 'api_keys = "abc"'}, r"api_keys: 'abc' is no list of texts"),
        ({"file": "api-keys = [1]"}, r"api-keys: \[1\] is no list of texts"),
        ({"file": "time = 60"}, r"time: 60 is no text"),
        ({"file": "rules = 1"}, r"rules: 1 is no table"),
        ({"file": "port = "}, r"^mockleo\.toml: "),
    ],
)
def test_a_bad_setting_is_told_with_its_place(tmp_path: Path, told: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        from_all(tmp_path, **told)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "mockleo.toml").write_bytes(b"\xff")
    with pytest.raises(BadSetting, match=r"^mockleo\.toml: "):
        from_all(tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"keys": "opne"}, r"keys: 'opne' is none of open, strict; did you mean open\?"),
        ({"profile": "sdk"}, r"profile: 'sdk' is none of sdk-safe, wire-true"),
        ({"port": -1}, r"port: -1 is no port"),
        ({"port": 65_536}, r"port: 65536 is no port"),
        ({"credits": -1}, r"credits: -1 is not between 0 and 2147483647"),
        ({"credits": 2**31}, r"credits: 2147483648 is not between"),
        ({"seed": 2**63}, r"seed: \d+ does not fit 64 bits"),
        ({"seed": -(2**63) - 1}, r"seed: -\d+ does not fit 64 bits"),
        ({"host": "0.0.0.0"}, r"host: 0\.0\.0\.0 can be reached by others.*control-token"),  # noqa: S104
        ({"host": "::"}, r"host: :: can be reached by others"),
        ({"host": "leo.test"}, r"host: leo\.test can be reached by others"),
        *(
            ({"time": time}, rf"time: '{time}' is none of real, xN such as x60, manual, auto, instant")
            for time in ("", "fast", "60", "x", "x0", "x-1", "xnan", "xinf", "x1e7", "Manual")
        ),
    ],
)
def test_a_value_that_cannot_be_names_its_field(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        Settings(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "localhost"},
        {"host": "127.8.9.1"},
        {"host": "::1"},
        {"host": "0.0.0.0", "control_token": "x"},  # noqa: S104
        {"port": 0},
        {"credits": 0},
        {"credits": 2**31 - 1},
        {"seed": -(2**63)},
        {"seed": 2**63 - 1},
    ],
)
def test_a_value_at_the_edge_is_fine(given: dict[str, Any]) -> None:
    Settings(**given)


@pytest.mark.parametrize(
    ("time", "pace"), [("real", 1), ("instant", 1), ("x1", 1), ("x60", 60), ("x0.5", 0.5), ("x1000000", 1e6)]
)
def test_a_time_has_a_pace(time: str, pace: float) -> None:
    assert Settings(time=time).pace == pace


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:81"), ("::1", "http://[::1]:81"), ("localhost", "http://localhost:81")],
)
def test_the_url_is_one_that_can_be_called(host: str, url: str) -> None:
    assert Settings(host=host).listening_on(81).url == url


@pytest.mark.parametrize("text", ["1", "true", "YES", "On"])
def test_yes_is_said_in_many_ways(text: str) -> None:
    assert from_environment({"MOCKLEO_REAL_CDN": text}) == {"real_cdn": True}


@pytest.mark.parametrize("text", ["0", "false", "NO", "Off"])
def test_no_is_said_in_many_ways(text: str) -> None:
    assert from_environment({"MOCKLEO_REAL_CDN": text}) == {"real_cdn": False}


def test_a_token_does_not_show() -> None:
    assert "swordfish" not in repr(Settings(control_token="swordfish"))


def test_a_seed_is_drawn_where_none_is_given() -> None:
    assert len({Settings().seed for _ in range(5)}) > 1


def test_dotted_names_of_a_file_may_be_written_as_toml_reads_them(tmp_path: Path) -> None:
    """A dot makes a table in TOML, quoted or not it is the same rule."""
    (tmp_path / "mockleo.toml").write_text(
        '[rules]\ndurations.spread = 0\n"generation.width.max" = 2048\n[rules.durations.video]\nMOTION2 = 1\n'
        "[refusals.word-filtered]\nstatus = 403\n"
    )
    settings = read({}, environment={}, directory=tmp_path)
    assert settings.rules == {
        "durations.spread": 0,
        "generation.width.max": 2048,
        "durations.video.MOTION2": 1,
    }
    assert settings.refusals == {"word-filtered.status": 403}


@pytest.mark.parametrize("key", ["my-key", "", "6f1c2b7e4a534d0e9b380c7a5e2d9f41"])
def test_a_strict_key_that_is_no_uuid_is_refused_at_the_start(key: str) -> None:
    """The service would answer it with 500, and so would we: nobody could use it."""
    with pytest.raises(BadSetting, match=r"api-key: .* is no UUID"):
        Settings(keys="strict", api_keys=(key,))
    assert Settings(keys="open", api_keys=(key,)).api_keys == (key,)


def test_no_key_is_in_the_repr() -> None:
    settings = Settings(api_keys=("swordfish",), control_token="sesame")
    assert "swordfish" not in repr(settings)
    assert "sesame" not in repr(settings)
