"""Tells the test what of a client was tried, for docs/compatibility.md: a line for each."""

from importlib.metadata import version


def client(package, more=""):
    """A client as the table names it."""
    return f"`{package}` {version(package)}, Python{more}"


def tried(row, *what):
    """Notes what has been tried, in the words of the table's columns; `what=said` says more than yes."""
    for one in what:
        name, _, said = one.partition("=")
        print("tried", row, name, said or "yes", sep="\t")
