"""What becomes of things while time passes, as a client can see it.

    part.py         the part "lifecycle": who is judged, how long, what comes of it
    walks.py        the walks that Hypothesis makes up; machine.py: what there is to choose from
    tour.py         the one walk that is the same each time, so that every check is made
    limits.py       accounts with few credits and small limits
    visit.py        what a walk has: a client, what it knows, the checks
    acts.py         what can be done: order, wait, delete, list, ...; making.py: uploads, training, meshes
    blueprints.py   the other backend: its connections, its runs
    orders.py       what is ordered, and what can be expected of it
    looks.py        what must hold of one thing; lists.py: of lists and pages; money.py: of the balance
    known.py        what a client knows
    checks.py       all checks by name, with what the contract says
    client.py       calls through the door, and the trace of them; steps.py: the trace for the shell

A client sees three states and its balance; all that is held here follows from what it was told.
"""
