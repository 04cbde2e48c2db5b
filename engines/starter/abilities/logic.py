"""Small logic: `logic` (orders, syllogisms, odd one out, switches, sequences) and `counting`.

Every answer follows from the drawn content. A thought writes the statements as an ordered list, or
goes through the items one by one with a running count.

Held out: wordings (by `choose`) and contents (an eighth of all orders, sets of items and pairs of word
and letter, by hash). The words to be spelt are not held out: how a token is spelt has to have been read.
"""

import random

from .arithmetic import NAMES, SHORT, capital, draw, last_number, listing, plural, pose, say, surface
from .common import Example, choose, is_held

# --- orders -------------------------------------------------------------------------------------

# more, less, most, least, and the denial of "as much as"
PEOPLE_ATTRIBUTES = [
    ("is taller than", "is shorter than", "tallest", "shortest", "is not as tall as"),
    ("is older than", "is younger than", "oldest", "youngest", "is not as old as"),
    ("is faster than", "is slower than", "fastest", "slowest", "is not as fast as"),
    ("is stronger than", "is weaker than", "strongest", "weakest", "is not as strong as"),
    ("is richer than", "is poorer than", "richest", "poorest", "is not as rich as"),
    ("is happier than", "is sadder than", "happiest", "saddest", "is not as happy as"),
]
THING_ATTRIBUTES = [
    ("is heavier than", "is lighter than", "heaviest", "lightest", "is not as heavy as"),
    ("is larger than", "is smaller than", "largest", "smallest", "is not as large as"),
    ("is longer than", "is shorter than", "longest", "shortest", "is not as long as"),
    ("costs more than", "costs less than", "most expensive", "cheapest", "is cheaper than"),
    ("is newer than", "is older than", "newest", "oldest", "is not as new as"),
]
COLOURS = "red blue green yellow black white brown orange pink grey purple".split()
BOXES = "box ball car cup book bag bottle chair boat house hat lamp".split()

FRAMES = [
    "{s} {q}",
    "{s}\n{q}",
    "{q} {s}",
    "Given: {s} {q}",
    "We know this: {s} {q}",
    "Here is a puzzle. {s} {q}",
    "Suppose that {s} {q}",
    "Facts: {s} Question: {q}",
    "{s} So, {q}",
    "Think about this. {s} {q}",
    "Read this: {s} Now, {q}",
    "I know that {s} {q}",
    "{s} My question: {q}",
    "Tell me this: {q} {s}",
    "Let me tell you: {s} {q}",
    "A riddle: {s} {q}",
    "Assume this: {s} {q}",
    "Puzzle: {s} {q}",
    "From these statements, {q} {s}",
    "If {s} then {q}",
]
MOST = [
    "{who} is the {w}?",
    "Who or what is the {w}?",
    "{who} of them is the {w}?",
    "Tell me {lwho} is the {w}.",
    "Which one is the {w}?",
    "Name the {w}.",
    "Can you say {lwho} is the {w}?",
    "{who} must be the {w}?",
    "So {lwho} is the {w}?",
    "{who} among them is the {w}?",
    "Find the {w}.",
    "I ask: {lwho} is the {w}?",
    "Do you know {lwho} is the {w}?",
    "Then {lwho} is the {w}?",
]
SORTED = [
    "Put them in order from {m} to {l}.",
    "Sort them from {m} to {l}.",
    "List them from {m} to {l}.",
    "What is the order from {m} to {l}?",
    "Order them, {m} first.",
    "Give the order, beginning with the {m}.",
    "Write them down from the {m} to the {l}.",
    "Name all of them from {m} to {l}.",
    "Line them up from {m} to {l}.",
    "Rank them from {m} to {l}.",
    "Please order them from {m} to {l}.",
    "How do they rank, {m} first?",
]
PAIR = [
    "{does} {x} {rel} {y}?",
    "Tell me: {does} {x} {rel} {y}?",
    "Yes or no: {does} {x} {rel} {y}?",
    "Can you tell: {does} {x} {rel} {y}?",
    "My question is: {does} {x} {rel} {y}?",
    "What do you think, {does} {x} {rel} {y}?",
    "And now: {does} {x} {rel} {y}?",
    "Then {does} {x} {rel} {y}?",
    "So {does} {x} {rel} {y}?",
    "Answer this: {does} {x} {rel} {y}?",
    "What follows: {does} {x} {rel} {y}?",
    "Please say, {does} {x} {rel} {y}?",
]


def frame(rng: random.Random, held: bool, statements: str, question: str) -> str:
    template = choose(rng, FRAMES, held)
    # A question in the middle of a sentence begins small, statements too; names stay as they are.
    if "{q}" in template and template.split("{q}")[0].rstrip().endswith(("So,", "Now,", "then", "statements,")):
        question = question[0].lower() + question[1:]
    if template.startswith(("Suppose", "I know", "If")):
        statements = uncapital(statements)
        if template.startswith("If"):
            statements = " and ".join(map(uncapital, statements.rstrip(".").split(". "))) + ","
    return template.format(s=statements, q=question)


def uncapital(statement: str) -> str:
    """The statement inside a sentence: small unless it begins with a name."""
    if statement.startswith(("The ", "All ", "No ", "Some ")):
        return statement[0].lower() + statement[1:]
    return statement


def joined(links: list[tuple[str, str]]) -> list[str]:
    """A line per link and then the row as it grows, link by link, until it holds all."""
    lines = [f"{first} > {second}" for first, second in links]
    row_, *rest = [list(link) for link in links]
    while rest:
        at = next(i for i, (first, second) in enumerate(rest) if second == row_[0] or first == row_[-1])
        first, second = rest.pop(at)
        row_ = [first, *row_] if second == row_[0] else [*row_, second]
        lines.append("join: " + ", ".join(row_))
    return lines


def order(rng: random.Random, held: bool) -> Example:
    people = rng.random() < 0.6
    more, less, most, least, lacks = rng.choice(PEOPLE_ATTRIBUTES if people else THING_ATTRIBUTES)
    count = rng.choices([3, 4, 5], [50, 35, 15])[0]

    def sample(rng: random.Random) -> tuple:
        if people:
            return most, *rng.sample(NAMES, count)
        thing = rng.choice(BOXES)
        return most, *(f"the {colour} {thing}" for colour in rng.sample(COLOURS, count))

    ranked = list(draw(rng, held, sample)[1:])
    short = [name.split()[-2] if " " in name else name for name in ranked]
    links = list(zip(ranked, ranked[1:], short, short[1:]))
    rng.shuffle(links)
    told = [
        rng.choice([f"{x} {more} {y}", f"{x} {more} {y}", f"{y} {less} {x}", f"{y} {lacks} {x}"])
        for x, y, _, _ in links
    ]
    lines = joined([(x, y) for _, _, x, y in links])
    statements = said(rng, told)
    roll = rng.random()
    if roll < 0.25:
        i, j = rng.sample(range(count), 2)
        up = rng.random() < 0.5
        verb, _, relation = (more if up else less).partition(" ")
        does = "is" if verb == "is" else "does"
        relation = relation if verb == "is" else f"cost {relation}"
        question = capital(choose(rng, PAIR, held).format(does=does, x=ranked[i], rel=relation, y=ranked[j]))
        right = (i < j) == up
        answer = f"{'Yes' if right else 'No'}, {ranked[i]} {more if i < j else less} {ranked[j]}."
        first, second = min(i, j), max(i, j)
        lines.append(f"{short[first]} > {short[second]}")
        accept = ("re:^(yes|true)\\b.*" if right else "re:^(no|false)\\b.*",)
        return Example([("user", surface(rng, frame(rng, held, statements, question)))], answer, "\n".join(lines), accept)
    if roll < 0.42:
        down = rng.random() < 0.35
        ends = (least, most) if down else (most, least)
        question = choose(rng, SORTED, held).format(m=ends[0], l=ends[1])
        listed = ranked[::-1] if down else ranked
        lines.append(f"{ends[0]} first: {', '.join(reversed(short) if down else short)}")
        answer = capital(", ".join(listed)) + "."
        accept = (", ".join(s for s in (short[::-1] if down else short)),)
        return Example([("user", surface(rng, frame(rng, held, statements, question)))], answer, "\n".join(lines), accept)
    at, word = rng.choice([(0, most), (0, most), (count - 1, least), (count - 1, least), (1, f"second {most}")])
    who = "Who" if people else "Which"
    question = choose(rng, MOST, held).format(who=who, lwho=who.lower(), w=word)
    lines.append(f"{word}: {short[at]}")
    sentence = f"{capital(ranked[at])} is the {word}."
    text = frame(rng, held, statements, question)
    return pose(rng, held, text, sentence, capital(ranked[at]) + ".", "\n".join(lines), (short[at],), SHORT)


def said(rng: random.Random, told: list[str]) -> str:
    if len(told) == 2 and rng.random() < 0.25:
        return capital(f"{told[0]} and {told[1]}.")
    if rng.random() < 0.12:
        return capital(", ".join(told) + ".")
    return " ".join(capital(statement) + "." for statement in told)


ROW_QUESTIONS = {
    "leftmost": ["{Which} is on the far left?", "{Which} is the leftmost?", "{Which} stands furthest to the left?", "What is at the left end?",
                 "Tell me {which} is at the left end.", "Name the leftmost one."],
    "rightmost": ["{Which} is on the far right?", "{Which} is the rightmost?", "{Which} stands furthest to the right?", "What is at the right end?",
                  "Tell me {which} is at the right end.", "Name the rightmost one."],
    "in the middle": ["{Which} is in the middle?", "What is in the middle?", "{Which} has one on each side?", "Tell me {which} is in the middle.",
                      "{Which} stands in the middle?", "Name the one in the middle."],
    "second from the left": ["{Which} is second from the left?", "What is second from the left?", "Name the second one from the left.",
                             "Tell me {which} is second from the left.", "Counting from the left, {which} is second?"],
}  # fmt: skip
ROW_TEMPLATES = [(place, text) for place, texts in ROW_QUESTIONS.items() for text in texts]
RACE_QUESTIONS = {
    "first": ["Who came first?", "Who won?", "Who was first?", "Who was the winner?", "Who finished first?", "Name the winner.", "Tell me who won.", "Who won the race?"],
    "last": ["Who came last?", "Who was last?", "Who finished last?", "Name the last one.", "Tell me who was last.", "Who was the last to arrive?"],
    "second": ["Who came second?", "Who was second?", "Who finished second?", "Who was number two?", "Tell me who was second.", "Who took second place?"],
}  # fmt: skip
RACE_TEMPLATES = [(place, text) for place, texts in RACE_QUESTIONS.items() for text in texts]


def row(rng: random.Random, held: bool) -> Example:
    """Who or what stands where in a row, or who came when in a race."""
    race = rng.random() < 0.4
    place, template = choose(rng, RACE_TEMPLATES if race else ROW_TEMPLATES, held)
    people = race or rng.random() < 0.5
    count = 3 if place == "in the middle" else rng.choice([3, 3, 4])

    def sample(rng: random.Random) -> tuple:
        if people:
            return race, *rng.sample(NAMES, count)
        thing = rng.choice(BOXES)
        return race, *(f"the {colour} {thing}" for colour in rng.sample(COLOURS, count))

    ranked = list(draw(rng, held, sample)[1:])
    short = [name.split()[-2] if " " in name else name for name in ranked]
    links = list(zip(ranked, ranked[1:], short, short[1:]))
    rng.shuffle(links)
    forward, backward = ("is left of", "is right of")
    if race:
        forward, backward = rng.choice([("came before", "came after"), ("finished before", "finished after"), ("was faster than", "was slower than")])
    elif people and rng.random() < 0.5:
        forward, backward = "sits left of", "sits right of"
    told = [f"{x} {forward} {y}" if rng.random() < 0.6 else f"{y} {backward} {x}" for x, y, _, _ in links]
    lines = joined([(x, y) for _, _, x, y in links])
    at = {"leftmost": 0, "first": 0, "rightmost": -1, "last": -1, "in the middle": 1}.get(place, 1)
    lines.append(f"{place}: {short[at]}")
    which = "who" if people else "which"
    question = template.format(Which=capital(which), which=which)
    verb = "was" if race else "is"
    shown = f"the {place}" if place in ("leftmost", "rightmost") else place
    sentence = f"{capital(ranked[at])} {verb} {shown}."
    text = frame(rng, held, said(rng, told), question)
    return pose(rng, held, text, sentence, capital(ranked[at]) + ".", "\n".join(lines), (short[at],), SHORT)


# --- syllogisms ---------------------------------------------------------------------------------

REAL_KINDS = "cats dogs birds roses tables poets farmers singers teachers bakers doctors robots drivers dancers painters sailors clowns wizards pilots nurses trees boats lamps clocks coins kites".split()  # fmt: skip
HEADS = "bl br d dr f fl g gl gr h j k kl l m n p pl qu r s sl sn st t tr v w y z".split()
HEARTS = "a e i o u oo ee".split()
TAILS = "b g k m n p rk rm rt lp nk nt mp zz ck g".split()
UNKNOWN_ANSWER = "That cannot be known."


def kind(rng: random.Random) -> str:
    """A plural noun, made up or real."""
    if rng.random() < 0.45:
        return rng.choice(REAL_KINDS)
    return rng.choice(HEADS) + rng.choice(HEARTS) + rng.choice(TAILS) + rng.choice(["s", "ers", "os", "s"])


def one(kinds: str) -> str:
    single = kinds[:-1]
    return ("an " if single[0] in "aeiou" else "a ") + single


# (premises, question, verdict, sentence, thought); {a}, {b}, {c} are kinds, {N} is a name.
SYLLOGISMS = [
    ("All {a} are {b}. All {b} are {c}.", "all {a} are {c}", "yes", "all {a} are {c}", "{a} are {b}, {b} are {c}\nso {a} are {c}"),
    ("All {b} are {c}. All {a} are {b}.", "all {a} are {c}", "yes", "all {a} are {c}", "{a} are {b}, {b} are {c}\nso {a} are {c}"),
    ("All {a} are {b}. All {b} are {c}.", "all {c} are {a}", "unknown", "", "{a} are {b}, {b} are {c}\n{c} may be more than {a}"),
    ("All {a} are {b}. No {b} are {c}.", "any {a} are {c}", "no", "no {a} are {c}", "{a} are {b}, {b} are never {c}\nso {a} are never {c}"),
    ("No {b} are {c}. All {a} are {b}.", "any {a} are {c}", "no", "no {a} are {c}", "{a} are {b}, {b} are never {c}\nso {a} are never {c}"),
    ("All {a} are {b}. {N} is {one_a}.", "{N} is {one_b}", "yes", "{N} is {one_b}", "{N} is {one_a}, {a} are {b}\nso {N} is {one_b}"),
    ("{N} is {one_a}. All {a} are {b}.", "{N} is {one_b}", "yes", "{N} is {one_b}", "{N} is {one_a}, {a} are {b}\nso {N} is {one_b}"),
    ("All {a} are {b}. {N} is {one_b}.", "{N} is {one_a}", "unknown", "", "{N} is {one_b}, {a} are {b}\nother {b} may be no {a}"),
    ("No {a} are {b}. {N} is {one_a}.", "{N} is {one_b}", "no", "{N} is not {one_b}", "{N} is {one_a}, {a} are never {b}\nso {N} is not {one_b}"),
    ("No {a} are {b}. {N} is {one_b}.", "{N} is {one_a}", "no", "{N} is not {one_a}", "{N} is {one_b}, {a} are never {b}\nso {N} is not {one_a}"),
    ("All {a} are {b}. {N} is not {one_b}.", "{N} is {one_a}", "no", "{N} is not {one_a}", "{a} are {b}, {N} is not {one_b}\nso {N} is not {one_a}"),
    ("All {a} are {b}. {N} is not {one_a}.", "{N} is {one_b}", "unknown", "", "{a} are {b}, {N} is not {one_a}\nother {b} may be no {a}"),
    ("Some {a} are {b}. {N} is {one_a}.", "{N} is {one_b}", "unknown", "", "{N} is {one_a}, only some {a} are {b}\nboth are possible"),
    ("All {a} are {b}. All {b} are {c}. {N} is {one_a}.", "{N} is {one_c}", "yes", "{N} is {one_c}", "{N} is {one_a}, {a} are {b}, {b} are {c}\nso {N} is {one_c}"),
    ("All {a} are {b}. No {b} are {c}. {N} is {one_a}.", "{N} is {one_c}", "no", "{N} is not {one_c}", "{N} is {one_a}, {a} are {b}, {b} are never {c}\nso {N} is not {one_c}"),
]  # fmt: skip
ASKED = [
    "Is it true that {q}?",
    "Does it follow that {q}?",
    "Can we say that {q}?",
    "Is this so: {q}?",
    "True or false: {q}?",
    "Is it right that {q}?",
    "Do we know that {q}?",
    "Would you say that {q}?",
    "Is it certain that {q}?",
    "Then is it true that {q}?",
    "Yes or no: {q}?",
    "Must it be that {q}?",
    "{q}, is that right?",
    "{q}: yes, no or cannot be known?",
]


def syllogism(rng: random.Random, held: bool) -> Example:
    by_verdict = rng.choice(["yes", "no", "unknown"])
    premises, asked, verdict, follows, thought = rng.choice([s for s in SYLLOGISMS if s[2] == by_verdict])

    def sample(rng: random.Random) -> tuple:
        kinds = [kind(rng) for _ in range(3)]
        while len(set(kinds)) < 3:
            kinds = [kind(rng) for _ in range(3)]
        return *kinds, rng.choice(NAMES)

    a, b, c, name = draw(rng, held, sample)
    slots = {"a": a, "b": b, "c": c, "N": name, "one_a": one(a), "one_b": one(b), "one_c": one(c)}
    direct = asked.format(**slots)
    if rng.random() < 0.5 and not held:
        # The plain question with the verb in front.
        verb = " is " if " is " in direct else " are "
        question = f"{verb.strip()} {direct.replace(verb, ' ', 1)}?"
        question = question.replace("are all", "Are all").replace("are any", "Are any")
    else:
        question = choose(rng, ASKED, held).format(q=direct.replace("any ", "some ") if "any " in direct else direct)
    text = frame(rng, held, premises.format(**slots), capital(question))
    return verdict_example(rng, text, verdict, follows.format(**slots), thought.format(**slots))


def verdict_example(rng: random.Random, text: str, verdict: str, follows: str, thought: str) -> Example:
    if verdict == "unknown":
        accept = ("re:.*(cannot|can't|can not|not) (be )?(known|know|certain|say|tell|follow).*", "re:^(unknown|not certain).*")
        return Example([("user", surface(rng, text))], UNKNOWN_ANSWER, thought + "\nnot known", accept)
    accept = (f"re:^({verdict}|{'true' if verdict == 'yes' else 'false'})\\b.*",)
    return Example([("user", surface(rng, text))], f"{capital(verdict)}, {follows}.", f"{thought}\n{verdict}", accept)


# (if, then, question about if, question about then, not if, not then)
CONDITIONS = [
    ("it rains", "the street is wet", "it does not rain", "the street is not wet"),
    ("the alarm rings", "the dog barks", "the alarm does not ring", "the dog does not bark"),
    ("the sun shines", "the roof is warm", "the sun does not shine", "the roof is not warm"),
    ("it is Sunday", "the shop is closed", "it is not Sunday", "the shop is not closed"),
    ("the light is red", "the cars stop", "the light is not red", "the cars do not stop"),
    ("the battery is empty", "the phone is off", "the battery is not empty", "the phone is not off"),
    ("the cat is hungry", "the cat cries", "the cat is not hungry", "the cat does not cry"),
    ("the oven is on", "the kitchen is warm", "the oven is not on", "the kitchen is not warm"),
    ("the wind blows", "the flag moves", "the wind does not blow", "the flag does not move"),
    ("the door is open", "the room is cold", "the door is not open", "the room is not cold"),
    ("Anna sings", "Tom dances", "Anna does not sing", "Tom does not dance"),
    ("the bus is late", "Max walks", "the bus is not late", "Max does not walk"),
    ("it snows", "the school is closed", "it does not snow", "the school is not closed"),
    ("the fan runs", "the room is loud", "the fan does not run", "the room is not loud"),
    ("the pump works", "the tank is full", "the pump does not work", "the tank is not full"),
    ("the soup is hot", "Lena waits", "the soup is not hot", "Lena does not wait"),
]


def conditional(rng: random.Random, held: bool) -> Example:
    if_, then, not_if, not_then = choose(rng, CONDITIONS, held)
    given, asked, verdict, follows = rng.choice(
        [
            (if_, then, "yes", then),
            (not_then, if_, "no", not_if),
            (then, if_, "unknown", ""),
            (not_if, then, "unknown", ""),
        ]
    )
    rule = rng.choice([f"If {if_}, {then}.", f"If {if_}, then {then}.", f"Whenever {if_}, {then}."])
    question = choose(rng, ASKED, held).format(q=asked)
    statements = f"{rule} {capital(given)}." if rng.random() < 0.7 else f"{capital(given)}. {rule}"
    thought = f"rule: {if_} -> {then}\ngiven: {given}"
    template = choose(rng, PLAIN_FRAMES, held)
    return verdict_example(rng, template.format(s=statements, q=capital(question)), verdict, follows, thought)


PLAIN_FRAMES = [
    "{s} {q}",
    "{s}\n{q}",
    "Given: {s} {q}",
    "We know this: {s} {q}",
    "Here is a rule. {s} {q}",
    "Facts: {s} Question: {q}",
    "Think about this. {s} {q}",
    "{s} My question: {q}",
    "Assume this: {s} {q}",
    "Puzzle: {s} {q}",
    "{q} {s}",
    "Logic: {s} {q}",
]

# --- odd one out, switches, sequences -----------------------------------------------------------

CATEGORIES = {
    "fruit": "apple pear banana cherry plum grape lemon orange peach melon".split(),
    "animal": "dog cat horse cow sheep lion tiger bear mouse rabbit goat pig".split(),
    "colour": "red blue green yellow black white brown pink grey purple".split(),
    "vehicle": "car bus train bike truck boat van tram ship taxi".split(),
    "tool": "hammer saw drill spade rake axe pliers wrench".split(),
    "piece of clothing": "shirt hat coat sock shoe scarf dress glove skirt jacket".split(),
    "piece of furniture": "table chair bed sofa shelf desk wardrobe bench".split(),
    "drink": "water milk tea coffee juice lemonade beer wine".split(),
    "part of the body": "hand foot nose ear eye arm leg knee neck mouth".split(),
    "musical instrument": "piano guitar drum flute violin trumpet harp cello".split(),
    "vegetable": "carrot potato onion cabbage pea bean spinach leek".split(),
    "bird": "eagle duck owl swan crow robin pigeon hen".split(),
}
MANY_OF = {
    "fruit": "fruits", "animal": "animals", "colour": "colours", "vehicle": "vehicles", "tool": "tools",
    "piece of clothing": "pieces of clothing", "piece of furniture": "pieces of furniture", "drink": "drinks",
    "part of the body": "parts of the body", "musical instrument": "musical instruments", "vegetable": "vegetables", "bird": "birds",
}  # fmt: skip
# Nobody has to decide whether an owl is an animal that a quiz would call odd, or orange a colour.
NEAR = {frozenset(p) for p in [("animal", "bird"), ("fruit", "vegetable"), ("fruit", "colour"), ("fruit", "drink"), ("vegetable", "drink")]}  # fmt: skip

ODD = [
    "Which is not {x}: {l}?",
    "Which one is not {x}: {l}?",
    "Which of these is not {x}? {l}",
    "{l}: which is not {x}?",
    "Find the one that is not {x}: {l}.",
    "One of these is not {x}. Which? {l}",
    "Name the one that is not {x}: {l}",
    "From {l}, pick the one that is not {x}.",
    "which is not {x} {l}",
    "What is not {x} here: {l}?",
    "Spot the one that is not {x}: {l}",
    "Among {l}, which is not {x}?",
    "All but one are {x}. Which is not? {l}",
    "Tell me which of {l} is not {x}.",
]
ODD_CATEGORY = [
    "Which does not belong: {l}?",
    "Odd one out: {l}",
    "Which is the odd one out: {l}?",
    "Which word does not fit: {l}?",
    "Find the odd one out: {l}.",
    "{l}: which one is different?",
    "One of these does not belong. Which? {l}",
    "Pick the odd one out from {l}.",
    "what does not belong here: {l}",
    "Spot the odd one: {l}",
    "Which of {l} does not fit with the others?",
    "Name the word that does not fit: {l}",
]


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def odd_one_out(rng: random.Random, held: bool) -> Example:
    rule = rng.choice(["category", "category", "even", "multiple", "letter", "above"])
    count = rng.choice([3, 3, 4])
    if rule == "category":
        group, items, odd, notes = odd_words(rng, held, count)
        listed = listing(rng, items, (", ", ", ", " and "))
        open_ = rng.random() < 0.5
        x = "a colour" if group == "colour" else article(group)
        question = choose(rng, ODD_CATEGORY if open_ else ODD, held).format(l=listed, x=x)
        sentence = f"{capital(odd)} is not {x}."
        return pose(rng, held, question, sentence, capital(odd) + ".", notes, (odd, f"re:^(the )?{odd}\\b.*"), SHORT)
    if rule == "letter":
        return odd_letter(rng, held, count)
    items, odd, x, notes = odd_numbers(rng, held, rule, count)
    question = choose(rng, ODD, held).format(l=listing(rng, items, (", ", ", ", " and ")), x=x)
    sentence = f"{odd} is not {x}."
    return pose(rng, held, question, sentence, odd + ".", notes, (odd, f"re:^{odd}\\b.*"), SHORT)


def odd_words(rng: random.Random, held: bool, count: int) -> tuple[str, list[str], str, str]:
    def sample(rng: random.Random) -> tuple:
        group, other = rng.sample(list(CATEGORIES), 2)
        while frozenset((group, other)) in NEAR:
            group, other = rng.sample(list(CATEGORIES), 2)
        return group, other, rng.choice(CATEGORIES[other]), *rng.sample(CATEGORIES[group], count)

    group, other, odd, *same = draw(rng, held, sample)
    items = [*same, odd]
    rng.shuffle(items)
    notes = "\n".join(f"{item}: {other if item == odd else group}" for item in items)
    return group, items, odd, notes


def odd_numbers(rng: random.Random, held: bool, rule: str, count: int) -> tuple[list[str], str, str, str]:
    def sample(rng: random.Random) -> tuple:
        if rule == "even":
            parity = rng.randint(0, 1)
            pool = [n for n in range(1, 100) if n % 2 == parity]
            return rule, parity, rng.choice([n for n in range(1, 100) if n % 2 != parity]), *rng.sample(pool, count)
        if rule == "multiple":
            by = rng.choice([3, 4, 5, 10])
            odd = rng.choice([n for n in range(2, by * 10) if n % by])
            return rule, by, odd, *(by * n for n in rng.sample(range(1, 11), count))
        limit = rng.choice([10, 20, 50, 100])
        return rule, limit, rng.randint(1, limit - 1), *rng.sample(range(limit + 1, 2 * limit + 10), count)

    _, by, odd, *same = draw(rng, held, sample)
    items = [*same, odd]
    rng.shuffle(items)
    if rule == "even":
        x = "odd" if by else "even"
        notes = [f"{n} is {'odd' if n % 2 else 'even'}" for n in items]
    elif rule == "multiple":
        x = f"a multiple of {by}"
        notes = [f"{n} = {by} × {n // by}" + (f" + {n % by}" if n % by else "") for n in items]
    else:
        x = f"larger than {by}"
        notes = [f"{n} {'>' if n > by else '<'} {by}" for n in items]
    return [str(n) for n in items], str(odd), x, "\n".join(notes)


ODD_LETTER = [
    "Which word does not begin with {x}: {l}?",
    "Which of these words does not start with {x}? {l}",
    "Find the word that does not begin with {x}: {l}",
    "{l}: which does not start with {x}?",
    "One word does not begin with {x}. Which? {l}",
    "Name the word that does not start with {x}: {l}.",
    "which word does not start with {x} {l}",
    "From {l}, pick the word that does not begin with {x}.",
    "Which word has another first letter than {x}: {l}?",
    "All but one begin with {x}. Which does not? {l}",
    "Spot the word that does not begin with {x}: {l}",
    "Tell me which of {l} does not begin with {x}.",
]


def odd_letter(rng: random.Random, held: bool, count: int) -> Example:
    def sample(rng: random.Random) -> tuple:
        letter = rng.choice([k for k, words in BY_LETTER.items() if len(words) >= 6])
        other = rng.choice([word for word in WORDS if word[0] != letter])
        return letter, other, *rng.sample(BY_LETTER[letter], count)

    letter, odd, *same = draw(rng, held, sample)
    items = [*same, odd]
    rng.shuffle(items)
    shown = rng.choice([letter, f'"{letter}"', f"the letter {letter}", letter.upper()])
    question = choose(rng, ODD_LETTER, held).format(x=shown, l=listing(rng, items, (", ", ", ", " and ")))
    notes = "\n".join(f"{item}: {item[0]}" for item in items)
    sentence = f"{capital(odd)} does not begin with {letter}."
    return pose(rng, held, question, sentence, capital(odd) + ".", notes, (odd, f"re:^{odd}\\b.*"), SHORT)


SWITCH_RULES = {
    "both": [
        "The {t} is on only if both switches are on.",
        "The {t} needs both switches to be on.",
        "The {t} is on when switch 1 and switch 2 are on, otherwise off.",
        "Both switches must be on for the {t} to be on.",
        "Unless both switches are on, the {t} is off; with both it is on.",
    ],
    "one": [
        "The {t} is on if at least one switch is on.",
        "The {t} is on when switch 1 or switch 2 or both are on.",
        "One of the two switches is enough to turn the {t} on.",
        "Any switch that is on turns the {t} on; there are two.",
        "The {t} is off only if both switches are off.",
    ],
    "exactly": [
        "The {t} is on if exactly one switch is on.",
        "The {t} is on when one switch is on and the other is off.",
        "The {t} is on only when the two switches differ.",
        "If just one of the two switches is on, the {t} is on, otherwise off.",
        "Exactly one of two switches must be on for the {t} to be on.",
    ],
    "none": [
        "The {t} is on only if both switches are off.",
        "The {t} is on when neither switch is on.",
        "Any switch that is on turns the {t} off; otherwise it is on.",
        "The {t} needs both switches to be off.",
        "As soon as a switch is on, the {t} is off, else it is on.",
    ],
}
SWITCH_TEXTS = [(rule, text) for rule, texts in SWITCH_RULES.items() for text in texts]
SWITCH_QUESTIONS = [
    "Is the {t} on?",
    "Is the {t} on or off?",
    "Is the {t} on now?",
    "What about the {t}: on or off?",
    "So, is the {t} on?",
    "Tell me whether the {t} is on.",
    "Does that turn the {t} on?",
    "In which state is the {t}?",
    "Do we have the {t} on?",
    "Is the {t} off?",
    "What is the state of the {t}?",
    "Will the {t} be on?",
]
MACHINES = "lamp fan pump heater radio motor light bell machine oven screen engine".split()


def switches(rng: random.Random, held: bool) -> Example:
    rule, text = choose(rng, SWITCH_TEXTS, held)
    thing, first, second = rng.choice(MACHINES), rng.random() < 0.5, rng.random() < 0.5
    state = ["off", "on"]
    told = rng.choice(
        [
            "Switch 1 is {x} and switch 2 is {y}.",
            "Switch 1 is {x}, switch 2 is {y}.",
            "Switch 1 is {x}. Switch 2 is {y}.",
            "The first switch is {x}, the second is {y}.",
            "The first switch is {x} and the second one is {y}.",
        ]
    ).format(x=state[first], y=state[second])
    if first == second and rng.random() < 0.3:
        told = f"Both switches are {state[first]}."
    on = {"both": first and second, "one": first or second, "exactly": first != second, "none": not (first or second)}[rule]
    question = choose(rng, SWITCH_QUESTIONS, held).format(t=thing)
    count = first + second
    needs = {"both": "2", "one": "1 or 2", "exactly": "1", "none": "0"}[rule]
    thought = f"switch 1 {state[first]}, switch 2 {state[second]}\non: {count}, needed: {needs}\n{thing} {state[on]}"
    statements = f"{text.format(t=thing)} {told}" if rng.random() < 0.8 else f"{told} {text.format(t=thing)}"
    if "on or off" in question or "state" in question:
        answer = f"The {thing} is {state[on]}."
    else:
        yes = on != ("off?" in question)
        answer = f"{'Yes' if yes else 'No'}, the {thing} is {state[on]}."
    accept = (f"re:.*\\bis {state[on]}\\b.*", state[on])
    return Example([("user", surface(rng, f"{statements} {question}"))], answer, thought, accept)


NEXT = [
    "What comes next: {l}?",
    "What is the next number: {l}?",
    "Which number comes next? {l}",
    "Continue: {l}",
    "{l}, ... what comes next?",
    "{l}, ?",
    "next number in {l}",
    "Find the next number: {l}, ...",
    "How does it go on: {l}?",
    "Continue the sequence {l}.",
    "The sequence is {l}. What follows?",
    "Which number follows {l}?",
    "Give me the next number after {l}.",
    "What would be the next one: {l}?",
    "Complete the row: {l}, __",
    "Tell me what comes after {l}.",
]


def sequence(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple:
        how = rng.choice("+++--×")
        step = rng.randint(2, 3) if how == "×" else rng.randint(1, 12)
        start = rng.randint(1, 5) if how == "×" else rng.randint(1, 30) + (5 * step if how == "-" else 0)
        return how, step, start

    how, step, start = draw(rng, held, sample)
    numbers = [start]
    for _ in range(rng.choice([3, 4])):
        last = numbers[-1]
        numbers.append(last + step if how == "+" else last - step if how == "-" else last * step)
    *shown, result = numbers
    question = choose(rng, NEXT, held).format(l=", ".join(map(str, shown)))
    lines = [f"{x} to {y}: {how} {step}" for x, y in zip(shown, shown[1:])]
    lines.append(f"{shown[-1]} {how} {step} = {result}")
    sentence = f"The next number is {result}."
    return pose(rng, held, question, sentence, str(result), "\n".join(lines), (last_number(result),))


def make_logic(rng: random.Random, held: bool) -> Example:
    kinds = [order, row, syllogism, conditional, odd_one_out, switches, sequence]
    return rng.choices(kinds, [30, 13, 18, 6, 14, 8, 11])[0](rng, held)


# --- counting -----------------------------------------------------------------------------------

WORDS = """
strawberry banana apple cherry orange lemon melon peach potato tomato carrot onion pepper garlic cabbage
bread butter cheese coffee sugar honey milk water juice salad soup pizza pasta noodle cookie chocolate
breakfast dinner lunch kitchen bottle spoon knife plate glass window door table chair sofa mirror carpet
garden flower tree forest river lake ocean island mountain valley desert meadow summer winter spring autumn
weather thunder rainbow snow storm cloud sunshine morning evening night midnight yesterday tomorrow week
month year minute hour second clock calendar season birthday holiday travel ticket train airplane bicycle
car bus ship boat station airport street bridge tower castle church school university college teacher
student pupil lesson pencil paper book letter library story poem novel music guitar piano violin drum
song dance theatre cinema picture camera photo paint colour yellow green purple black white silver golden
doctor nurse hospital medicine pharmacy police fireman farmer baker butcher sailor pilot driver soldier
mother father sister brother daughter family friend neighbour baby child children people person woman man
animal horse cow sheep goat chicken duck goose rabbit mouse cat dog kitten puppy lion tiger elephant
giraffe monkey zebra snake turtle frog spider butterfly bee ant whale dolphin shark fish eagle parrot owl
computer keyboard screen printer internet network server program software robot machine engine battery
button switch cable radio television telephone message address number question answer problem solution
football tennis hockey swimming running soccer winner player team game puzzle balloon balloons kite toy
doll present party candle cake jacket shirt trousers sweater shoe slipper sandal scarf glove pocket
hammer ladder bucket basket blanket pillow mattress curtain lamp heater cellar attic chimney roof wall
apartment building village city country planet moon star sun earth universe rocket space science history
geography mathematics language grammar sentence word dictionary newspaper magazine journal office meeting
manager secretary engineer lawyer money wallet coin bank market shop customer price receipt invoice
package parcel stamp envelope happy angry tired hungry thirsty brave clever funny lazy quiet noisy gentle
little bigger smaller tall short heavy light soft hard warm cold sweet bitter fresh clean dirty empty full
walking talking sleeping reading writing singing jumping laughing cooking dreaming thinking building
committee mississippi coffeepot bookkeeper parallel success necessary address occasion tennessee letterbox
hello goodbye welcome thanks please sorry maybe always never often together without between around
velvet cotton marble copper iron stone sand glacier volcano canyon harbor lighthouse compass anchor
""".split()
WORDS = list(dict.fromkeys(WORDS))
BY_LETTER = {letter: [word for word in WORDS if word[0] == letter] for letter in "abcdefghijklmnopqrstuvwyz"}

LETTERS_IN = [
    "How many {x}s are in {w}?",
    "How many times does {x} occur in {w}?",
    "How often does the letter {x} appear in {w}?",
    "Count the letter {x} in {w}.",
    "how many {x} in {w}",
    "How many letters {x} are there in {w}?",
    "{w}: how many times {x}?",
    "In the word {w}, how many times is there {x}?",
    "Number of {x} in {w}?",
    "Can you count the {x}s in {w}?",
    "Tell me how many {x}s the word {w} has.",
    "How many {x}'s does {w} have?",
    "Count how often {x} is in {w}.",
    "In {w}, how many letters are {x}?",
    "How often do you write {x} in {w}?",
    "Find out how many times {x} stands in {w}.",
]
LENGTH = [
    "How many letters are in {w}?",
    "How many letters does {w} have?",
    "How long is the word {w}?",
    "Count the letters in {w}.",
    "number of letters in {w}",
    "{w}: how many letters?",
    "The word {w} has how many letters?",
    "Can you count the letters of {w}?",
    "Tell me the number of letters in {w}.",
    "how many characters has {w}",
    "What is the length of {w}?",
    "Count the characters of {w}.",
    "How many letters do I need to write {w}?",
    "Out of how many letters is {w} made?",
]
VOWELS = [
    "How many vowels are in {w}?",
    "How many vowels does {w} have?",
    "Count the vowels in {w}.",
    "number of vowels in {w}",
    "{w}: how many vowels?",
    "Tell me how many vowels {w} has.",
    "In {w}, how many letters are vowels?",
    "The word {w} has how many vowels?",
    "Can you count the vowels of {w}?",
    "How many of the letters in {w} are vowels?",
    "how many vowels in the word {w}",
    "Find the number of vowels in {w}.",
]


def quoted(rng: random.Random, word: str) -> str:
    return rng.choice([word, word, f'"{word}"', f"'{word}'", f"the word {word}"])


def spelt(word: str, wanted: set[str]) -> tuple[str, int]:
    """The word letter by letter, with a running count after each wanted letter."""
    count, parts = 0, []
    for letter in word:
        count += letter in wanted
        parts.append(f"{letter} {count}" if letter in wanted else letter)
    return ", ".join(parts), count


def letters(rng: random.Random, held: bool) -> Example:
    how = rng.choices(["letter", "length", "vowels"], [60, 28, 12])[0]

    def sample(rng: random.Random) -> tuple[str, str, str]:
        word = rng.choice(WORDS)
        if how != "letter":
            return how, word, ""
        inside = rng.random() < 0.85
        return how, word, rng.choice(word if inside else "aeilnorst")

    while True:
        _, word, letter = sample(rng)
        if how != "letter" or is_held((word, letter)) == held:
            break
    shown = quoted(rng, word)
    if how == "letter":
        mark = rng.choice([letter, letter, f'"{letter}"', letter.upper()])
        template = choose(rng, LETTERS_IN, held)
        if "the word {w}" in template:
            shown = shown.replace("the word ", "")
        question = template.format(x=mark, w=shown)
        work, count = spelt(word, {letter})
        times = {1: "once", 2: "twice"}.get(count, f"{say(count)} times")
        sentence = f"There is no {letter} in {word}." if not count else f"The letter {letter} occurs {times} in {word}."
        accept = (last_number(count), f"re:.*\\b({times}|{say(count)})\\b.*")
        return pose(rng, held, question, sentence, str(count), f"{work}\n{letter}: {count}", accept)
    template = choose(rng, LENGTH if how == "length" else VOWELS, held)
    if "word {w}" in template:
        shown = shown.replace("the word ", "")
    question = capital(template.format(w=shown))
    work, count = spelt(word, set(word) if how == "length" else set("aeiou"))
    noun = "letter" if how == "length" else "vowel"
    sentence = f"{capital(word)} has {plural(count, noun)}."
    return pose(rng, held, question, sentence, str(count), f"{work}\n{noun}s: {count}", (last_number(count),))


SUBJECTS = "the cat|a dog|my friend|the old man|the girl|our teacher|a small bird|the baker|Anna|Tom|the children|my sister|the farmer|a young woman|the driver|his brother".split("|")  # fmt: skip
VERBS = "sees|likes|finds|buys|paints|carries|wants|needs|draws|sells|cleans|hides".split("|")
OBJECTS = "a red ball|the book|an old chair|some bread|the big house|two apples|a letter|the blue car|a cup of tea|the garden|many flowers|a box".split("|")  # fmt: skip
ENDINGS = "|today|in the morning|every day|in the garden|at school|with a smile|on Monday|very often|near the river|after lunch|at home".split("|")  # fmt: skip
WORDS_IN = [
    "How many words are in this sentence: {s}",
    "Count the words: {s}",
    "How many words has this sentence? {s}",
    "How many words are there in: {s}",
    "Count the words in this sentence: {s}",
    "{s} How many words is that?",
    "word count of: {s}",
    "How long is this sentence in words? {s}",
    "Number of words: {s}",
    "Please count the words. {s}",
    "How many words do you see here? {s}",
    "Tell me the number of words in: {s}",
    "{s} Count the words.",
    "Can you count how many words this has: {s}",
]


def sentence_words(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str]:
        parts = [rng.choice(SUBJECTS), rng.choice(VERBS), rng.choice(OBJECTS), rng.choice(ENDINGS)]
        return (" ".join(part for part in parts if part),)

    (text,) = draw(rng, held, sample)
    words = text.split()
    shown = capital(text) + "."
    question = choose(rng, WORDS_IN, held).format(s=rng.choice([shown, shown, f'"{shown}"']))
    thought = ", ".join(f"{word} {i}" for i, word in enumerate(words, 1))
    count = len(words)
    return pose(rng, held, question, f"The sentence has {count} words.", str(count), thought, (last_number(count),))


HOW_MANY = [
    "How many of these are {x}: {l}?",
    "How many {x} are in this list: {l}?",
    "Count the {x}: {l}",
    "{l}: how many are {x}?",
    "How many {x} are there? {l}",
    "Of {l}, how many are {x}?",
    "In the list {l}, how many are {x}?",
    "how many {x} do you see: {l}",
    "Count how many are {x}: {l}.",
    "Here is a list: {l}. How many are {x}?",
    "Tell me how many of these are {x}: {l}",
    "Number of {x} in: {l}",
    "Look at {l}. How many of them are {x}?",
    "Among {l}, how many are {x}?",
]
HOW_OFTEN = [
    "How often does {x} occur in: {l}?",
    "How many times is {x} in this list: {l}?",
    "Count {x} in: {l}",
    "{l}: how many times {x}?",
    "How often is there {x}? {l}",
    "In the list {l}, how often does {x} occur?",
    "how many {x} in {l}",
    "Count how often {x} is in the list: {l}.",
    "Here is a list: {l}. How often do you see {x}?",
    "Tell me how many times {x} stands here: {l}",
    "How many times do I say {x}: {l}",
    "Look at {l}. How many times is it {x}?",
]
ITEMS_IN = [
    "How many items are in this list: {l}?",
    "How many things are listed: {l}?",
    "Count the items: {l}",
    "{l}: how many items?",
    "How many things did I name? {l}",
    "How long is this list: {l}?",
    "how many entries: {l}",
    "Count the entries in {l}.",
    "Tell me how many items there are: {l}",
    "Number of items: {l}",
    "Here is my list: {l}. How many items has it?",
    "My list is {l}. Count it.",
]


def items_that(rng: random.Random, held: bool) -> Example:
    how = rng.choice(["category", "category", "larger", "even", "often", "all"])
    size = rng.randint(3, 7)

    def sample(rng: random.Random) -> tuple:
        if how == "category":
            group, other = rng.sample(list(CATEGORIES), 2)
            while frozenset((group, other)) in NEAR:
                group, other = rng.sample(list(CATEGORIES), 2)
            pool = rng.sample(CATEGORIES[group], 5) + rng.sample(CATEGORIES[other], 4)
            return how, group, *rng.sample(pool, size)
        if how == "often":
            few = rng.sample(WORDS, 3)
            return how, few[0], *(rng.choice(few) for _ in range(size))
        if how == "all":
            return how, "", *rng.sample(WORDS, size)
        limit = rng.choice([10, 20, 50])
        return how, (limit if how == "larger" else rng.choice(["even", "odd"])), *rng.sample(range(1, 2 * limit), size)

    _, key, *items = draw(rng, held, sample)
    if how == "category":
        fits, x = [item in CATEGORIES[key] for item in items], MANY_OF[key]
    elif how == "larger":
        fits, x = [item > key for item in items], f"numbers larger than {key}"
    elif how == "even":
        fits, x = [item % 2 == (key == "odd") for item in items], f"{key} numbers"
    elif how == "often":
        fits, x = [item == key for item in items], rng.choice([key, f'"{key}"'])
    else:
        fits, x = [True] * size, "items"
    count, notes = 0, []
    for item, fit in zip(items, fits):
        count += fit
        notes.append(f"{item} {count}" if fit else f"{item} no")
    template = choose(rng, {"often": HOW_OFTEN, "all": ITEMS_IN}.get(how, HOW_MANY), held)
    if "are {x}" in template:
        x = property_of(x)
    question = capital(template.format(x=x, l=", ".join(map(str, items))))
    accept = (last_number(count), f"re:^(the answer is )?({count}|{say(count)}{'|none' if not count else ''})\\b.*")
    if how == "often":
        times = {1: "once", 2: "twice"}.get(count, f"{say(count)} times")
        sentence = f"{capital(key)} occurs {times}." if count else f"{capital(key)} does not occur."
        accept = (last_number(count), f"re:.*\\b({times}|{say(count)})\\b.*")
    elif how == "all":
        sentence = f"The list has {count} items."
    elif count > 1:
        sentence = f"{count} of them are {property_of(x)}."
    else:
        said_ = article(key) if how == "category" else property_of(x)
        sentence = f"{'1' if count else 'None'} of them is {said_}."
    return pose(rng, held, question, sentence, str(count), ", ".join(notes), accept)


def property_of(x: str) -> str:
    """What follows "are": `larger than 10`, `even`, `birds`."""
    return x.removesuffix(" numbers").removeprefix("numbers ")


def make_counting(rng: random.Random, held: bool) -> Example:
    return rng.choices([letters, sentence_words, items_that], [55, 17, 28])[0](rng, held)


ABILITIES = {"logic": make_logic, "counting": make_counting}
