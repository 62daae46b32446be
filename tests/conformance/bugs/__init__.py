"""Mistakes that are planted in the emulator, to see whether the contract suite finds them.

    planting.py    how something is replaced for a while
    answers.py     types, fields, formats, and what is not so
    refusals.py    statuses, bodies, who is let in
    orders.py      what is let through, what is refused, what is taken by default
    credits.py     the ledger and the calculator
    jobs.py        how jobs go, and what they bring
    lists.py       lists, deletes, datasets, training
    files.py       uploads and assets
    notices.py     webhooks and limits
    told_back.py   what was asked, told otherwise
    strangers.py   other accounts' things

None of them is in the package: they are test code.
"""

from collections.abc import Mapping

from tests.conformance.bugs import (
    answers,
    credits,
    files,
    jobs,
    lists,
    notices,
    orders,
    refusals,
    strangers,
    told_back,
)
from tests.conformance.bugs.planting import Bug

BUGS: Mapping[str, Bug] = {
    **answers.BUGS,
    **refusals.BUGS,
    **orders.BUGS,
    **credits.BUGS,
    **jobs.BUGS,
    **lists.BUGS,
    **files.BUGS,
    **notices.BUGS,
    **told_back.BUGS,
    **strangers.BUGS,
}
