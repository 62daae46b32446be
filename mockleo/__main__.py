"""`python -m mockleo`."""

from mockleo.cli import main

main(prog_name="mockleo")
