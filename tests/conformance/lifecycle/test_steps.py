"""From a trace to lines for the shell."""

import shlex
import subprocess

from mockleo.conformance.door import Answer, Request
from mockleo.conformance.lifecycle.client import Step
from mockleo.conformance.lifecycle.steps import ending_line, shown

BASE = "http://127.0.0.1:5360/api/rest/v1"
KEY = "0f0f0f0f-0000-4000-8000-000000000001"
USER, FIRST, SECOND, IMAGE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abcd")


def call(method: str, path: str, answer: str, body: str = "") -> Step:
    request = Request(
        method=method,
        url=BASE + path,
        headers=(("authorization", f"Bearer {KEY}"),),
        body=body.encode(),
    )
    return Step(request=request, answer=Answer(status=200, body=answer.encode()))


ORDER_FIRST = call("POST", "/generations", f'{{"generationId":"{FIRST}"}}', '{"prompt":"a"}')
ORDER_SECOND = call("POST", "/generations", f'{{"generationId":"{SECOND}"}}', '{"prompt":"b"}')
ME = call("GET", "/me", f'{{"id":"{USER}"}}')
LOOK = call("GET", f"/generations/{FIRST}", f'{{"id":"{FIRST}","generated_images":[{{"id":"{IMAGE}"}}]}}')
LOOK_AT_SECOND = call("GET", f"/generations/{SECOND}", f'{{"id":"{SECOND}"}}')
VARY = call("POST", "/variations/nobg", '{"id":"1"}', f'{{"id":"{IMAGE}"}}')
DELETE = call("DELETE", f"/generations/{FIRST}", f'{{"id":"{FIRST}"}}')
LIST = call("GET", f"/generations/user/{USER}?limit=3", "[]")
WAIT = Step(wait_ms=1_500)


def lines(*steps: Step) -> list[str]:
    """The steps before the last one, without what every line has."""
    told = shown(steps, ending=steps[-1].request, api_key=KEY)
    return [line.replace(f"curl -sS -i --globoff --path-as-is {BASE}", "curl ") for line in told]


def test_what_has_nothing_to_do_with_it_is_left_out() -> None:
    told = lines(WAIT, ME, ORDER_FIRST, ORDER_SECOND, LOOK_AT_SECOND, WAIT, WAIT, LOOK)

    assert [line.partition(" -H")[0] for line in told] == ["curl /generations", "sleep 3"]
    assert told[0].endswith("""{"prompt":"a"}'  # 200; ID1 in the answer""")


def test_an_image_is_known_from_the_answer_about_its_generation() -> None:
    told = lines(ORDER_FIRST, ORDER_SECOND, WAIT, LOOK, LOOK, VARY)

    assert [line.partition(" -H")[0] for line in told] == [
        "curl /generations",
        "sleep 1.5",
        "curl /generations/$ID1",
    ]
    assert told[-1].endswith("# 200; ID2 in the answer")


def test_a_list_is_about_what_happened_last() -> None:
    told = lines(ME, ORDER_FIRST, LOOK, DELETE, LIST)

    assert [line.partition(" -H")[0].removeprefix("curl ") for line in told][-1].startswith(
        "-sS -i -X DELETE"
    )
    assert any("/generations -H" in line for line in told)


def test_the_last_call_is_told_in_the_same_variables() -> None:
    steps = (ORDER_FIRST, WAIT, LOOK, VARY)
    assert VARY.request is not None
    line = ending_line(steps, VARY.request, api_key=KEY)

    assert KEY not in line
    assert IMAGE not in line
    told = subprocess.run(
        ["sh", "-c", f"ID2=that; LEONARDO_API_KEY=k; set -- {line}; printf '%s\\n' \"$@\""],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert '{"id":"that"}' in told
    assert "authorization: Bearer k" in told


def test_each_line_is_one_the_shell_can_read() -> None:
    for line in shown((ORDER_FIRST, LOOK, DELETE, LIST), ending=LIST.request, api_key=KEY):
        assert shlex.split(line, comments=True)[0] == "curl"
        assert KEY not in line


def test_nothing_before_it_needs_no_steps() -> None:
    assert lines(LIST) == []
    assert lines(ORDER_FIRST) == []
