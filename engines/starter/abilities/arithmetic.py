"""Arithmetic: `arithmetic` (one operation) and `steps` (chains and stories).

Every result is computed from the drawn numbers. A thought is work on paper: columns for sums and
differences, splitting for products and quotients, one line per step in chains and stories.

Held out: wordings (by `choose`, story texts included) and the numbers (an eighth of all operand sets,
by hash). Not held out are the sums up to 10 + 10 and the tables up to 12 x 12: these are facts that
a model has to have read.

The helpers at the top (`pose`, `surface`, `draw`, `say`) also serve logic, units and dates.
"""

import random
from collections.abc import Callable
from functools import cache

from .common import Example, choose, is_held

# --- shared helpers -----------------------------------------------------------------------------

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n: int) -> str:
    """The number in words, from -9999 to 9999."""
    if n < 0:
        return "minus " + say(-n)
    if n < 20:
        return UNITS[n]
    if n < 100:
        return TENS[n // 10] + ("-" + UNITS[n % 10] if n % 10 else "")
    size, name = (100, "hundred") if n < 1000 else (1000, "thousand")
    head = f"{say(n // size)} {name}"
    rest = n % size
    if not rest:
        return head
    return f"{head} and {say(rest)}" if rest < 100 else f"{head} {say(rest)}"


def plural(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def draw(rng: random.Random, held: bool, sample: Callable[[random.Random], tuple]) -> tuple:
    """Draws from `sample` until the content is on the wanted side of the hold-out."""
    for _ in range(10_000):
        content = sample(rng)
        if is_held(content) == held:
            return content
    raise ValueError("the sampler never left one side of the hold-out")


BARE = [
    "{q} Just the number.",
    "{q} Only the number, please.",
    "{q} Answer with the number only.",
    "{q} Give me the number only.",
    "{q} Reply with just the number.",
    "{q} Number only.",
    "{q} No words, only the number.",
    "{q} Only give the result.",
    "{q} Only the result, please.",
    "{q} Just give me the result.",
    "{q} Answer with a single number.",
    "{q} Say only the number.",
    "Answer with the number only: {q}",
    "Just the number: {q}",
    "Reply with a number and nothing else. {q}",
    "Number only please: {q}",
    "Give only the result. {q}",
    "With just a number, answer this: {q}",
    "{q} I only need the number.",
    "{q} Nothing but the number, please.",
    "{q}\nAnswer with the number only.",
    "{q}\nOnly the number.",
    "{q} Write only the number.",
    "{q} Respond with the number alone.",
]

SHORT = [
    "{q} Just the answer.",
    "{q} Only the answer, please.",
    "{q} Answer in one word.",
    "{q} One word only.",
    "{q} Keep it to the answer only.",
    "{q} No sentence, just the answer.",
    "Just the answer: {q}",
    "Answer only: {q}",
    "{q} Reply with the answer only.",
    "{q} Give only the answer.",
    "{q} Nothing but the answer.",
    "Give only the answer. {q}",
    "{q}\nOnly the answer.",
    "{q} Short answer please.",
    "{q} I only want the answer.",
    "{q} Respond with the answer alone.",
]

# Only words that carry no content are misspelt: names, things and units stay readable.
TYPOS = {
    "what": "waht",
    "What": "Waht",
    "which": "wich",
    "Which": "Wich",
    "many": "mnay",
    "much": "mcuh",
    "does": "dose",
    "have": "hvae",
    "calculate": "calcualte",
    "Calculate": "Calcualte",
    "please": "pelase",
    "divided": "devided",
    "minus": "mius",
    "multiplied": "mutiplied",
    "number": "nubmer",
    "the": "teh",
    "is": "si",
    "How": "Hwo",
    "how": "hwo",
    "answer": "anwser",
    "there": "ther",
    "after": "aftre",
    "before": "befor",
}


def misspell(rng: random.Random, text: str) -> str:
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if word in TYPOS]
    if places:
        i = rng.choice(places)
        words[i] = TYPOS[words[i]]
    return " ".join(words)


def surface(rng: random.Random, text: str) -> str:
    """The small disorders of typed text, none of which changes what is asked."""
    roll = rng.random()
    if roll < 0.10:
        text = text.lower()
    elif roll < 0.16:
        text = text.lower().rstrip(" .?!")
    elif roll < 0.22:
        text = text.rstrip(" .?!")
    elif roll < 0.26:
        text = f"Q: {text}"
    elif roll < 0.28:
        text = f"Question: {text}\nAnswer:"
    elif roll < 0.31:
        text = rng.choice(["Hi! ", "Hello, ", "Hey, ", "Hi, "]) + text
    elif roll < 0.34:
        text = text.rstrip(" .?!=") + rng.choice([" please", ", please.", ", thanks.", " please?"])
    elif roll < 0.36:
        text = rng.choice(["Quick question: ", "One question: ", "A question: ", "Help me: "]) + text
    elif roll < 0.40:
        text = misspell(rng, text)
    return text


def pose(
    rng: random.Random,
    held: bool,
    question: str,
    sentence: str,
    bare: str,
    thought: str = "",
    accept: tuple[str, ...] = (),
    asks: list[str] | None = None,
    bare_share: float = 0.2,
) -> Example:
    """One example: mostly answered by `sentence`, by `bare` where the wording asks for that."""
    answer = sentence
    if rng.random() < bare_share:
        plain = question.removesuffix("=").rstrip()
        if plain[-1] not in ".?!":
            plain += "."
        question = choose(rng, BARE if asks is None else asks, held).format(q=plain)
        answer = bare
    others = dict.fromkeys((sentence, bare, *accept))
    others.pop(answer)
    return Example([("user", surface(rng, question))], answer, thought, tuple(others))


def last_number(n: int) -> str:
    """The pattern of an answer whose last number is `n`."""
    return rf"re:^(.*[^0-9\-])?{n}[^0-9]*$"


# --- work on paper ------------------------------------------------------------------------------

PLACES = ["ones", "tens", "hundreds", "thousands"]


def add_on_paper(a: int, b: int) -> str:
    if a < 10 and b < 10:
        return f"{a} + {b} = {a + b}"
    lines, carry, so_far = [], 0, ""
    for place in range(max(len(str(a)), len(str(b)))):
        parts = [str(n // 10**place % 10) for n in (a, b) if n >= 10**place]
        if carry:
            parts.append("1")
        total = sum(map(int, parts))
        so_far = f"{total % 10}{so_far}"
        carry = total // 10
        work = " + ".join(parts) + (f" = {total}" if len(parts) > 1 else "")
        lines.append(f"{PLACES[place]} {work}: {so_far}" + (", carry 1" if carry else ""))
    return "\n".join([*lines, f"{a} + {b} = {a + b}"])


def subtract_on_paper(a: int, b: int) -> str:
    if a < b:
        return f"{a} is less than {b}\n{b} - {a} = {b - a}\n{a} - {b} = {a - b}"
    if a < 10:
        return f"{a} - {b} = {a - b}"
    lines, borrow, so_far = [], 0, ""
    for place in range(len(str(a))):
        top, low = a // 10**place % 10, b // 10**place % 10
        work = f"{top}" + (" - 1" if borrow else "") + (f" - {low}" if b >= 10**place else "")
        value = top - borrow - low
        borrow = int(value < 0)
        if borrow:
            work = work.replace(str(top), str(top + 10), 1)
            value += 10
        so_far = f"{value}{so_far}"
        work += f" = {value}" if " " in work else ""
        lines.append(f"{PLACES[place]} {work}: {so_far}" + (", borrow 1" if borrow else ""))
    return "\n".join([*lines, f"{a} - {b} = {a - b}"])


def split(n: int) -> list[int]:
    """The parts by place: 407 is 400 and 7."""
    return [int(d) * 10**p for p, d in zip(range(len(str(n)) - 1, -1, -1), str(n)) if d != "0"]


def multiply_on_paper(a: int, b: int) -> str:
    pairs = [(x, y) for y in split(b) for x in split(a)]
    if (a <= 12 and b <= 12) or len(pairs) < 2:
        return f"{a} × {b} = {a * b}"
    lines, total = [], 0
    for x, y in pairs:
        line = f"{x} × {y} = {x * y}"
        if total:
            line += f", {total} + {x * y} = {total + x * y}"
        total += x * y
        lines.append(line)
    return "\n".join([*lines, f"{a} × {b} = {total}"])


def divide_on_paper(a: int, b: int) -> str:
    """Long division by taking away round multiples; tells the remainder if there is one."""
    quotient, left = divmod(a, b)
    lines, rest, so_far = [], a, 0
    for part in split(quotient):
        line = f"{b} × {part} = {b * part}, {rest} - {b * part} = {rest - b * part}"
        rest -= b * part
        if so_far:
            line += f", {so_far} + {part} = {so_far + part}"
        so_far += part
        lines.append(line)
    if left:
        return "\n".join([*lines, f"{a} ÷ {b} = {quotient} remainder {left}"])
    if len(lines) == 1:
        return f"{b} × {quotient} = {a}\n{a} ÷ {b} = {quotient}"
    return "\n".join([*lines, f"{a} ÷ {b} = {quotient}"])


ON_PAPER = {"+": add_on_paper, "-": subtract_on_paper, "×": multiply_on_paper, "÷": divide_on_paper}
APPLY: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "×": lambda a, b: a * b,
    "÷": lambda a, b: a // b,
}

# --- one operation ------------------------------------------------------------------------------

SIGNS = {
    "+": [" + ", "+", " plus "],
    "-": [" - ", "-", " minus "],
    "×": [" x ", " * ", "*", " × ", "x", " times ", " multiplied by "],
    "÷": [" / ", "/", " ÷ ", " divided by "],
}
SPOKEN = {"+": " plus ", "-": " minus ", "×": " times ", "÷": " divided by "}

ANY_OPERATION = [
    "What is {e}?",
    "what's {e}",
    "{e}",
    "{e} = ?",
    "{e} =",
    "{e}?",
    "Calculate {e}.",
    "Calculate: {e}",
    "Compute {e}.",
    "Work out {e}.",
    "How much is {e}?",
    "how much is {e}",
    "Can you tell me what {e} is?",
    "Please calculate {e}.",
    "Could you work out {e} for me?",
    "What does {e} equal?",
    "What does {e} come to?",
    "What do I get for {e}?",
    "{e} is what?",
    "{e} makes what?",
    "{e} equals?",
    "Tell me {e}.",
    "Solve {e}.",
    "Solve: {e}",
    "I need the result of {e}.",
    "Give me the result of {e}.",
    "What is the result of {e}?",
    "What's the answer to {e}?",
    "Do you know {e}?",
    "If I compute {e}, what do I get?",
    "Evaluate {e}",
    "Find {e}.",
    "My homework says {e}. What is the answer?",
    "Quick, what is {e}?",
    "So, {e} would be?",
    "Let's see if you can do this: {e}",
    "I want to know {e}.",
    "Maths question: {e}",
    "And {e}?",
    "{e}, how much is that?",
]

OWN_WORDS = {
    "+": [
        "Add {a} and {b}.",
        "Add {b} to {a}.",
        "What is the sum of {a} and {b}?",
        "Sum of {a} and {b}",
        "Give me the sum of {a} and {b}.",
        "What do you get when you add {a} and {b}?",
        "If I add {b} to {a}, what do I get?",
        "{a} and {b} together, how much is that?",
        "How much are {a} and {b} together?",
        "What is {b} more than {a}?",
        "Which number is {b} more than {a}?",
        "Increase {a} by {b}.",
        "{a} increased by {b}",
        "add up {a} and {b}",
        "What is the total of {a} and {b}?",
        "I have {a} and get {b} more. How much is that?",
    ],
    "-": [
        "Subtract {b} from {a}.",
        "Take {b} from {a}.",
        "Take {b} away from {a}.",
        "What is the difference between {a} and {b}?",
        "Difference of {a} and {b}",
        "What is left of {a} if you take away {b}?",
        "What do you get when you subtract {b} from {a}?",
        "{a} less {b}",
        "What is {b} less than {a}?",
        "Which number is {b} less than {a}?",
        "Decrease {a} by {b}.",
        "{a} reduced by {b}",
        "{a} take away {b}",
        "If I take {b} from {a}, what remains?",
        "I have {a} and lose {b}. How much is left?",
        "How much is left when {b} is taken from {a}?",
    ],
    "×": [
        "Multiply {a} by {b}.",
        "Multiply {a} and {b}.",
        "What is the product of {a} and {b}?",
        "Product of {a} and {b}",
        "Give me the product of {a} and {b}.",
        "What do you get when you multiply {a} by {b}?",
        "If I multiply {a} by {b}, what do I get?",
        "How much is {a} multiplied with {b}?",
        "How many are {a} groups of {b}?",
        "What do {a} rows of {b} make?",
        "{a} lots of {b}",
        "{a} multiplied by {b}, please",
        "What are {a} boxes of {b} in all?",
        "multiply {a} with {b}",
    ],
    "÷": [
        "Divide {a} by {b}.",
        "What do you get when you divide {a} by {b}?",
        "If I divide {a} by {b}, what do I get?",
        "How many times does {b} go into {a}?",
        "How often does {b} fit into {a}?",
        "What is the quotient of {a} and {b}?",
        "Share {a} equally among {b}.",
        "{a} shared by {b}",
        "{a} split into {b} equal parts",
        "Split {a} into {b} equal parts. How big is each?",
        "How many {b}s are there in {a}?",
        "divide {a} into {b} parts",
        "{a} cut into {b} equal pieces, how big is one?",
        "How many groups of {b} can I make from {a}?",
    ],
}
ALL_WORDS = {sign: ANY_OPERATION + own for sign, own in OWN_WORDS.items()}


Operation = tuple[str, int, int]


def small_fact(sign: str, a: int, b: int) -> bool:
    """Sums up to 10 + 10 and tables up to 12 x 12, which nobody works out from others."""
    if sign == "+":
        return a <= 10 and b <= 10
    if sign == "-":
        return b <= 10 and a - b <= 10
    if sign == "×":
        return a <= 12 and b <= 12
    return b <= 12 and a <= 12 * b and a % b == 0


def draw_pair(rng: random.Random, held: bool, sample: Callable[[random.Random], Operation]) -> Operation:
    """An operation on the wanted side of the hold-out; 3 + 9 and 9 + 3 are the same.

    A small fact is on both sides. It keeps its share on the held side, where most other draws are refused.
    """
    operation_ = sample(rng)
    if small_fact(*operation_):
        return operation_
    while small_fact(*operation_) or is_held(unordered(*operation_)) != held:
        operation_ = sample(rng)
    return operation_


def unordered(sign: str, a: int, b: int) -> Operation:
    return (sign, max(a, b), min(a, b)) if sign in "+×" else (sign, a, b)


def any_operands(rng: random.Random) -> Operation:
    sign = rng.choice("+-×÷")
    return sign, *operands(rng, sign)


def operands(rng: random.Random, sign: str) -> tuple[int, int]:
    size = rng.random()
    if sign == "+":
        low, top = (1, 10) if size < 0.2 else (2, 99) if size < 0.75 else (11, 499) if size < 0.95 else (100, 4999)
        return rng.randint(low, top), rng.randint(1 if rng.random() < 0.3 else low, top)
    if sign == "-":
        top = 20 if size < 0.25 else 99 if size < 0.75 else 499 if size < 0.95 else 2000
        a, b = rng.randint(2, top), rng.randint(1, top)
        return (a, b) if a < 20 and rng.random() < 0.15 else (max(a, b), min(a, b))
    if sign == "×":
        if size < 0.5:
            return rng.randint(0 if size < 0.03 else 2, 12), rng.randint(2, 12)
        a, b = rng.randint(11, 99), rng.randint(2, 9)
        if size > 0.94:
            b = rng.randint(11, 25)
        elif size > 0.86:
            a = rng.randint(101, 999)
        return (a, b) if rng.random() < 0.7 else (b, a)
    divisor = rng.randint(2, 12 if size < 0.6 else 9)
    quotient = rng.randint(2, 12) if size < 0.6 else rng.randint(11, 99)
    return divisor * quotient, divisor


def operation(rng: random.Random, held: bool) -> Example:
    sign, a, b = draw_pair(rng, held, any_operands)
    result = APPLY[sign](a, b)
    template = choose(rng, ALL_WORDS[sign], held)
    in_words = max(a, b) < 100 and a >= 0 and rng.random() < 0.18 and "{b}s" not in template
    if in_words:
        x, y, joint = say(a), say(b), SPOKEN[sign]
    else:
        x, y, joint = str(a), str(b), rng.choice(SIGNS[sign])
    if sign == "-" and a < b and "difference" in template.lower():
        template = choose(rng, ANY_OPERATION, held)
    question = template.format(e=x + joint + y, a=x, b=y)
    if in_words:
        question = capital(question)
    thought = "" if small_fact(sign, a, b) else ON_PAPER[sign](a, b)
    if rng.random() < 0.04 and 0 <= result < 1000:
        asked = choose(rng, IN_WORDS, held).format(q=question.removesuffix("=").rstrip())
        words = capital(say(result)) + "."
        thought = f"{a} {sign} {b} = {result}" if not thought else thought
        return Example([("user", surface(rng, asked))], words, thought, (str(result),))
    return pose(
        rng, held, question, f"{a} {sign} {b} = {result}.", str(result), thought, (last_number(result),)
    )


IN_WORDS = [
    "{q} Answer in words.",
    "{q} Write the answer in words.",
    "{q} Spell the number out.",
    "{q} Give the result as a word.",
    "{q} Please answer in words, not digits.",
    "{q} Say it in words.",
    "In words, please: {q}",
    "Answer in words: {q}",
    "{q} No digits in the answer.",
    "{q} The result in words, please.",
    "{q} Write the number out in letters.",
    "{q} Use words for the answer.",
]

REMAINDER = [
    "What is {a} divided by {b} with remainder?",
    "{a} / {b} with remainder",
    "Divide {a} by {b} and give the remainder too.",
    "What remains when {a} is divided by {b}?",
    "What is the remainder of {a} divided by {b}?",
    "Divide {a} by {b}. What is left over?",
    "{a} divided by {b}: quotient and remainder?",
    "How often does {b} fit into {a}, and what is left over?",
    "I share {a} among {b}. How many does each get and how many are left over?",
    "remainder of {a} / {b}?",
    "Do {a} ÷ {b} with a remainder.",
    "What is {a} over {b}, with what is left over?",
    "{a} split by {b}, what is the remainder?",
    "Work out {a} divided by {b}, remainder included.",
]


def remainder(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[int, int]:
        b = rng.randint(2, 9)
        return b * rng.randint(1, 12) + rng.randint(1, b - 1), b

    a, b = draw(rng, held, sample)
    question = choose(rng, REMAINDER, held).format(a=a, b=b)
    answer = f"{a} ÷ {b} = {a // b} remainder {a % b}."
    accept = (f"{a // b} remainder {a % b}", f"{a // b} r {a % b}")
    return Example([("user", surface(rng, question))], answer, divide_on_paper(a, b), accept)


BY_ZERO = [
    "What is {a} divided by 0?",
    "{a} / 0",
    "Divide {a} by zero.",
    "{a} ÷ 0 = ?",
    "How much is {a} divided by zero?",
    "Calculate {a} / 0.",
    "can you divide {a} by 0",
    "What do I get for {a} / 0?",
    "How many times does 0 go into {a}?",
    "Compute {a} over zero.",
    "Solve {a} ÷ 0.",
    "What is the result of {a}/0?",
]


def by_zero(rng: random.Random, held: bool) -> Example:
    question = choose(rng, BY_ZERO, held).format(a=rng.randint(1, 99))
    answer = "Division by zero is not defined."
    return Example([("user", surface(rng, question))], answer, "The divisor is 0.", ("re:.*(not defined|undefined).*",))


LARGER = [
    "Which is {w}, {a} or {b}?",
    "Which number is {w}: {a} or {b}?",
    "What is {w}, {a} or {b}?",
    "which is {w} {a} or {b}",
    "{a} or {b}, which is {w}?",
    "Is {a} or {b} {w}?",
    "Tell me which is {w}: {a} or {b}.",
    "Compare {a} and {b}. Which is {w}?",
    "Pick the {w} one: {a}, {b}",
    "Of {a} and {b}, which is {w}?",
    "Which of the two is {w}, {a} or {b}?",
    "Between {a} and {b}, which one is {w}?",
    "I have {a} and {b}. Which is the {w} number?",
    "The {w} of {a} and {b}?",
    "Name the {w} number: {a} or {b}.",
    "What's the {w} number, {a} or {b}?",
    "{w}: {a} or {b}?",
]
LARGEST = [
    "Which is the {w}: {l}?",
    "What is the {w} of {l}?",
    "Which of these numbers is the {w}: {l}?",
    "Find the {w} number: {l}",
    "The {w} of {l}?",
    "{l}: which is the {w}?",
    "Pick the {w} number from {l}.",
    "Which number is {w}, {l}?",
    "Name the {w}: {l}",
    "Here are some numbers: {l}. Which is the {w}?",
    "From {l}, give me the {w}.",
    "{l}. What is the {w}?",
    "Tell me the {w} among {l}.",
    "Look at {l}. Which one is the {w}?",
]
IS_LARGER = [
    "Is {a} {w} than {b}?",
    "is {a} {w} than {b}",
    "{a} is {w} than {b}, right?",
    "True or false: {a} is {w} than {b}.",
    "Would you say {a} is {w} than {b}?",
    "Is it true that {a} is {w} than {b}?",
    "Tell me if {a} is {w} than {b}.",
    "{a} {w} than {b}?",
    "Can you check whether {a} is {w} than {b}?",
    "Yes or no: is {a} {w} than {b}?",
    "I think {a} is {w} than {b}. Am I right?",
    "Is the number {a} {w} than the number {b}?",
]


def against(a: int, b: int) -> str:
    """Why a is larger or smaller than b, from the first place that tells."""
    sign = ">" if a > b else "<"
    if len(str(a)) != len(str(b)):
        return f"{a} has {plural(len(str(a)), 'digit')}, {b} has {len(str(b))}\n{a} {sign} {b}"
    for place, (x, y) in enumerate(zip(str(a), str(b))):
        if x != y:
            name = PLACES[len(str(a)) - 1 - place]
            return f"{name}: {x} {sign} {y}\n{a} {sign} {b}"
    return f"{a} = {b}"


def comparison(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[int, int]:
        top = rng.choice([20, 100, 100, 1000, 9999])
        a = rng.randint(1, top)
        near = rng.random() < 0.4
        b = max(1, a + rng.choice([-20, -10, -9, -3, -1, 1, 2, 9, 11, 30])) if near else rng.randint(1, top)
        return (a, b) if a != b else (a, a + 1)

    a, b = draw(rng, held, sample)
    up = rng.random() < 0.6
    small, large = min(a, b), max(a, b)
    if rng.random() < 0.35:
        word = rng.choice(["larger", "bigger", "greater", "more"] if up else ["smaller", "less"])
        question = choose(rng, IS_LARGER, held).format(a=a, b=b, w=word)
        right = (a > b) == up
        answer = f"{'Yes' if right else 'No'}, {a} is {'larger' if a > b else 'smaller'} than {b}."
        yes = "re:^(yes|true)\\b.*" if right else "re:^(no|false)\\b.*"
        return Example([("user", surface(rng, question))], answer, against(a, b), (yes,))
    if rng.random() < 0.35:
        numbers = [a, b, *(rng.randint(1, large + 50) for _ in range(rng.randint(1, 3)))]
        while len(set(numbers)) < len(numbers):
            numbers = [a, b, *(rng.randint(1, large + 50) for _ in range(len(numbers) - 2))]
        rng.shuffle(numbers)
        best = max(numbers) if up else min(numbers)
        word = rng.choice(["largest", "biggest", "greatest"] if up else ["smallest", "lowest"])
        listed = listing(rng, [str(n) for n in numbers])
        question = choose(rng, LARGEST, held).format(w=word, l=listed)
        thought, running = [f"{numbers[0]}"], numbers[0]
        for n in numbers[1:]:
            running = max(running, n) if up else min(running, n)
            thought.append(f"{n}: {'largest' if up else 'smallest'} so far {running}")
        sentence = f"The {'largest' if up else 'smallest'} is {best}."
        return pose(rng, held, question, sentence, str(best), "\n".join(thought), (last_number(best),))
    word = rng.choice(["larger", "bigger", "greater"] if up else ["smaller", "lower"])
    question = choose(rng, LARGER, held).format(a=a, b=b, w=word)
    best, other = (large, small) if up else (small, large)
    sentence = f"{best} is {'larger' if up else 'smaller'} than {other}."
    accept = (f"{best} is {word}", f"re:^(the )?{best}\\b.*")
    return pose(rng, held, question, capital(sentence), str(best), against(a, b), accept)


def listing(rng: random.Random, items: list[str], joints: tuple[str, ...] = (" and ", ", ", " or ")) -> str:
    return ", ".join(items[:-1]) + rng.choice(joints) + items[-1]


EVEN_OR_ODD = [
    "Is {a} even or odd?",
    "Even or odd: {a}?",
    "is {a} odd or even",
    "Tell me whether {a} is even or odd.",
    "{a}: even or odd?",
    "Is the number {a} even or odd?",
    "Is {a} an even or an odd number?",
    "What kind of number is {a}, even or odd?",
    "Would you call {a} odd or even?",
    "{a}, is that even or odd?",
    "Check if {a} is odd or even.",
    "I have the number {a}. Even or odd?",
    "Say if {a} is even or odd.",
    "odd or even? {a}",
]
IS_EVEN = [
    "Is {a} {w}?",
    "Is {a} an {w} number?",
    "is the number {a} {w}",
    "{a} is {w}, right?",
    "Is it true that {a} is {w}?",
    "True or false: {a} is {w}.",
    "Would you say {a} is {w}?",
    "Tell me, is {a} {w}?",
    "Can you check if {a} is {w}?",
    "Yes or no: {a} is {w}.",
    "{a}, is that {w}?",
    "Is {a} really {w}?",
]


def parity(rng: random.Random, held: bool) -> Example:
    (a,) = draw(rng, held, lambda rng: (rng.randint(1, rng.choice([20, 99, 999, 9999])),))
    kind = "odd" if a % 2 else "even"
    thought = f"{a} ends in {a % 10}, {a % 10} is {kind}"
    if rng.random() < 0.4:
        word = rng.choice(["even", "odd"])
        question = choose(rng, IS_EVEN, held).format(a=a, w=word)
        yes = word == kind
        accept = ("re:^(yes|true)\\b.*" if yes else "re:^(no|false)\\b.*",)
        return Example([("user", surface(rng, question))], f"{'Yes' if yes else 'No'}, {a} is {kind}.", thought, accept)
    question = choose(rng, EVEN_OR_ODD, held).format(a=a)
    return pose(rng, held, question, f"{a} is {kind}.", capital(kind) + ".", thought, (kind,), SHORT)


NAMED = {
    "double": ["Double {a}.", "What is double {a}?", "What is twice {a}?", "twice {a}", "What is the double of {a}?",
               "How much is twice {a}?", "Double the number {a}.", "{a} doubled", "If I double {a}, what do I get?",
               "two times as much as {a}?", "What do I get when I double {a}?", "What number is twice as big as {a}?"],
    "triple": ["Triple {a}.", "What is triple {a}?", "What is three times {a}?", "{a} tripled", "How much is the triple of {a}?",
               "If I triple {a}, what do I get?", "What number is three times as big as {a}?", "three times {a}?",
               "Triple the number {a}.", "What do I get when I triple {a}?"],
    "half": ["What is half of {a}?", "Half of {a}", "half of {a}?", "Halve {a}.", "How much is half of {a}?", "{a} halved",
             "What is the half of {a}?", "If I halve {a}, what do I get?", "What is one half of {a}?", "Cut {a} in half.",
             "Tell me half of {a}.", "What number is half as big as {a}?"],
    "square": ["What is {a} squared?", "{a} squared", "Square {a}.", "What is the square of {a}?", "{a}^2", "What is {a} to the power of 2?",
               "How much is {a} squared?", "Square the number {a}.", "Calculate the square of {a}.", "What is {a}^2?"],
    "tenth": ["What is 10% of {a}?", "10 percent of {a}", "What is ten percent of {a}?", "How much is 10% of {a}?", "Calculate 10 % of {a}.",
              "10% of {a}?", "Give me 10 percent of {a}.", "What is a tenth of {a}?", "one tenth of {a}", "Find 10% of {a}."],
    "fifty": ["What is 50% of {a}?", "50 percent of {a}", "What is fifty percent of {a}?", "How much is 50% of {a}?", "Calculate 50 % of {a}.",
              "50% of {a}?", "Give me 50 percent of {a}.", "Find 50% of {a}.", "fifty percent of {a}?", "Tell me 50% of {a}."],
    "quarter": ["What is 25% of {a}?", "25 percent of {a}", "What is a quarter of {a}?", "How much is 25% of {a}?", "A quarter of {a}?",
                "25% of {a}?", "Give me a quarter of {a}.", "What is one fourth of {a}?", "Find 25% of {a}.", "one quarter of {a}"],
}  # fmt: skip
NAMED_AS = {"double": ("×", 2), "triple": ("×", 3), "half": ("÷", 2), "tenth": ("÷", 10), "fifty": ("÷", 2), "quarter": ("÷", 4)}


def named_operation(rng: random.Random, held: bool) -> Example:
    name, template = choose(rng, named_pairs(), held)

    def sample(rng: random.Random) -> Operation:
        sign, b = NAMED_AS.get(name, ("×", rng.randint(2, 20)))
        return sign, b if name == "square" else rng.randint(2, 99) * (b if sign == "÷" else 1), b

    sign, a, b = draw_pair(rng, held, sample)
    result = APPLY[sign](a, b)
    sentence = f"{a} {sign} {b} = {result}."
    return pose(rng, held, template.format(a=a), sentence, str(result), ON_PAPER[sign](a, b), (last_number(result),))


@cache
def named_pairs() -> list[tuple[str, str]]:
    return [(name, template) for name, templates in NAMED.items() for template in templates]


CHECK = [
    "Is {e} = {r}?",
    "Is {e} equal to {r}?",
    "{e} = {r}, right?",
    "True or false: {e} = {r}.",
    "I think {e} is {r}. Am I right?",
    "Is it correct that {e} is {r}?",
    "Does {e} make {r}?",
    "does {e} equal {r}",
    "Check this: {e} = {r}",
    "My friend says {e} is {r}. Is that right?",
    "I got {r} for {e}. Is that correct?",
    "Is {r} the right answer to {e}?",
    "Would you agree that {e} = {r}?",
    "{e} is {r}. Correct?",
    "Can you check if {e} is {r}?",
    "Yes or no: {e} = {r}",
]


def check(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int]:
        sign = rng.choice("++--×÷")
        if sign in "+-":
            a, b = rng.randint(2, 60), rng.randint(2, 40)
            return sign, max(a, b), min(a, b)
        a, b = rng.randint(2, 12), rng.randint(2, 10)
        return (sign, a * b, b) if sign == "÷" else (sign, a, b)

    sign, a, b = draw_pair(rng, held, sample)
    result = APPLY[sign](a, b)
    claim = result if rng.random() < 0.5 else max(0, result + rng.choice([-10, -2, -1, 1, 2, 3, 10]))
    question = choose(rng, CHECK, held).format(e=f"{a}{rng.choice(SIGNS[sign])}{b}", r=claim)
    right = claim == result
    answer = f"{'Yes' if right else 'No'}, {a} {sign} {b} = {result}."
    accept = ("re:^(yes|true|correct)\\b.*" if right else "re:^(no|false)\\b.*",)
    thought = ON_PAPER[sign](a, b) + f"\n{claim} is {'right' if right else 'wrong'}"
    return Example([("user", surface(rng, question))], answer, thought, accept)


TO_WORDS = [
    "Write {a} in words.",
    "How do you write {a} in words?",
    "{a} in words",
    "Spell out the number {a}.",
    "What is {a} in words?",
    "Say {a} in words.",
    "Give me {a} as words.",
    "Turn {a} into words.",
    "{a} written out?",
    "How is {a} spelled?",
    "Please write the number {a} in letters.",
    "Express {a} in words.",
    "Write out {a}.",
    "Convert {a} to words.",
]
TO_DIGITS = [
    "Write {a} in digits.",
    "What is {a} in digits?",
    "{a} in digits",
    "{a} as a number",
    "Write {a} as a number.",
    "Turn {a} into digits.",
    "Which number is {a}?",
    "Convert {a} to digits.",
    "How do you write {a} with digits?",
    "Give me {a} in figures.",
    "Write the number {a} with figures.",
    "Express {a} in digits.",
    "{a}, in digits please",
    "Put {a} into digits.",
]


def number_words(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int]:
        return "words", rng.randint(0, rng.choice([20, 99, 99, 999, 9999]))

    a = draw(rng, held, sample)[1]
    if a <= 20:
        a = rng.randint(0, 20)
    if rng.random() < 0.5:
        question = choose(rng, TO_WORDS, held).format(a=a)
        return Example([("user", surface(rng, question))], capital(say(a)) + ".", "", (say(a).replace(" and", ""),))
    question = capital(choose(rng, TO_DIGITS, held).format(a=say(a)))
    return Example([("user", surface(rng, question))], str(a), "", (last_number(a),))


def make_arithmetic(rng: random.Random, held: bool) -> Example:
    kinds = [operation, comparison, parity, named_operation, check, remainder, number_words, by_zero]
    return rng.choices(kinds, [60, 10, 5, 8, 5, 5, 6, 1])[0](rng, held)


# --- chains -------------------------------------------------------------------------------------

Tokens = list[int | str]


def reduce_once(tokens: Tokens) -> tuple[tuple[int, str, int], Tokens] | None:
    """Does the operation that comes first by the rules; None when it does not come out whole."""
    start, end = 0, len(tokens)
    if ")" in tokens:
        end = tokens.index(")")
        start = max(i for i in range(end) if tokens[i] == "(") + 1
    signs = [i for i in range(start, end) if tokens[i] in ("+", "-", "×", "÷")]
    at = next((i for i in signs if tokens[i] in ("×", "÷")), signs[0])
    a, sign, b = tokens[at - 1 : at + 2]
    if sign == "÷" and (b == 0 or a % b):
        return None
    result = APPLY[sign](a, b)
    left, right = tokens[: at - 1], tokens[at + 2 :]
    if left and left[-1] == "(" and right and right[0] == ")":
        left, right = left[:-1], right[1:]
    return (a, sign, b), [*left, result, *right]


def written(tokens: Tokens) -> str:
    return " ".join(map(str, tokens)).replace("( ", "(").replace(" )", ")")


def work_chain(tokens: Tokens) -> tuple[int, list[str]] | None:
    """The result and one line per step; None when a step leaves 0..200 or is not whole."""
    lines = []
    while len(tokens) > 1:
        step = reduce_once(tokens)
        if step is None:
            return None
        (a, sign, b), tokens = step
        result = APPLY[sign](a, b)
        if not 0 <= result <= 200:
            return None
        line = f"{a} {sign} {b} = {result}"
        lines.append(line + (f", leaves {written(tokens)}" if len(tokens) > 1 else ""))
    return tokens[0], lines


def random_chain(rng: random.Random) -> Tokens:
    length = rng.choices([3, 4, 5], [55, 35, 10])[0]
    tokens: Tokens = []
    last = ""
    for i in range(length):
        if i:
            last = rng.choices("+-×÷", [35, 30, 28, 7])[0]
            tokens.append(last)
        tokens.append(rng.randint(2, 10 if last in ("×", "÷") else 40 if rng.random() < 0.6 else 12))
        if last == "×" and len(tokens) > 2 and rng.random() < 0.8:
            tokens[-3] = rng.randint(2, 12)
        if last == "÷":
            tokens[-3] = tokens[-1] * rng.randint(2, 12)
    if rng.random() < 0.4:
        at = rng.randrange(0, length - 1) * 2
        tokens = [*tokens[:at], "(", *tokens[at : at + 3], ")", *tokens[at + 3 :]]
    return tokens


CHAIN = [
    "What is {e}?",
    "{e}",
    "{e} = ?",
    "{e} =",
    "Calculate {e}.",
    "Calculate: {e}",
    "Compute {e}.",
    "Work out {e}.",
    "How much is {e}?",
    "Please work out {e}.",
    "Solve {e}.",
    "Evaluate {e}.",
    "What do I get for {e}?",
    "What does {e} give?",
    "Give me the value of {e}.",
    "Find the value of {e}.",
    "what's {e}",
    "Can you do {e}?",
    "Could you calculate {e} for me?",
    "I need {e}.",
    "Tell me the result of {e}.",
    "{e} is how much?",
    "Step by step: {e}",
    "What is the value of {e}?",
    "Do the sum: {e}",
    "Here is a chain: {e}. What is the result?",
    "Let's do {e}.",
    "how much would {e} be",
    "Take your time: {e}",
    "Result of {e}?",
]


def chain(rng: random.Random, held: bool) -> Example:
    while True:
        tokens = random_chain(rng)
        if is_held(written(tokens)) != held:
            continue
        worked = work_chain(tokens)
        if worked and worked[0] <= 200:
            break
    result, lines = worked
    shown = written(tokens)
    times, over = rng.choice(["×", "x", "*", "*"]), rng.choice(["÷", "/"])
    question = choose(rng, CHAIN, held).format(e=shown.replace("×", times).replace("÷", over))
    if "(" not in shown and "×" not in shown and "÷" not in shown and rng.random() < 0.3:
        question = question.replace(" + ", " plus ").replace(" - ", " minus ")
    return pose(
        rng, held, question, f"{shown} = {result}.", str(result), "\n".join([shown, *lines]), (last_number(result),)
    )


COMMAND = {
    "+": ["add {n}", "plus {n}", "add {n} to it"],
    "-": ["subtract {n}", "take away {n}", "minus {n}"],
    "×": ["multiply by {n}", "times {n}", "multiply it by {n}"],
    "÷": ["divide by {n}", "divide it by {n}"],
}
SPOKEN_CHAIN = [
    "Start with {a}, {l}. What do you get?",
    "Start at {a}, {l}. What is the result?",
    "Take {a}, {l}. What is it now?",
    "Begin with {a}, {l}.",
    "take {a}, {l}",
    "Take the number {a}, {l}. Result?",
    "I start with {a}, then {l}. What do I have?",
    "If you take {a}, {l}, what do you get?",
    "Let us begin at {a}: {l}. Where do we end?",
    "{a}, {l}. What does that make?",
    "With {a}: {l}. What comes out?",
    "My number is {a}. Now {l}. What is it?",
    "Think of {a}, {l}. What is the answer?",
    "Put {a} in, {l}. What comes out?",
    "Do this: start with {a}, {l}.",
    "First there is {a}. Then {l}. How much is it?",
]


def spoken_chain(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple:
        value, steps = rng.randint(2, 40), []
        start = value
        for _ in range(rng.choice([2, 2, 3])):
            sign = rng.choice("++--×÷" if value <= 20 else "++--÷")
            n = rng.randint(2, 5) if sign in "×÷" else rng.randint(2, 20)
            if (sign == "-" and n > value) or (sign == "÷" and value % n):
                sign = "+"
            value = APPLY[sign](value, n)
            steps.append((sign, n))
        return start, *steps

    start, *steps = draw(rng, held, sample)
    lines, value, said = [], start, []
    for sign, n in steps:
        result = APPLY[sign](value, n)
        lines.append(f"{value} {sign} {n} = {result}")
        phrase = rng.choice(COMMAND[sign]).format(n=n)
        if sign == "×" and n == 2 and rng.random() < 0.6:
            phrase = "double it"
        if sign == "÷" and n == 2 and rng.random() < 0.6:
            phrase = "halve it"
        said.append(phrase)
        value = result
    told = ", ".join(said[:-1]) + rng.choice([", then ", " and ", " and then ", ", "]) + said[-1]
    question = choose(rng, SPOKEN_CHAIN, held).format(a=start, l=told)
    return pose(rng, held, question, f"The result is {value}.", str(value), "\n".join(lines), (last_number(value),))


ADD_UP = [
    "Add up {l}.",
    "What is the sum of {l}?",
    "Sum of {l}",
    "How much are {l} together?",
    "Add these numbers: {l}",
    "What do {l} add up to?",
    "Total of {l}?",
    "Please add {l}.",
    "sum up {l}",
    "Give me the total of {l}.",
    "I spent {l}. How much in all?",
    "What is the total if I add {l}?",
    "{l}: what is the sum?",
    "Find the sum of {l}.",
    "Can you add {l} for me?",
    "What do I get when I add up {l}?",
]
MEAN = [
    "What is the average of {l}?",
    "Average of {l}",
    "What is the mean of {l}?",
    "Find the average of {l}.",
    "Calculate the mean of {l}.",
    "Give me the average: {l}",
    "{l}: what is the average?",
    "What do {l} average to?",
    "average of {l}?",
    "Please compute the mean of {l}.",
    "I scored {l}. What is my average?",
    "Tell me the average of {l}.",
    "mean of {l} please",
    "Work out the average of {l}.",
]


def running_total(numbers: list[int]) -> list[str]:
    lines, total = [], numbers[0]
    for n in numbers[1:]:
        lines.append(f"{total} + {n} = {total + n}")
        total += n
    return lines


def total(rng: random.Random, held: bool) -> Example:
    mean = rng.random() < 0.35

    def sample(rng: random.Random) -> tuple:
        count = rng.randint(3, 4 if mean else 5)
        numbers = [rng.randint(1, 20 if mean or rng.random() < 0.5 else 40) for _ in range(count)]
        if mean:
            numbers[-1] += -sum(numbers) % count
        return mean, *numbers

    numbers = list(draw(rng, held, sample)[1:])
    lines, result = running_total(numbers), sum(numbers)
    listed = listing(rng, [str(n) for n in numbers], (" and ", ", "))
    if not mean:
        question = choose(rng, ADD_UP, held).format(l=listed)
        return pose(rng, held, question, f"The sum is {result}.", str(result), "\n".join(lines), (last_number(result),))
    question = choose(rng, MEAN, held).format(l=listed)
    average = result // len(numbers)
    lines.append(f"{len(numbers)} numbers: {result} ÷ {len(numbers)} = {average}")
    return pose(
        rng, held, question, f"The average is {average}.", str(average), "\n".join(lines), (last_number(average),)
    )


UNKNOWN = [
    "I think of a number. I {l} and get {r}. What is my number?",
    "Think of a number, {l}: the result is {r}. What was the number?",
    "Which number gives {r} if you {l}?",
    "If I take a number, {l}, I get {r}. What is the number?",
    "I had a number. After I {l}, it was {r}. What was it?",
    "Find the number: {l} and it becomes {r}.",
    "What number becomes {r} when you {l}?",
    "A secret number: {l} and you have {r}. What is it?",
    "guess my number: {l}, that makes {r}",
    "Someone picks a number. They {l}. Now it is {r}. What was the number?",
    "From which number do I get {r} if I {l}?",
    "Take a number, {l} and it is {r}. Which number?",
    "I take my number, {l} and end at {r}. What is my number?",
    "What must I start with to get {r} if I {l}?",
]
EQUATION = [
    "x {o} {n} = {r}. What is x?",
    "Solve x {o} {n} = {r}.",
    "If x {o} {n} = {r}, what is x?",
    "Find x: x {o} {n} = {r}",
    "x {o} {n} = {r}, x = ?",
    "What is x in x {o} {n} = {r}?",
    "Which number goes in the gap: __ {o} {n} = {r}?",
    "? {o} {n} = {r}",
    "Fill the gap: __ {o} {n} = {r}",
    "x {o} {n} equals {r}. Find x.",
    "What {o} {n} is {r}?",
    "Solve for x: x {o} {n} = {r}",
]
INVERSE = {"+": "-", "-": "+", "×": "÷", "÷": "×"}
PLAIN_COMMAND = {"+": "add {n}", "-": "subtract {n}", "×": "multiply it by {n}", "÷": "divide it by {n}"}


def unknown(rng: random.Random, held: bool) -> Example:
    two = rng.random() < 0.6

    def sample(rng: random.Random) -> tuple:
        x = rng.randint(2, 20)
        if two:
            return x, ("×", rng.randint(2, 5)), (rng.choice("+-"), rng.randint(1, min(20, 2 * x - 1)))
        sign = rng.choice("+-×")
        return x, (sign, rng.randint(2, 9) if sign == "×" else rng.randint(1, x if sign == "-" else 30))

    x, *steps = draw(rng, held, sample)
    value = x
    for sign, n in steps:
        value = APPLY[sign](value, n)
    result, lines, back = value, [], value
    for sign, n in reversed(steps):
        undone = APPLY[INVERSE[sign]](back, n)
        lines.append(f"{back} {INVERSE[sign]} {n} = {undone}")
        back = undone
    thought = "backwards from " + str(result) + "\n" + "\n".join(lines)
    if two:
        told = " and ".join(PLAIN_COMMAND[sign].format(n=n) for sign, n in steps)
        question = choose(rng, UNKNOWN, held).format(l=told, r=result)
        sentence = f"The number is {x}."
    else:
        ((sign, n),) = steps
        shown = rng.choice("*×") if sign == "×" else sign
        template = choose(rng, EQUATION, held)
        question = template.format(o=shown, n=n, r=result)
        sentence = f"x = {x}." if "x" in template else f"The number is {x}."
    return pose(rng, held, question, sentence, str(x), thought, (last_number(x),))


# --- stories ------------------------------------------------------------------------------------

SHE = "Anna Mia Lena Sara Julia Emma Olivia Nora Lucy Grace Zoe Ruth Clara Ella Maya Alice Eva Rosa Ida Jane Kate Lily Nina Amy Helen Lisa Maria Paula Tina Vera".split()  # fmt: skip
HE = "Tom Ben Max Paul Leo Sam Jack Peter John Adam Noah Luke Tim David Omar Felix Hugo Carl Mark Erik Finn Dan Oscar Ravi Simon Bob George Henry Ivan Jim".split()  # fmt: skip
NAMES = SHE + HE
SMALL_THINGS = "apples oranges pears plums marbles stickers pencils cards coins books shells stamps eggs cookies buttons stones beads nuts sweets balloons candles roses tickets toys postcards lemons pens keys cherries muffins".split()  # fmt: skip
CONTAINERS = "bags boxes packs baskets jars crates bowls sacks".split()
MONEY = ["dollars", "euros", "pounds", "coins"]
DEAR_THINGS = "a book|a ball|a shirt|a hat|a lamp|a cup|a toy|a cake|a game|a bag|a pen|a kite|a plant|a clock".split("|")
GOODS = "notebooks|cups|tickets|sandwiches|pens|plates|hats|cakes|lamps|plants|balls|candles|chairs|shirts".split("|")

# (texts, steps, answer, ranges). Steps "label: x op y", where r1 and r2 are the results before; the
# last result is r. A draw that leaves 2..200 on the way, or is not whole, is drawn again.
STORIES: list[tuple[list[str], str, str, dict[str, tuple[int, int]]]] = [
    (["{N} has {a} {t}, buys {b} {k} of {c} and gives {d} away. How many {t} does {N} have?",
      "{N} has {a} {t}. {He} buys {b} {k} with {c} {t} each and then gives {d} to a friend. How many {t} are left?",
      "There are {a} {t} in {N}'s room. {N} gets {b} more {k} of {c} and gives away {d}. How many {t} has {he} now?"],
     "bought: b × c; with the first: a + r1; after giving: r2 - d", "{N} has {r} {t}.", {}),
    (["{N} had {a} {t}. {He} lost {b} and found {c}. How many {t} does {he} have now?",
      "{N} starts with {a} {t}, loses {b} and then finds {c}. How many are there now?",
      "From {a} {t}, {N} loses {b}. Later {he} finds {c} more. How many {t} has {N}?"],
     "after losing: a - b; after finding: r1 + c", "{N} has {r} {t}.", {"a": (10, 60)}),
    (["{N} has {a} {t} and {M} has {b}. They put them together and share them equally between {c} children. How many does each child get?",
      "{N} brings {a} {t}, {M} brings {b}. {c} children share them all equally. How many {t} for each child?",
      "If {N}'s {a} {t} and {M}'s {b} {t} are shared equally by {c} children, how many does each get?"],
     "together: a + b; each: r1 ÷ c", "Each child gets {r} {t}.", {"a": (4, 40), "b": (4, 40), "c": (2, 8)}),
    (["{N} has {a} {t}. {M} has {b} more than {N}. How many {t} do they have together?",
      "{M} has {b} {t} more than {N}, who has {a}. How many have they together?",
      "{N} owns {a} {t}, and {M} owns {b} more than that. How many do both own in all?"],
     "{M}: a + b; together: a + r1", "Together they have {r} {t}.", {}),
    (["{N} has {a} {t}. {M} has {b} times as many. How many {t} do they have together?",
      "{M} has {b} times as many {t} as {N}. {N} has {a}. How many have both together?",
      "{N} collected {a} {t} and {M} collected {b} times as many. How many is that in all?"],
     "{M}: a × b; together: a + r1", "Together they have {r} {t}.", {"a": (2, 15), "b": (2, 5)}),
    (["{N} buys {a} {g} for {b} {m} each and pays with {c} {m}. How much does {he} get back?",
      "{a} {g} cost {b} {m} each. {N} pays with {c} {m}. How much change is there?",
      "{N} takes {a} {g} at {b} {m} each. {He} hands over {c} {m}. What is {his} change?"],
     "price: a × b; change: c - r1", "{N} gets {r} {m} back.", {"a": (2, 9), "b": (2, 9), "c": (20, 100)}),
    (["{N} buys {o} for {a} {m} and {p} for {b} {m}. {He} had {c} {m}. How much is left?",
      "With {c} {m}, {N} buys {o} for {a} {m} and {p} for {b} {m}. How much money does {he} keep?",
      "{o} costs {a} {m} and {p} costs {b} {m}. {N} has {c} {m} and buys both. How much is left?"],
     "spent: a + b; left: c - r1", "{N} has {r} {m} left.", {"a": (3, 30), "b": (3, 30), "c": (30, 100)}),
    (["{N} saves {a} {m} every week for {b} weeks. Then {he} spends {c} {m}. How much is left?",
      "Every week {N} saves {a} {m}. After {b} weeks {he} buys {o} for {c} {m}. How much does {he} still have?",
      "For {b} weeks, {N} puts {a} {m} a week in a box, then takes {c} {m} out. What is in the box?"],
     "saved: a × b; left: r1 - c", "{N} has {r} {m} left.", {"a": (2, 12), "b": (2, 10), "c": (3, 40)}),
    (["{N} has {a} {m} and saves {b} {m} a week. How much does {he} have after {c} weeks?",
      "{N} starts with {a} {m} and adds {b} {m} every week. How much is it after {c} weeks?",
      "There are {a} {m} in {N}'s box. Each week {he} adds {b}. How many {m} are there after {c} weeks?"],
     "saved: b × c; in all: a + r1", "{N} has {r} {m}.", {"b": (2, 12), "c": (2, 10)}),
    (["A bus has {a} passengers. At the first stop {b} get off and {c} get on. How many passengers are on the bus?",
      "There are {a} people on a bus. {b} get off, {c} get on. How many are on it now?",
      "A train carries {a} people. {b} leave at a station and {c} enter. How many people are on the train?"],
     "after leaving: a - b; after entering: r1 + c", "There are {r} people.", {"a": (12, 60), "b": (2, 20)}),
    (["A bus has {a} passengers. At one stop {b} get on, at the next {c} get off and {d} get on. How many are on the bus?",
      "On a tram there are {a} people. First {b} get on, then {c} get off and {d} get on. How many people are there now?"],
     "first stop: a + b; off: r1 - c; on: r2 + d", "There are {r} people.", {"a": (5, 40), "b": (2, 15), "c": (2, 15), "d": (2, 15)}),
    (["A room has {a} rows of {b} chairs. {c} chairs are taken. How many are free?",
      "There are {a} rows with {b} seats each. {c} people sit down. How many seats are empty?",
      "In a hall there are {a} rows of {b} seats, and {c} seats are in use. How many are free?"],
     "seats: a × b; free: r1 - c", "{r} seats are free.", {"a": (3, 12), "b": (3, 12)}),
    (["A farmer has {a} {k} of {b} eggs. {c} eggs break. How many eggs are whole?",
      "{N} carries {a} {k} with {b} eggs in each. {c} eggs fall and break. How many eggs are left?"],
     "eggs: a × b; whole: r1 - c", "{r} eggs are left.", {"a": (2, 10), "b": (4, 12), "c": (2, 15)}),
    (["{N} bakes {a} trays of {b} cookies and packs them in {k} of {c}. How many {k} does {he} fill?",
      "{N} makes {a} trays with {b} cookies each. {c} cookies go into one of the {k}. How many {k} are filled?"],
     "cookies: a × b; {k}: r1 ÷ c", "{N} fills {r} {k}.", {"a": (2, 9), "b": (4, 12), "c": (2, 10)}),
    (["{N} reads {a} pages a day for {b} days. The book has {c} pages. How many pages are left?",
      "A book has {c} pages. {N} reads {a} pages every day. How many pages are left after {b} days?",
      "After {b} days of {a} pages a day, how many pages of a book with {c} pages are left for {N}?"],
     "read: a × b; left: c - r1", "{r} pages are left.", {"a": (3, 15), "b": (2, 9), "c": (40, 180)}),
    (["{N} reads {a} pages on Monday, {b} on Tuesday and {c} on Wednesday. How many pages is that?",
      "On three days {N} reads {a}, {b} and {c} pages. How many pages in all?",
      "{N} read {a} pages yesterday, {b} today and will read {c} tomorrow. How many pages are that together?"],
     "two days: a + b; three days: r1 + c", "{N} reads {r} pages.", {}),
    (["{N} walks {a} km a day for {b} days and then {c} km more. How many km does {he} walk?",
      "For {b} days {N} walks {a} km each day. On the last day {he} adds {c} km. How far is that in all?"],
     "days: a × b; in all: r1 + c", "{N} walks {r} km.", {"a": (2, 12), "b": (2, 9), "c": (2, 20)}),
    (["{N} is {a} years old. {M} is {b} years older. How old are they together?",
      "{M} is {b} years older than {N}, who is {a}. What is the sum of their ages?"],
     "{M}: a + b; together: a + r1", "Together they are {r} years old.", {"a": (4, 40), "b": (2, 20)}),
    (["{N} is {a} years old. {M} is twice as old. How old will {M} be in {b} years?",
      "{M} is two times as old as {N}. {N} is {a}. How old is {M} in {b} years?"],
     "{M} now: a × 2; later: r1 + b", "{M} will be {r} years old.", {"a": (4, 30), "b": (2, 15)}),
    (["{N} is {a} years old. {M} is {b} years younger. How old will {M} be in {c} years?",
      "{M} is {b} years younger than {N}, who is {a}. How old is {M} in {c} years?"],
     "{M} now: a - b; later: r1 + c", "{M} will be {r} years old.", {"a": (12, 60), "b": (2, 10), "c": (2, 15)}),
    (["A class has {a} girls and {b} boys. They make teams of {c}. How many teams are there?",
      "There are {a} girls and {b} boys in a class. If each team has {c} children, how many teams are there?"],
     "children: a + b; teams: r1 ÷ c", "There are {r} teams.", {"a": (4, 20), "b": (4, 20), "c": (2, 8)}),
    (["{N} has {a} {t}. {He} eats or uses {b} a day. How many are left after {c} days?",
      "{N} uses {b} {t} a day and has {a}. How many {t} are left after {c} days?",
      "There are {a} {t}. Every day {N} takes {b}. How many remain after {c} days?"],
     "used: b × c; left: a - r1", "{r} {t} are left.", {"a": (20, 90), "b": (2, 9), "c": (2, 9)}),
    (["{N} picks {a} {t} in the morning and {b} in the afternoon. {He} sells {c}. How many {t} are left?",
      "In the morning {N} finds {a} {t}, later {b} more. Then {he} sells {c}. How many has {he} left?",
      "{N} made {a} {t} before lunch and {b} after it, and sold {c} of them. How many are left?"],
     "in all: a + b; left: r1 - c", "{N} has {r} {t} left.", {}),
    (["{N} has {a} {t} and puts them into {b} {k} equally. How many {t} are in {c} of the {k}?",
      "{a} {t} are packed into {b} equal {k}. {N} takes {c} of the {k}. How many {t} is that?"],
     "in each: a ÷ b; in {c}: r1 × c", "That is {r} {t}.", {"a": (10, 90), "b": (3, 9), "c": (2, 8)}),
    (["{a} {g} cost {b} {m}. How much do {c} {g} cost?",
      "{N} pays {b} {m} for {a} {g}. How much would {c} {g} be?",
      "If {a} {g} cost {b} {m} together, what do {c} {g} cost?"],
     "one: b ÷ a; {c}: r1 × c", "{c} {g} cost {r} {m}.", {"a": (2, 9), "b": (6, 60), "c": (2, 9)}),
    (["A shop has {a} {g}. It sells {b} in the morning and {c} in the afternoon. How many are left?",
      "{N}'s shop has {a} {g}. {b} are sold before noon and {c} after. How many {g} remain?",
      "Of {a} {g} in a shop, {b} are sold on Monday and {c} on Tuesday. How many are left?"],
     "after the first: a - b; left: r1 - c", "{r} {g} are left.", {"a": (20, 99), "b": (3, 30), "c": (3, 30)}),
    (["{N} buys {a} {g} at {b} {m} and {c} {h} at {d} {m}. How much is that?",
      "{a} {g} at {b} {m} each and {c} {h} at {d} {m} each: how much does {N} pay?",
      "{N} takes {a} {g} for {b} {m} each and {c} {h} for {d} {m} each. What is the price in all?"],
     "{g}: a × b; {h}: c × d; in all: r1 + r2", "{N} pays {r} {m}.", {"a": (2, 9), "b": (2, 9), "c": (2, 9), "d": (2, 9)}),
    (["{N} works {a} hours a day for {b} days and earns {c} {m} an hour. How much does {he} earn?",
      "{N} earns {c} {m} an hour. {He} works {b} days, {a} hours each. How much is that?"],
     "hours: a × b; money: r1 × c", "{N} earns {r} {m}.", {"a": (2, 8), "b": (2, 5), "c": (2, 10)}),
    (["A box holds {a} {t}. {N} has {b} full boxes and {c} {t} more. How many {t} is that?",
      "{N} fills {b} boxes with {a} {t} each, and {c} {t} are left over. How many {t} were there?",
      "There are {b} boxes of {a} {t} and {c} single ones. How many {t} has {N}?"],
     "in boxes: b × a; in all: r1 + c", "There are {r} {t}.", {"a": (3, 12), "b": (2, 9), "c": (2, 20)}),
    (["{N} gives half of {his} {a} {t} to {M} and then {b} to a neighbour. How many are left?",
      "{N} has {a} {t}. Half of them go to {M}, and {b} to a friend. How many {t} does {N} keep?"],
     "after half: a ÷ 2; left: r1 - b", "{N} has {r} {t} left.", {"a": (10, 80), "b": (2, 20)}),
    (["{N} has {a} {t}, {M} has {b}. {N} gives {M} {c}. How many more does {M} have now?",
      "{M} has {b} {t} and {N} has {a}. {N} hands {c} to {M}. By how many is {M} ahead now?"],
     "{N}: a - c; {M}: b + c; more: r2 - r1", "{M} has {r} more.", {"a": (6, 30), "b": (8, 40), "c": (2, 10)}),
    (["There are {a} red and {b} blue {t} in a bag. {N} takes out {c} and puts {d} back. How many are in the bag?",
      "A bag has {a} red {t} and {b} green ones. {N} removes {c} and returns {d}. How many are in it now?"],
     "in the bag: a + b; taken: r1 - c; put back: r2 + d", "There are {r} {t} in the bag.", {"c": (5, 20), "d": (2, 4)}),
    (["A garden has {a} rows of {b} plants. {c} plants die and {N} plants {d} new ones. How many plants are there?",
      "{N} has {a} rows with {b} plants. {c} are eaten by snails, {d} are added. How many plants are there now?"],
     "plants: a × b; after loss: r1 - c; now: r2 + d", "There are {r} plants.", {"a": (2, 10), "b": (3, 12), "c": (2, 12), "d": (2, 12)}),
    (["{N} runs {a} laps of {b} m and then {c} m more. How many m does {he} run?",
      "One lap is {b} m. {N} runs {a} laps and {c} m. How far is that?"],
     "laps: a × b; in all: r1 + c", "{N} runs {r} m.", {"a": (2, 8), "b": (10, 20), "c": (2, 20)}),
    (["A ticket costs {a} {m} for adults and {b} {m} for children. What do {c} adults and {d} children pay?",
      "Adults pay {a} {m}, children {b} {m}. How much is it for {c} adults and {d} children?"],
     "adults: c × a; children: d × b; in all: r1 + r2", "They pay {r} {m}.", {"a": (4, 12), "b": (2, 8), "c": (2, 5), "d": (2, 6)}),
    (["{N} had {a} {m}. {He} earned {b} {m}, then spent {c} {m} and lent {M} {d} {m}. How much has {he} left?",
      "{N} starts the day with {a} {m}, gets {b} {m}, pays {c} {m} and gives {M} {d} {m}. How much is left?"],
     "after earning: a + b; after paying: r1 - c; left: r2 - d", "{N} has {r} {m} left.", {"c": (2, 20), "d": (2, 15)}),
    (["A tank holds {a} litres. {b} litres flow out every hour for {c} hours, then {d} litres are filled in. How many litres are in it?",
      "From {a} litres in a tank, {b} litres an hour run out for {c} hours. Then {N} adds {d} litres. How much is in the tank?"],
     "out: b × c; after: a - r1; now: r2 + d", "There are {r} litres in the tank.", {"a": (30, 99), "b": (2, 9), "c": (2, 6), "d": (2, 20)}),
    (["{N} and {M} pick {a} {t} together. {N} picks {b}. How many more does {N} pick than {M}?",
      "Together {N} and {M} have {a} {t}; {N} has {b} of them. How many more has {N} than {M}?"],
     "{M}: a - b; more: b - r1", "{N} has {r} more.", {"a": (12, 60), "b": (10, 50)}),
    (["{N} shares {a} {t} equally with {M} and then gets {b} more. How many does {N} have?",
      "{N} and {M} split {a} {t} evenly. Then {N} finds {b}. How many {t} does {N} have?"],
     "half: a ÷ 2; now: r1 + b", "{N} has {r} {t}.", {"a": (8, 80), "b": (2, 20)}),
    (["A rope is {a} m long. {N} cuts off {b} pieces of {c} m. How long is the rest?",
      "From a rope of {a} m, {N} cuts {b} pieces, each {c} m long. How many m are left?"],
     "cut off: b × c; rest: a - r1", "The rest is {r} m long.", {"a": (20, 90), "b": (2, 9), "c": (2, 9)}),
]  # fmt: skip


@cache
def story_texts() -> list[tuple[str, int]]:
    """Every text with its scheme; `choose` holds out texts."""
    return [(text, at) for at, scheme in enumerate(STORIES) for text in scheme[0]]


def work_story(steps: str, numbers: dict[str, int]) -> tuple[int, list[str]] | None:
    values, lines = dict(numbers), []
    result = 0
    for at, step in enumerate(steps.split("; ")):
        label, _, sum_ = step.partition(": ")
        left, sign, right = sum_.split()
        x, y = (values[v] if v in values else int(v) for v in (left, right))
        if sign == "÷" and x % y:
            return None
        result = values[f"r{at + 1}"] = APPLY[sign](x, y)
        if not 2 <= result <= 200:
            return None
        lines.append(f"{label}: {x} {sign} {y} = {result}")
    return result, lines


def story(rng: random.Random, held: bool) -> Example:
    text, at = choose(rng, story_texts(), held)
    _, steps, answer, ranges = STORIES[at]
    letters = [x for x in "abcd" if f"{{{x}}}" in text]
    while True:
        numbers = {x: rng.randint(*ranges.get(x, (2, 9) if x in "bc" and "×" in steps else (2, 40))) for x in letters}
        if is_held(("story", *numbers.values())) != held:
            continue
        worked = work_story(steps, numbers)
        if worked:
            break
    result, lines = worked
    name, other = rng.sample(NAMES, 2)
    she = name in SHE
    goods = rng.sample(GOODS, 2)
    dear = rng.sample(DEAR_THINGS, 2)
    slots = {
        "N": name, "M": other, "he": "she" if she else "he", "He": "She" if she else "He", "his": "her" if she else "his",
        "t": rng.choice(SMALL_THINGS), "k": rng.choice(CONTAINERS), "m": rng.choice(MONEY), "g": goods[0], "h": goods[1],
        "o": dear[0], "p": dear[1], "r": result, **numbers,
    }  # fmt: skip
    thought = "\n".join(line.format(**slots) for line in lines)
    return pose(
        rng, held, capital(text.format(**slots)), answer.format(**slots), str(result), thought, (last_number(result),)
    )


def make_steps(rng: random.Random, held: bool) -> Example:
    kinds = [chain, story, spoken_chain, total, unknown]
    return rng.choices(kinds, [32, 40, 10, 11, 7])[0](rng, held)


ABILITIES = {"arithmetic": make_arithmetic, "steps": make_steps}
