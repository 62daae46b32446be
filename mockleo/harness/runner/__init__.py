"""Lets a client meet a scenario, and saves what happened.

play.py      one scenario: the emulator, the client, the end of what is due, the run
process.py   the client's process: its environment, what it prints, its time limit
speed.py     the client's own clock, many times faster
leaks.py     secrets in what it has printed
files.py     the files that it has left
"""
