"""What every ability shares: an example of a conversation, and what is kept from training."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")

# One item in this many is kept from training.
SHARE = 8


@dataclass
class Example:
    """A conversation that ends with the user's turn, and what is right to say then."""

    turns: list[tuple[str, str]]
    answer: str
    # What is thought before it; "": nothing is worth thinking.
    thought: str = ""
    # Other right answers; those beginning with "re:" are patterns.
    accept: tuple[str, ...] = ()
    # False: trained in thinking mode only.
    quick: bool = True
    # True: compared letter by letter, because case is the task.
    exact: bool = False


@lru_cache(maxsize=1 << 16)
def _lot(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def is_held(item: object) -> bool:
    """Whether the item is kept from training. The same on every machine and in every run."""
    return _lot(repr(item)) % SHARE == 0


_parts: dict[int, tuple[object, list, list]] = {}


def _divide(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    open_, held = [], []
    for item in items:
        (held if is_held(item) else open_).append(item)
    if len(items) > 1:
        # Neither side is left empty: the item of the least or greatest lot changes sides.
        by_lot = sorted(items, key=lambda item: _lot(repr(item)))
        if not held:
            open_.remove(by_lot[0])
            held.append(by_lot[0])
        elif not open_:
            held.remove(by_lot[-1])
            open_.append(by_lot[-1])
    return open_, held


def choose(rng: random.Random, items: Sequence[Item], held: bool) -> Item:
    """One of the items that are kept from training (`held`) or one of the others.

    A single item is on both sides. Lists and tuples that live on (a module's constants) are divided once.
    """
    if len(items) == 1:
        return items[0]
    known = _parts.get(id(items))
    if known is None or known[0] is not items or len(known[1]) + len(known[2]) != len(items):
        if len(_parts) > 4096:
            _parts.clear()
        known = (items, *_divide(items))
        _parts[id(items)] = known
    return rng.choice(known[2] if held else known[1])
