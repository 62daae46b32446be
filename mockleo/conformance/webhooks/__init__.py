"""Webhooks: is each job that ends reported once, in time, and as the contract says?

    promise.py    what the contract lists: events, payloads, headers
    receiver.py   who is reported to: a small server of our own
    orders.py     the jobs that are ordered, by kind, and how each is shown
    judging.py    what was received, held against the contract and against what GET shows
    part.py       all of it; in process for both generations of the payload

Source of what is promised: contracts/webhooks.asyncapi.json.
"""
