"""The outside world: the one door for time, what wakes the emulator, and its server.

clock       where now comes from: the system's clock, a faster one, one that is moved by hand
protocol    HTTP/1.1 as uvicorn has it, deaf to offers of another one
scheduler   one armed timer for whatever falls due next
server      uvicorn, tuned; in this thread or in one of its own
"""
