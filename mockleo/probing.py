"""Asking a running emulator about itself, with the standard library only: it must start fast."""

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

_EACH_S = 2.0
_BETWEEN_S = 0.05


class NotRunning(ConnectionError):
    """Nothing there answers as an emulator does."""


def is_ready(url: str, *, patience_s: float) -> bool:
    """Whether the emulator at `url` answers, within so many seconds."""
    # The operator's own patience, not the emulated service's time.
    until = time.monotonic() + patience_s
    while True:
        try:
            return bool(_get(f"{url}/_mockleo/ready")["ready"])
        except (NotRunning, KeyError, TypeError):
            if time.monotonic() >= until:
                return False
            time.sleep(_BETWEEN_S)


def client_environment(url: str, *, control_token: str | None = None) -> dict[str, str]:
    """The variables that a client of the emulator at `url` needs."""
    url = url.rstrip("/")
    found = _get(f"{url}/_mockleo/environment", control_token=control_token)
    try:
        # As it was reached, and not as it calls itself: a container's address is its own.
        root = found["MOCKLEO_URL"]
        return {
            name: f"{url}{value.removeprefix(root)}" if value.startswith(root) else value
            for name, value in found.items()
        }
    except (KeyError, TypeError, AttributeError):
        raise NotRunning(f"what answers at {url} is no emulator") from None


def _get(url: str, *, control_token: str | None = None) -> Any:
    headers = {"authorization": f"Bearer {control_token}"} if control_token else {}
    # A proxy of the user's has no business between him and his own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310  the operator says where
        with opener.open(request, timeout=_EACH_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 401:
            raise NotRunning(f"the emulator at {url} wants its control token") from None
        raise NotRunning(f"what answers at {url} is no emulator: {error}") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise NotRunning(f"nothing answers at {url}: {error}") from None


class ControlRefused(RuntimeError):
    """The operator's API has said no. `status` is HTTP's, `field` what was wrong, if one thing was."""

    def __init__(self, status: int, message: str, field: str | None) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.field = field


def ask(method: str, url: str, body: Any = None, *, token: str | None = None) -> Any:
    """One call of the operator's API: its answer decoded, or as text where it is no JSON."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["content-type"] = "application/json"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  the operator says where
    try:
        with opener.open(request) as answer:
            text, is_json = answer.read(), answer.headers.get_content_type() == "application/json"
    except urllib.error.HTTPError as error:
        told = json.loads(error.read() or b"{}")
        raise ControlRefused(error.code, told.get("error", error.reason), told.get("field")) from None
    return json.loads(text) if is_json else text.decode()
