"""`python -m mockleo`."""

from mockleo.cli import main

# Processes that share the contract suite's work import this module, too.
if __name__ == "__main__":
    main(prog_name="mockleo")
