"""What stands beside the API and is called by its clients: storage, assets, and nowhere at all.

Each call is noted as one of the API is, but for most of the bodies: they are files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockleo.core.errors import NowhereAtAll
from mockleo.core.uploads import arrive
from mockleo.faults import flow
from mockleo.faults.at_the_bucket import AtTheBucket
from mockleo.faults.at_the_cdn import AtTheCdn
from mockleo.wire.assets import Assets
from mockleo.wire.http import HTML
from mockleo.wire.sending import CutOff
from mockleo.wire.visit import Hearing, Sight, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from mockleo.app import App
    from mockleo.bucket.store import StoredObject
    from mockleo.core.errors import LeoError
    from mockleo.faults.fault import Fault
    from mockleo.wire.site import Site

# Whose object or asset a path names.
_OWNER = re.compile(r"/users/([0-9a-f-]{36})/")


class Beside:
    """The ASGI applications `storage`, `cdn` and `nowhere`, and what they share."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._bucket = AtTheBucket(
            plan=app.faults,
            site=lambda: app.site,
            now_ms=app.clock.now_ms,
            hold=app.transmitter.hold,
            aside=app.activity.aside,
        )
        cdn = AtTheCdn(
            plan=app.faults,
            world=lambda: app.site.world,
            now_ms=app.clock.now_ms,
            transmit=app.transmit,
        )
        self.assets = Assets(self._site_now, meet=cdn.meet)

    async def storage(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Uploads, and the objects they leave."""
        await self._seen(self._bucket, f"s3.{scope['method'].lower()}", scope, receive, send)

    async def cdn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What jobs have made, and what was uploaded."""
        await self._seen(self.assets, f"cdn.{scope['method'].lower()}", scope, receive, send)

    async def nowhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Where nothing stands."""
        await self.refuse(Visit(scope, scope["path"], self._app.heads), send, NowhereAtAll())

    async def refuse(self, visit: Visit, send: Send, error: LeoError) -> None:
        """Say no to a call that is none of the API's, and note it."""
        app = self._app
        visit.at_ms = app.clock.now_ms()
        answer = app.contract.refusals.write(error)
        app.close(visit, answer.status, answer.why, answer.body)
        await app.writer.write(
            send,
            status=answer.status,
            body=answer.body,
            now_ms=visit.at_ms,
            content_type=HTML,
            extra=[(b"x-mockleo-why", answer.why.encode("latin-1"))],
        )

    def arrived(self, stored: StoredObject) -> None:
        """An object is complete: the image that was announced for it is there, if it is one."""
        app = self._app
        app.catch_up()
        if self._bucket.lost(stored) or stored.bucket != app.site.storage.presigner.name:
            return
        from mockleo.media.kinds import HEAD_BYTES, is_of  # needed only where something is uploaded

        head = app.site.storage.store.read(stored, 0, HEAD_BYTES)
        arrive(app.site.world, stored.key, matches=is_of(stored.key.rpartition(".")[2], head))

    def _site_now(self) -> Site:
        self._app.catch_up()
        return self._app.site

    async def _seen(self, inner: ASGIApp, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let `inner` answer, and note the exchange; of the bodies the beginning of what is sent to
        us, since it tells how a form was made, and of what we refuse it with.
        """
        app = self._app
        visit = Visit(scope, scope["path"], app.heads)
        visit.name, visit.at_ms = name, app.clock.now_ms()
        owner = _OWNER.search(visit.path)
        visit.account = app.site.world.accounts.get(owner[1]) if owner is not None else None
        sight, heard = Sight(send), Hearing(receive)
        outcome = "answered"
        try:
            await inner(scope, heard.receive, sight.send)
        except CutOff:
            outcome = "cut"
            raise
        finally:
            if not sight.is_whole and outcome == "answered":
                outcome = "cut" if sight.why else "gone"
            met: Sequence[Fault] = scope.get(flow.MET, ())
            # An answer that was cut before its head has not said why.
            why = sight.why or flow.why_of(met)
            faults = tuple(fault.id for fault in met)
            visit.body = bytes(heard.beginning)
            app.close(visit, sight.status, why, bytes(sight.beginning), outcome=outcome, faults=faults)
            noted = app.record.exchanges[-1]
            noted.body_bytes, noted.answer_bytes = heard.bytes_read, sight.bytes_sent
