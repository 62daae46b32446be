"""Does whoever answers at an address keep the contract? The emulator, or the real service.

    door.py       how calls get out, whoever is behind it: in process, a URL, the real service
    tally.py      what was looked at, what was found, what could not be decided
    parts.py      the parts of the suite, in the order in which they are made; each fills the tally

It knows the contract (`mockleo.contracts`) and a door, and nothing else of mockleo: so the real
service is judged by the same code as the emulator.
"""
