"""Grading a client on what it really did.

    scenario.py   what a client meets, and what it is to bring about: one TOML file each
    run.py        everything that is known of a run, as it is saved: a line of the harness's own
                  (scenario, client), then the record as the emulator writes it
    evidence.py   the same, as checks look at it: calls, jobs, polls, deliveries
    checks/       what clients get wrong: one module each, and the menu
    verdict.py    findings, and the grade they come to
    report/       the verdict as a table, JSON, JUnit, one HTML file
    runner/       starts the emulator and the client, and lets what is due come to its end

Checks see `evidence` and nothing of the emulator but its record: so a saved run is graded again,
byte for byte the same, without a server.
"""
