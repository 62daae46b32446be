"""The service itself, and nothing of the outside world.

Pure: no clock, no chance of its own, no IO, no HTTP. Time and a seed are handed in, commands
come in as function calls, consequences go out as effects. The map, from the ground up:

    rules, catalogue   what is promised: numbers, models, elements (values; files are read elsewhere)
    errors             every "no" a client can be told
    chance, ids        all that looks random, from one seed for each account
    lifecycle          the table of transitions, which alone changes a job's state
    ledger             credits: charged on acceptance, refunded on failure
    account, world     who owns what; the event heap; `advance`
    pricing            one price for a job, its answer and the calculator
    the nouns          generations, videos, variations, realtime, uploads, datasets, training,
                       textures, blueprints, prompts: one module each, plain functions
"""
