"""Units: `units` (conversion, comparison, temperature, durations, change).

Factors within a system are exact. Between systems the rounded factor that a person would use stands in
`ABOUT`, and the answer says "about". Values are counted in thousandths, so that no result is a float.

Held out: wordings (by `choose`) and values (an eighth of all sets of units and value, by hash). The
factors themselves are facts and are not held out.
"""

import random
from dataclasses import dataclass

from .arithmetic import capital, draw, multiply_on_paper, plural, pose, subtract_on_paper, surface
from .common import Example, choose


@dataclass(frozen=True)
class Unit:
    # `short` is what answers and thoughts use; `names` are what people write, singular and plural.
    short: str
    names: tuple[tuple[str, str], ...]


def unit(short: str, *names: str) -> Unit:
    return Unit(short, tuple(tuple(name.split("/")) for name in names))


KM = unit("km", "km/km", "kilometre/kilometres", "kilometer/kilometers")
M = unit("m", "m/m", "metre/metres", "meter/meters")
CM = unit("cm", "cm/cm", "centimetre/centimetres", "centimeter/centimeters")
MM = unit("mm", "mm/mm", "millimetre/millimetres", "millimeter/millimeters")
T = unit("t", "t/t", "tonne/tonnes")
KG = unit("kg", "kg/kg", "kilogram/kilograms", "kilo/kilos")
G = unit("g", "g/g", "gram/grams")
L = unit("l", "l/l", "litre/litres", "liter/liters")
ML = unit("ml", "ml/ml", "millilitre/millilitres", "milliliter/milliliters")
WEEK = unit("weeks", "week/weeks")
DAY = unit("days", "day/days")
HOUR = unit("hours", "hour/hours", "h/h")
MINUTE = unit("minutes", "minute/minutes", "min/min")
SECOND = unit("seconds", "second/seconds", "s/s")
YEAR = unit("years", "year/years")
MONTH = unit("months", "month/months")
MILE = unit("miles", "mile/miles")
YARD = unit("yards", "yard/yards")
FOOT = unit("feet", "foot/feet")
INCH = unit("inches", "inch/inches")
POUND = unit("pounds", "pound/pounds", "lb/lbs")
OUNCE = unit("ounces", "ounce/ounces", "oz/oz")
EURO = unit("euros", "euro/euros")
DOLLAR = unit("dollars", "dollar/dollars")
CENT = unit("cents", "cent/cents")

EXACT = [
    (KM, M, 1000), (M, CM, 100), (CM, MM, 10), (M, MM, 1000), (KG, G, 1000), (T, KG, 1000), (L, ML, 1000),
    (WEEK, DAY, 7), (DAY, HOUR, 24), (HOUR, MINUTE, 60), (MINUTE, SECOND, 60), (YEAR, MONTH, 12),
    (FOOT, INCH, 12), (YARD, FOOT, 3), (YARD, INCH, 36), (POUND, OUNCE, 16), (EURO, CENT, 100), (DOLLAR, CENT, 100),
]  # fmt: skip
METRIC = [pair for pair in EXACT if pair[2] in (10, 100, 1000)]
# From, to, factor in thousandths: an inch is about 2.5 cm.
ABOUT = [
    (INCH, CM, 2500), (CM, INCH, 400), (FOOT, CM, 30_000), (YARD, M, 900), (MILE, KM, 1600), (KM, MILE, 600),
    (POUND, G, 450_000), (KG, POUND, 2200), (OUNCE, G, 28_000), (M, FOOT, 3300),
]  # fmt: skip

CONVERT = [
    "How many {B} are {v} {a}?",
    "How many {B} are in {v} {a}?",
    "What is {v} {a} in {B}?",
    "Convert {v} {a} to {B}.",
    "convert {v} {a} into {B}",
    "{v} {a} in {B}",
    "{v} {a} to {B}",
    "{v} {a} in {B}?",
    "How much is {v} {a} in {B}?",
    "Express {v} {a} in {B}.",
    "Change {v} {a} into {B}.",
    "Give me {v} {a} in {B}.",
    "{v} {a} is how many {B}?",
    "{v} {a} = ? {B}",
    "{v} {a} make how many {B}?",
    "I have {v} {a}. How many {B} is that?",
    "Can you convert {v} {a} to {B}?",
    "Could you tell me {v} {a} in {B}?",
    "Please turn {v} {a} into {B}.",
    "what's {v} {a} in {B}",
    "Write {v} {a} in {B}.",
    "It says {v} {a}. What is that in {B}?",
    "I need {v} {a} in {B}.",
    "If it is {v} {a}, how many {B} is it?",
    "Tell me how many {B} {v} {a} are.",
    "How many {B} do {v} {a} make?",
    "What do {v} {a} come to in {B}?",
    "Work out {v} {a} in {B}.",
    "{v} {a} equals how many {B}?",
    "How would you say {v} {a} in {B}?",
    "Do you know how many {B} there are in {v} {a}?",
    "{B} in {v} {a}?",
]
FACTOR = [
    "How many {B} are in {one}?",
    "How many {B} does {one} have?",
    "How many {B} make {one}?",
    "how many {B} in {one}",
    "{one} is how many {B}?",
    "{one} has how many {B}?",
    "What is {one} in {B}?",
    "Tell me how many {B} are in {one}.",
    "How many {B} go into {one}?",
    "Do you know how many {B} {one} is?",
    "{one} in {B}?",
    "How many {B} are there in {one}?",
]


def show(thousandths: int) -> str:
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}" + (f".{rest:03d}".rstrip("0") if rest else "")


def measure(thousandths: int, of: Unit) -> str:
    """`1 hour`, `3 hours`, `2.5 km`."""
    if thousandths == 1000:
        return "1 " + next((one for one, many in of.names if many == of.short), of.short)
    return f"{show(thousandths)} {of.short}"


def names(rng: random.Random, of: Unit) -> tuple[str, str]:
    return rng.choice(of.names)


def ask(rng: random.Random, held: bool, value: int, a: Unit, b: Unit) -> str:
    one, many = names(rng, a)
    template = choose(rng, CONVERT, held)
    if value == 1000:
        template = template.replace("are {v}", "is {v}").replace("{v} {a} are", "{v} {a} is")
    question = template.format(v=show(value), a=one if value == 1000 else many, B=names(rng, b)[1])
    # "5km", as it is often typed.
    if one == many and len(one) <= 2 and rng.random() < 0.2:
        question = question.replace(f"{show(value)} {one}", f"{show(value)}{one}")
    return capital(question)


def down(rng: random.Random, held: bool) -> Example:
    """From the larger unit to the smaller: multiply."""

    def sample(rng: random.Random) -> tuple[Unit, Unit, int, int]:
        a, b, factor = rng.choice(EXACT)
        value = rng.randint(1, 12 if factor not in (10, 100, 1000) or rng.random() < 0.7 else 60) * 1000
        if factor in (100, 1000) and rng.random() < 0.3:
            value = rng.randint(1, 99) * 100
        return a, b, factor, value

    a, b, factor, value = draw(rng, held, sample)
    result = value * factor
    sentence = f"{measure(value, a)} = {measure(result, b)}."
    thought = f"{measure(1000, a)} = {factor} {b.short}\n"
    plain = value % 1000 == 0 and factor not in (10, 100, 1000) and value > 1000
    thought += multiply_on_paper(factor, value // 1000) if plain else f"{show(value)} × {factor} = {show(result)}"
    return pose(rng, held, ask(rng, held, value, a, b), sentence, show(result), thought, (f"{show(result)} {b.short}",))


def up(rng: random.Random, held: bool) -> Example:
    """From the smaller unit to the larger: divide. Metric results may have one decimal."""

    def sample(rng: random.Random) -> tuple[Unit, Unit, int, int]:
        a, b, factor = rng.choice(EXACT)
        result = rng.randint(1, 12 if factor not in (10, 100, 1000) or rng.random() < 0.7 else 60) * 1000
        if factor in (10, 100, 1000) and rng.random() < 0.35:
            result = rng.randint(1, 99) * 100
        return a, b, factor, result

    a, b, factor, result = draw(rng, held, sample)
    value = result * factor
    sentence = f"{measure(value, b)} = {measure(result, a)}."
    thought = f"{factor} {b.short} = {measure(1000, a)}\n{show(value)} ÷ {factor} = {show(result)}"
    return pose(rng, held, ask(rng, held, value, b, a), sentence, show(result), thought, (f"{show(result)} {a.short}",))


def factor_fact(rng: random.Random, held: bool) -> Example:
    a, b, factor = rng.choice(EXACT)
    name = names(rng, a)[0]
    one = rng.choice([f"1 {name}", f"one {name}", ("an " if name[0] in "aeio" or name == "hour" else "a ") + name])
    if len(name) <= 2:
        one = f"1 {name}"
    question = capital(choose(rng, FACTOR, held).format(B=names(rng, b)[1], one=one))
    sentence = f"{measure(1000, a)} = {factor} {b.short}."
    return pose(rng, held, question, sentence, str(factor), "", (f"{factor} {b.short}", f"re:.*\\b{factor}\\b.*"))


def about(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[Unit, Unit, int, int]:
        return *rng.choice(ABOUT), rng.choice([*range(1, 13), *range(20, 101, 10)])

    a, b, factor, value = draw(rng, held, sample)
    result = value * factor
    sentence = f"{measure(value * 1000, a)} {'is' if value == 1 else 'are'} about {measure(result, b)}."
    thought = f"{measure(1000, a)} is about {measure(factor, b)}\n"
    if factor % 1000 == 0:
        thought += multiply_on_paper(factor // 1000, value)
    elif factor % 100 == 0:
        # 1.6 × 7: 16 × 7 and then a tenth of it.
        thought += f"{multiply_on_paper(factor // 100, value)}\na tenth of {factor // 100 * value} = {show(result)}"
    question = ask(rng, held, value * 1000, a, b)
    return pose(rng, held, question, sentence, show(result), thought, (f"about {show(result)} {b.short}", f"re:.*\\b{show(result)}\\b.*"))


TO_FAHRENHEIT = [
    "What is {v} degrees Celsius in Fahrenheit?",
    "Convert {v} °C to °F.",
    "{v} C in F",
    "{v} Celsius to Fahrenheit",
    "How much is {v} °C in Fahrenheit?",
    "It is {v} degrees Celsius. What is that in Fahrenheit?",
    "{v}°C in °F?",
    "Convert {v} degrees Celsius to Fahrenheit.",
    "Tell me {v} °C in degrees Fahrenheit.",
    "what's {v} celsius in fahrenheit",
    "Turn {v} Celsius into Fahrenheit.",
    "How many degrees Fahrenheit are {v} degrees Celsius?",
    "I set the oven to {v} °C. What is it in °F?",
    "The display shows {v} °C. What is it in Fahrenheit?",
]


def temperature(rng: random.Random, held: bool) -> Example:
    celsius = draw(rng, held, lambda rng: ("temperature", rng.randint(-4, 44) * 5))[1]
    fahrenheit = celsius * 9 // 5 + 32
    template = choose(rng, TO_FAHRENHEIT, held)
    if rng.random() < 0.5:
        question = template.format(v=celsius)
        fifth = celsius // 5
        thought = f"{celsius} ÷ 5 = {fifth}\n{fifth} × 9 = {fifth * 9}\n{fifth * 9} + 32 = {fahrenheit}"
        return pose(rng, held, question, f"{celsius} °C = {fahrenheit} °F.", str(fahrenheit), thought, (f"{fahrenheit} °F",))
    swap = {"Celsius": "Fahrenheit", "Fahrenheit": "Celsius", "celsius": "fahrenheit", "fahrenheit": "celsius", "C": "F", "F": "C"}
    question = "".join(swap_words(template, swap)).format(v=fahrenheit)
    ninth = (fahrenheit - 32) // 9
    thought = f"{fahrenheit} - 32 = {fahrenheit - 32}\n{fahrenheit - 32} ÷ 9 = {ninth}\n{ninth} × 5 = {celsius}"
    return pose(rng, held, question, f"{fahrenheit} °F = {celsius} °C.", str(celsius), thought, (f"{celsius} °C",))


def swap_words(text: str, swap: dict[str, str]) -> list[str]:
    """The text in pieces, with letters-only words exchanged."""
    pieces, word = [], ""
    for letter in text + " ":
        if letter.isalpha():
            word += letter
            continue
        pieces += [swap.get(word, word), letter]
        word = ""
    return pieces[:-1]


MIXED = [
    "How many hours and minutes are {v} minutes?",
    "{v} minutes in hours and minutes",
    "Write {v} minutes as hours and minutes.",
    "A film lasts {v} minutes. How long is that in hours and minutes?",
    "Convert {v} minutes to hours and minutes.",
    "What is {v} min in hours and minutes?",
    "The trip takes {v} minutes. How many hours and minutes is it?",
    "{v} min = ? h ? min",
    "Express {v} minutes in hours and minutes.",
    "Tell me how long {v} minutes are in hours and minutes.",
    "how long is {v} minutes in hours",
    "Turn {v} minutes into hours and minutes.",
]
UNMIXED = [
    "How many minutes are {h} and {m}?",
    "{h} and {m} in minutes",
    "Convert {h} {m} to minutes.",
    "A film lasts {h} and {m}. How many minutes is that?",
    "What is {h} {m} in minutes?",
    "The trip takes {h} and {m}. How many minutes?",
    "How long is {h} and {m} in minutes?",
    "Express {h} and {m} in minutes.",
    "Tell me how many minutes {h} and {m} are.",
    "{h} {m}: how many minutes in all?",
    "Turn {h} and {m} into minutes.",
    "We waited {h} and {m}. In minutes?",
]


def hours_and_minutes(rng: random.Random, held: bool) -> Example:
    _, hours, minutes = draw(rng, held, lambda rng: ("h", rng.randint(1, 5), rng.randint(1, 59)))
    total = hours * 60 + minutes
    h, m = plural(hours, "hour"), plural(minutes, "minute")
    if rng.random() < 0.5:
        question = choose(rng, MIXED, held).format(v=total)
        thought = f"60 × {hours} = {hours * 60}\n{total} - {hours * 60} = {minutes}"
        accept = (f"{h} and {m}", f"{hours} h {minutes} min")
        return Example([("user", surface(rng, question))], f"{total} minutes = {h} {m}.", thought, accept)
    question = choose(rng, UNMIXED, held).format(h=h, m=m)
    thought = f"{hours} × 60 = {hours * 60}\n{hours * 60} + {minutes} = {total}"
    return pose(rng, held, question, f"{h} {m} = {total} minutes.", str(total), thought, (f"{total} minutes",))


LARGER_MEASURE = [
    "Which is {w}, {x} or {y}?",
    "What is {w}: {x} or {y}?",
    "which is {w} {x} or {y}",
    "Is {x} or {y} {w}?",
    "{x} or {y}: which is {w}?",
    "Tell me which is {w}, {x} or {y}.",
    "Compare {x} and {y}. Which is {w}?",
    "Of {x} and {y}, which is {w}?",
    "Between {x} and {y}, what is {w}?",
    "Pick the one that is {w}: {x} or {y}.",
    "{x} and {y}, which of them is {w}?",
    "What would be {w}, {x} or {y}?",
]
SIZE_WORDS = {"m": "longer", "cm": "longer", "mm": "longer", "g": "heavier", "kg": "heavier", "ml": "more", "cents": "more"}


def compare(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[Unit, Unit, int, int, int]:
        large, small, factor = rng.choice([pair for pair in EXACT if pair[0] is not YARD and pair[1] is not MM])
        whole = rng.randint(1, 9)
        near = whole * factor + rng.choice([-1, 1]) * rng.randint(1, max(1, factor // 2 - 1))
        if factor >= 100:
            near = near // 10 * 10 + (10 if near // 10 * 10 == whole * factor else 0)
        return large, small, factor, whole, near

    large, small, factor, whole, other = draw(rng, held, sample)
    x, y = measure(whole * 1000, large), measure(other * 1000, small)
    asked = [x, y]
    rng.shuffle(asked)
    word = SIZE_WORDS.get(small.short, "heavier" if small is OUNCE else "longer")
    question = choose(rng, LARGER_MEASURE, held).format(w=word, x=asked[0], y=asked[1])
    best, less = (x, y) if whole * factor > other else (y, x)
    sign = ">" if whole * factor > other else "<"
    thought = f"{x} = {whole * factor} {small.short}\n{whole * factor} {sign} {other}"
    verb = "is" if best.startswith("1 ") or len(best.split()[1]) <= 2 else "are"
    return Example([("user", surface(rng, question))], f"{best} {verb} {word} than {less}.", thought, (best, f"re:^{best}\\b.*"))


CHANGE = [
    "Something costs {p} and I pay with {n}. What is my change?",
    "I pay {p} with a {note} note. How much do I get back?",
    "The price is {p}. I give {n}. How much change?",
    "What is the change from {n} for {p}?",
    "change for {p} from {n}",
    "I buy a thing for {p} and hand over {n}. What do I get back?",
    "How much change do I get from {n} if I spend {p}?",
    "The bill is {p}, I pay with {n}. What comes back?",
    "A customer pays {p} with {n}. How much change is due?",
    "I have {n} and spend {p}. How much is left?",
    "It costs {p}. I put down {n}. What is the change?",
    "Paying {p} with {n}: how much back?",
    "My shopping was {p}. I paid with {n}. Change?",
    "If I pay {n} for something that costs {p}, how much do I get back?",
]


def change(rng: random.Random, held: bool) -> Example:
    def sample(rng: random.Random) -> tuple[str, int, int]:
        note = rng.choice([5, 10, 10, 20, 50, 100])
        price = rng.randint(1, note - 1) * 100
        if rng.random() < 0.6 and note <= 50:
            price += rng.choice([5, 10, 20, 25, 30, 40, 50, 50, 60, 70, 75, 80, 90, 95, 99])
        return "change", min(price, note * 100 - 5), note

    _, price, note = draw(rng, held, sample)
    money = rng.choice(["euros", "dollars", "pounds"])
    left = note * 100 - price
    question = choose(rng, CHANGE, held).format(p=f"{cash(price)} {money}", n=f"{note} {money}", note=f"{note} {money[:-1]}")
    if price % 100:
        above = price // 100 + 1
        thought = f"{cash(price)} to {above}: {cash(above * 100 - price)}\n{above} to {note}: {note - above}\nin all {cash(left)}"
    else:
        thought = subtract_on_paper(note, price // 100).splitlines()[-1]
    unit_ = money[:-1] if left == 100 else money
    return pose(rng, held, question, f"The change is {cash(left)} {unit_}.", cash(left), thought, (f"{cash(left)} {unit_}", f"re:.*\\b{cash(left)}\\b.*"))


def cash(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}" if cents % 100 else f"{cents // 100}"


def make_units(rng: random.Random, held: bool) -> Example:
    kinds = [down, up, factor_fact, about, temperature, hours_and_minutes, compare, change]
    return rng.choices(kinds, [24, 18, 7, 13, 7, 10, 8, 13])[0](rng, held)


ABILITIES = {"units": make_units}
