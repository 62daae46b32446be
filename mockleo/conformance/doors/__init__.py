"""The doors there are: an ASGI application in this process, a URL, the real service.

    in_process.py  an application, with a clock that is moved by hand
    url.py         whoever listens nearby
    real.py        the real service: everything below, in one order
      gate.py      where packets may go
      line.py      one call over a socket, to exactly the address that was judged
      terms.py     what a call is and costs at worst, told from the call and the contract
      budget.py    what may be spent, and what was
      pace.py      below the documented limits
      tidy.py      what was made, so that it can be deleted
      watch.py     real time

None of them is opened but by its `Opener`; whoever sends calls has a `Door`, and no more.
"""
