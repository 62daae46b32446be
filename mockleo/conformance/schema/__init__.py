"""Every operation with generated calls, by schemathesis: what a schema can say is tried here.

    run.py          the part: divides, makes the shares, adds them up, and sets the gates
    shares.py       who does what: a division that does not depend on how many workers there are
    workers.py      shares in processes of their own
    engine.py       one share: schemathesis at work on one door
    way_out.py      how its calls get to the door, and what comes back
    allowed.py      what schemathesis takes for a failure and the contract says is right
    words.py        its failures, in words for somebody who has never heard of it
    proofs.py       of the calls that show the same, the shortest
    keys.py         calls with keys that must not work
    slips.py        calls that miss the API: no such path, no JSON
    coverage.py     which operations, parameters and keywords of the contract were exercised

All of its checks are on. Two of them have nothing to look at here, and say nothing:
`object_level_authorization` needs two people's keys and the suite is given one, and
`missing_required_header` needs an operation with a header of its own, and none has. A third,
`max_response_time`, is only there for a promise about time, and the contract makes none.
"""
