"""How fast the emulator is, told as ratios over comparison servers measured in the same run.

python -m bench            everything; exits with 1 when a target is missed
python -m bench --quick    the same measurements with fewer rounds
python -m bench --json     one JSON document instead of the table

Absolute numbers do not travel from machine to machine, so every result is a ratio: the
emulator and what it is compared with take turns (A B A B ...), each on a core of its own where
there are two, and medians are divided. Loopback only. Linux and macOS; pinning on Linux only.

    __main__         the list of measurements
    setting          how much is measured, and where: rounds, cores, folder, helpers
    servers          processes that are started, found ready, and stopped whatever happens
    load             the load generator
    throughput       requests: a finished generation, an order
    starting         start to first answer, idle memory, `mockleo --help`
    jobs             what finished jobs weigh, and how `advance` grows with pending ones
    contract         the contract suite's generated calls, over schemathesis alone
    bare, bare_starlette    what the emulator is compared with
    report           results, targets, the table
"""
