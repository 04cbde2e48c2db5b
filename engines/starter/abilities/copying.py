"""Saying again what was said: the skill under all others that take words from the question.

Held out: wordings, and what is said again (by a hash of its beginning).
"""

import random

from .common import Example, choose, is_held

FORMS = (
    "Repeat: {x}", "repeat this: {x}", "Say this again: {x}", "Copy this: {x}", "Please repeat exactly: {x}", "Echo: {x}",
    "Write this once more: {x}", "Say after me: {x}", "{x}\nRepeat that.", "{x}\nSay that again, please.", "copy exactly: {x}",
    "Repeat word for word: {x}", "Give this back unchanged: {x}", "Type this again: {x}", "Please copy this line: {x}",
    "Say it again: {x}", "Repeat the following: {x}", "repeat after me: {x}",
)
SYLLABLES = [a + b for a in "b c d f g h k l m n p r s t v w z br ch st tr sh pl".split() for b in "a e i o u ai ee ou an er in ol".split()]


def word(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.3:
        return str(rng.randrange(10 ** rng.randint(1, 5)))
    if kind < 0.4:
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randint(1, 6)))
    made = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 3)))
    return made.capitalize() if rng.random() < 0.3 else made


def make_copying(rng: random.Random, held: bool) -> Example:
    while True:
        words = [word(rng) for _ in range(rng.randint(1, 14))]
        if is_held(tuple(words[:2])) == held:
            break
    text = rng.choice([" ", " ", ", ", "; ", " - "]).join(words)
    return Example([("user", choose(rng, FORMS, held).format(x=text))], text, exact=True)


ABILITIES = {"copying": make_copying}
