"""The outside world: the one door for time, what wakes the emulator, its server, and its webhooks.

clock       where now comes from: the system's clock, a faster one, one that is moved or jumps
agenda      what waits for the service's time, besides jobs
activity    what is going on, so that a clock that jumps can wait for it
scheduler   one armed timer for whatever falls due next, and the moves of the clock
protocol    HTTP/1.1 as uvicorn has it, deaf to offers of another one; protocol_h11 where httptools is missing
connection  the handle by which a connection is cut
server      uvicorn, tuned; in this thread or in one of its own
outage      nobody listens for a while
lookups     what names mean, each asked once at a time, in threads of their own
addresses   which of them may be connected to
delivery    one attempt at one webhook
retries     when a webhook that was not delivered is sent again
webhooks    the sender: a lane for each key, and the log
"""
