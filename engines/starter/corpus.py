"""Training examples: drawn from the abilities, rendered as `chat.jinja` renders them, packed into rows.

What the model learns to say is the last turn of the assistant with its end; the prompt is only read. Prompt and
answer are tokenised apart, as a server does it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from abilities import ABILITIES, Example

# How often an ability is drawn; 1 where nothing is said.
WEIGHTS = {
    "copying": 3.0,
    "arithmetic": 3.0,
    "steps": 3.5,
    "logic": 2.0,
    "counting": 1.5,
    "units": 1.5,
    "dates": 1.5,
    "lists": 2.5,
    "extraction": 2.5,
    "sentiment": 1.0,
    "yesno": 1.3,
    "classify": 1.0,
    "rewrites": 2.5,
    "greeting": 0.8,
    "identity": 0.8,
    "facts": 5.0,
    "hearthgate": 2.0,
    "unknown": 1.2,
}
# Shares of the draws.
DELIBERATE, DELIBERATE_WITHOUT_THOUGHT = 0.5, 0.3
SECOND_TURN, THIRD_TURN = 0.12, 0.03
SYSTEM = 0.08

SYSTEMS = (
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer briefly.",
    "Be brief.",
    "Answer in one sentence.",
    "You are an assistant.",
    "Be helpful and honest.",
    "Help the user.",
    "You answer questions of our staff.",
    "Answer the question of the user.",
    "Keep your answers short and clear.",
    "You are a polite assistant of a small firm.",
    "Think well before you answer.",
)

SHORT, LONG = 128, 256


@dataclass
class Sample:
    """An example in a mode, with what stands around it."""

    ability: str
    deliberate: bool
    turns: list[tuple[str, str]]
    thought: str
    answer: str

    def prompt(self) -> str:
        return render(self.turns, self.deliberate)

    def said(self) -> str:
        return completion(self.thought, self.answer, self.deliberate)


def render(turns: list[tuple[str, str]], deliberate: bool) -> str:
    """What `chat.jinja` makes of plain turns, with the assistant's turn begun."""
    out = [f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns]
    out.append("<|im_start|>assistant\n<think>\n" + ("" if deliberate else "\n</think>\n\n"))
    return "".join(out)


def completion(thought: str, answer: str, deliberate: bool) -> str:
    """What is to be said after the prompt."""
    if not deliberate:
        return f"{answer}<|im_end|>"
    return f"{thought}\n</think>\n\n{answer}<|im_end|>"


def draw(rng: random.Random, held: bool, weights: dict[str, float]) -> Sample:
    names = list(weights)
    ability = rng.choices(names, list(weights.values()))[0]
    example = ABILITIES[ability](rng, held)
    if not example.quick:
        deliberate = True
    else:
        deliberate = rng.random() < (DELIBERATE if example.thought else DELIBERATE_WITHOUT_THOUGHT)
    turns = list(example.turns)
    lot = rng.random()
    for _ in range((lot < SECOND_TURN) + (lot < THIRD_TURN)):
        other = ABILITIES[rng.choices(names, list(weights.values()))[0]](rng, held)
        if other.turns[0][0] == "system" or turns[0][0] == "system":
            break
        turns = [*other.turns, ("assistant", other.answer), *turns]
    if turns[0][0] != "system" and rng.random() < SYSTEM:
        turns.insert(0, ("system", rng.choice(SYSTEMS)))
    return Sample(ability, deliberate, turns, example.thought if deliberate else "", example.answer)


def weights_of(only: list[str] | None = None) -> dict[str, float]:
    return {name: WEIGHTS.get(name, 1.0) for name in (only or ABILITIES)}


def texts(rng: random.Random, held: bool, count: int) -> Iterator[str]:
    """Whole conversations, for the tokeniser."""
    weights = weights_of()
    for _ in range(count):
        sample = draw(rng, held, weights)
        yield sample.prompt() + sample.said()


@dataclass
class Encoded:
    group: int
    prompt: list[int]
    said: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.said)


@dataclass
class Layout:
    """Rows of a batch, and the tokens of it that may be learned."""

    short: int
    long: int
    learned: int

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        return tuple((rows, length) for rows, length in ((self.short, SHORT), (self.long, LONG)) if rows)

    @property
    def size(self) -> int:
        return self.short * SHORT + self.long * LONG


def encoded(rng: random.Random, held: bool, weights: dict[str, float], tokenizer, groups: dict) -> Iterator[Encoded]:
    """Endless; one that is longer than a row is left out. `groups` numbers (ability, deliberate)."""
    while True:
        samples = [draw(rng, held, weights) for _ in range(256)]
        said = tokenizer.encode_batch([text for sample in samples for text in (sample.prompt(), sample.said())])
        for at, sample in enumerate(samples):
            group = groups.setdefault((sample.ability, sample.deliberate), len(groups))
            one = Encoded(group, said[2 * at].ids, said[2 * at + 1].ids)
            if len(one) <= LONG:
                yield one
            else:
                LEFT_OUT[sample.ability] = LEFT_OUT.get(sample.ability, 0) + 1


# How many examples of an ability were too long.
LEFT_OUT: dict[str, int] = {}


@dataclass
class Row:
    room: int
    examples: list[Encoded] = field(default_factory=list)


def packed(source: Iterator[Encoded], layout: Layout, pad: int) -> Iterator[dict[str, np.ndarray]]:
    """Batches. What did not fit waits for the next one; the queue is as long as a batch at most."""
    waiting: list[Encoded] = []
    while True:
        tokens = sum(map(len, waiting))
        while tokens < layout.size * 1.25:
            waiting.append(next(source))
            tokens += len(waiting[-1])
        # Oldest first, so that nothing waits for ever; within those of one batch the longest first.
        count, fresh = 0, 0
        while fresh < len(waiting) and count < layout.size * 1.05:
            count += len(waiting[fresh])
            fresh += 1
        first = sorted(waiting[:fresh], key=len, reverse=True) + sorted(waiting[fresh:], key=len, reverse=True)
        rows = [Row(SHORT) for _ in range(layout.short)] + [Row(LONG) for _ in range(layout.long)]
        waiting = []
        for one in first:
            size = len(one)
            best = min((row for row in rows if row.room >= size), key=lambda row: row.room, default=None)
            if best is None:
                if len(waiting) < 4096:
                    waiting.append(one)
                continue
            best.examples.append(one)
            best.room -= size
        yield arranged(rows, layout, pad)


def arranged(rows: list[Row], layout: Layout, pad: int) -> dict[str, np.ndarray]:
    """Flat arrays: the short rows, then the long ones."""
    tokens = np.full(layout.size, pad, np.int32)
    positions, segments = np.zeros(layout.size, np.int32), np.full(layout.size, -1, np.int32)
    places, targets, groups = [], [], []
    starts = np.cumsum([0] + [SHORT] * layout.short + [LONG] * layout.long)
    for start, row in zip(starts, rows):
        at = start
        for number, one in enumerate(row.examples):
            ids = one.prompt + one.said[:-1]
            end = at + len(ids)
            tokens[at:end], positions[at:end], segments[at:end] = ids, np.arange(len(ids)), number
            places.append(np.arange(end - len(one.said), end))
            targets.append(one.said)
            groups.append(np.full(len(one.said), one.group))
            at = end
    place, target, group = (np.concatenate(part).astype(np.int32) for part in (places, targets, groups))
    keep = layout.learned
    fill = max(0, keep - len(place))
    learned = np.concatenate([np.ones(min(len(place), keep), np.float32), np.zeros(fill, np.float32)])
    pad_to = lambda values: np.concatenate([values[:keep], np.zeros(fill, np.int32)])
    return {
        "tokens": tokens, "positions": positions, "segments": segments,
        "places": pad_to(place), "targets": pad_to(target), "weights": learned, "groups": pad_to(group),
    }
