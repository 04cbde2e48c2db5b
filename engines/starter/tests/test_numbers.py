"""The abilities of arithmetic, logic, units and dates: right by recomputation, held out, within bounds."""

import random
import re
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from abilities import arithmetic, dates, logic, units  # noqa: E402

MAKERS = arithmetic.ABILITIES | logic.ABILITIES | units.ABILITIES | dates.ABILITIES
MODULE = {name: module for module in (arithmetic, logic, units, dates) for name in module.ABILITIES}
NUMBER = r"-?\d+(?:\.\d+)?"


def examples(name: str, count: int, held: bool = False, seed: int = 7) -> list:
    rng = random.Random(f"{name}{held}{seed}")
    return [MAKERS[name](rng, held) for _ in range(count)]


def prompt(example) -> str:
    """The question with its misspellings undone."""
    right = {wrong: word for word, wrong in arithmetic.TYPOS.items()}
    return " ".join(right.get(word, word) for word in example.turns[-1][1].split(" "))


def value(expression: str) -> Fraction:
    """Sums with + - × ÷ and brackets, exactly."""
    python = re.sub(NUMBER, lambda m: f"Fraction('{m.group()}')", re.sub(r" - ", " minus ", expression))
    python = python.replace(" minus ", " - ").replace("×", "*").replace("÷", "/")
    return eval(python, {"Fraction": Fraction})  # noqa: S307: of text made here


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("held", [False, True])
def test_lengths_and_form(name: str, held: bool) -> None:
    for example in examples(name, 4000, held):
        text = prompt(example)
        assert example.turns[-1][0] == "user"
        assert 1 <= len(text.split()) <= 75, text
        assert 1 <= len(example.answer.split()) <= 40, example.answer
        pieces = re.findall(r"\d|[^\W\d]+|[^\w\s]|\n", text + example.thought + example.answer)
        assert len(pieces) <= 190, text
        for part in (text, example.thought, example.answer, *example.accept):
            assert part == part.strip() and "  " not in part
            assert "{" not in part and "}" not in part
            assert "None" not in part.removeprefix("None of them")
        assert len({example.answer, *example.accept}) == 1 + len(example.accept)


@pytest.mark.parametrize("name", MAKERS)
def test_patterns_accept_the_answer(name: str) -> None:
    # A pattern describes the same answer in other words, so one that the answer is not among is wrong.
    for example in examples(name, 4000):
        patterns = [a.removeprefix("re:") for a in example.accept if a.startswith("re:")]
        said = example.answer.lower().rstrip(".!?")
        if patterns:
            forms = [said, *(a.lower().rstrip(".!?") for a in example.accept if not a.startswith("re:"))]
            assert any(re.fullmatch(p, form, re.DOTALL) for p in patterns for form in forms), example


@pytest.mark.parametrize("name", MAKERS)
def test_held_prompts_are_never_trained(name: str) -> None:
    held = {prompt(e).lower() for e in examples(name, 3000, held=True)}
    trained = {prompt(e).lower() for e in examples(name, 20_000)}
    assert len(held) > 500
    assert not held & trained


@pytest.mark.parametrize("name", MAKERS)
def test_held_wordings_and_contents_are_never_trained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[tuple[str, bool], set] = {(kind, held): set() for kind in ("wording", "content") for held in (False, True)}
    module = MODULE[name]
    chosen, drawn = module.choose, module.draw

    def choose(rng, items, held):
        item = chosen(rng, items, held)
        seen["wording", held].add((id(items), repr(item)))
        return item

    def draw(rng, held, sample):
        content = drawn(rng, held, sample)
        seen["content", held].add(repr(content))
        return content

    for patched in {module, arithmetic}:
        monkeypatch.setattr(patched, "choose", choose)
        monkeypatch.setattr(patched, "draw", draw)
    examples(name, 20_000)
    examples(name, 3000, held=True)
    for kind in ("wording", "content"):
        assert seen[kind, True] and seen[kind, False]
        assert not seen[kind, True] & seen[kind, False]


@pytest.mark.parametrize("name", MAKERS)
def test_every_equation_of_a_thought_is_true(name: str) -> None:
    equation = re.compile(rf"(?<![\w.])({NUMBER}(?: [+\-×÷] {NUMBER})+) = ({NUMBER})(?! remainder)(?![\d.])")
    count = 0
    for example in examples(name, 6000):
        for text in (example.thought, example.answer):
            for left, right in equation.findall(text):
                assert value(left) == Fraction(right), example
                count += 1
            for a, sign, b in re.findall(r"(?<![\w.])(\d+) ([<>]) (\d+)", text):
                assert (int(a) > int(b)) == (sign == ">"), example
            for number, parity in re.findall(r"(\d+) is (odd|even)", text):
                assert (int(number) % 2 == 1) == (parity == "odd"), example
    assert count > 50 or name == "counting"


def numbers_in(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", text)]


def test_arithmetic_answers_what_was_asked() -> None:
    checked = 0
    for example in examples("arithmetic", 8000) + examples("arithmetic", 2000, held=True):
        found = re.fullmatch(r"(\d+) ([+\-×÷]) (\d+) = (-?\d+)\.", example.answer)
        if found:
            a, sign, b, result = found.groups()
            assert value(f"{a} {sign} {b}") == int(result)
            asked = re.search(r"(\d+) ?([+\-x×*/÷]) ?(\d+)", prompt(example))
            if asked:
                assert (int(asked[1]), asked[2].replace("x", "×").replace("*", "×").replace("/", "÷"), int(asked[3])) == (int(a), sign, int(b)), example
                checked += 1
        left = re.fullmatch(r"(\d+) ÷ (\d+) = (\d+) remainder (\d+)\.", example.answer)
        if left:
            a, b, quotient, rest = map(int, left.groups())
            assert divmod(a, b) == (quotient, rest) and {a, b} <= set(numbers_in(prompt(example)))
    assert checked > 1500


def test_held_pairs_are_not_trained() -> None:
    def pairs(held: bool, count: int) -> set:
        found = set()
        for example in examples("arithmetic", count, held):
            match = re.fullmatch(r"(\d+) ([+×]) (\d+) = \d+\.", example.answer)
            if match:
                a, sign, b = int(match[1]), match[2], int(match[3])
                if not arithmetic.small_fact(sign, a, b):
                    found.add((sign, max(a, b), min(a, b)))
        return found

    held = pairs(True, 6000)
    assert len(held) > 200
    assert not held & pairs(False, 20_000)


def test_chains_are_computed_by_the_rules() -> None:
    checked = 0
    for example in examples("steps", 8000):
        found = re.fullmatch(r"([\d +\-×÷()]+) = (\d+)\.", example.answer)
        if found:
            assert value(found[1]) == int(found[2])
            plain = re.sub(r"[x*]", "×", prompt(example).lower()).replace("/", "÷").replace("plus", "+").replace("minus", "-")
            assert found[1] in plain, example
            checked += 1
    assert checked > 1000


def test_stories_use_every_number_of_the_text() -> None:
    for texts, steps, answer, _ in arithmetic.STORIES:
        for text in texts:
            letters = set(re.findall(r"\{([abcd])\}", text))
            used = set(re.findall(r"(?<!\w)([abcd])(?!\w)", " ".join(step.split(": ")[1] for step in steps.split("; "))))
            assert letters == used, text
            for slot in re.findall(r"\{(\w+)\}", answer):
                assert slot == "r" or slot in ("c",) or f"{{{slot}}}" in text, (text, answer)


def test_orders_follow_from_the_statements() -> None:
    checked = 0
    for example in examples("logic", 8000):
        text = prompt(example).lower()
        for more, less, most, least, lacks in logic.PEOPLE_ATTRIBUTES:
            edges = [(a, b) for a, b in re.findall(rf"(\w+) {more} (\w+)", text)]
            edges += [(b, a) for phrase in (less, lacks) for a, b in re.findall(rf"(\w+) {phrase} (\w+)", text)]
            edges = [(a, b) for a, b in edges if a in PEOPLE and b in PEOPLE]
            found = re.fullmatch(rf"(\w+) is the ({most}|{least})\.", example.answer)
            if not found or len(edges) < 2:
                continue
            ends = {a for a, _ in edges} - {b for _, b in edges} if found[2] == most else {b for _, b in edges} - {a for a, _ in edges}
            assert ends == {found[1].lower()}, example
            checked += 1
    assert checked > 200


PEOPLE = {name.lower() for name in arithmetic.NAMES}


def test_verdicts_of_syllogisms() -> None:
    # By models: up to three kinds as sets over a small universe, one name as a member of it.
    universe = range(3)
    subsets = [frozenset(x for x in universe if bits >> x & 1) for bits in range(8)]
    for premises, asked, verdict, _, _ in logic.SYLLOGISMS:
        truths = set()
        for a in subsets:
            for b in subsets:
                for c in subsets:
                    # Kinds have members, as in everyday speech.
                    if not (a and b and c):
                        continue
                    kinds = {"a": a, "b": b, "c": c}
                    for name in universe:
                        if all(holds(p, kinds, name) for p in premises.rstrip(".").split(". ")):
                            truths.add(holds(asked, kinds, name))
        assert truths == {"yes": {True}, "no": {False}, "unknown": {True, False}}[verdict], premises


def holds(statement: str, kinds: dict[str, frozenset], name: int) -> bool:
    slots = re.findall(r"\{(?:one_)?([abc])\}", statement)
    word = statement.split()[0].lower()
    if word == "all":
        return kinds[slots[0]] <= kinds[slots[1]]
    if word == "no":
        return not kinds[slots[0]] & kinds[slots[1]]
    if word in ("some", "any"):
        return bool(kinds[slots[0]] & kinds[slots[1]])
    return (name in kinds[slots[0]]) != (" not " in statement)


def test_switches() -> None:
    rules = {"both": lambda a, b: a and b, "one": lambda a, b: a or b, "exactly": lambda a, b: a != b, "none": lambda a, b: not (a or b)}
    rng = random.Random(3)
    for _ in range(1000):
        example = logic.switches(rng, False)
        text = prompt(example).lower()
        rule = next(rule for rule, pattern in logic.SWITCH_TEXTS if re.search(re.escape(pattern.lower().rstrip(".")).replace(r"\{t\}", r"\w+"), text))
        states = re.match(r"switch 1 (on|off), switch 2 (on|off)", example.thought)
        on = rules[rule](*(state == "on" for state in states.groups()))
        assert f" is {'on' if on else 'off'}." in example.answer


def test_counts_of_letters_and_words() -> None:
    times = {"once": 1, "twice": 2, "three times": 3, "four times": 4, "five times": 5}
    checked = 0
    for example in examples("counting", 8000):
        text = prompt(example).lower()
        found = re.fullmatch(r"The letter (\w) occurs ([\w ]+) in (\w+)\.", example.answer)
        if found:
            assert found[3] in text and found[3].count(found[1]) == times[found[2]]
            checked += 1
        found = re.fullmatch(r"There is no (\w) in (\w+)\.", example.answer)
        if found:
            assert found[2] in text and found[1] not in found[2]
        found = re.fullmatch(r"(\w+) has (\d+) (letter|vowel)s?\.", example.answer)
        if found:
            word = found[1].lower()
            assert word in text
            assert int(found[2]) == (len(word) if found[3] == "letter" else sum(x in "aeiou" for x in word))
        found = re.fullmatch(r"The sentence has (\d+) words\.", example.answer)
        if found:
            assert int(found[1]) == len(example.thought.split(",")) and example.thought.split()[0].lower() in text
    assert checked > 1000


SIZES = {
    "mm": ("length", Fraction(1)), "cm": ("length", Fraction(10)), "m": ("length", Fraction(1000)), "km": ("length", Fraction(10**6)),
    "g": ("mass", Fraction(1)), "kg": ("mass", Fraction(1000)), "t": ("mass", Fraction(10**6)), "ml": ("volume", Fraction(1)), "l": ("volume", Fraction(1000)),
    "second": ("time", Fraction(1)), "minute": ("time", Fraction(60)), "hour": ("time", Fraction(3600)), "day": ("time", Fraction(86400)), "week": ("time", Fraction(604800)),
    "month": ("year", Fraction(1)), "year": ("year", Fraction(12)), "cent": ("money", Fraction(1)), "euro": ("money", Fraction(100)), "dollar": ("money", Fraction(100)),
    "inche": ("length", Fraction(127, 5)), "inch": ("length", Fraction(127, 5)), "foot": ("length", Fraction(1524, 5)), "feet": ("length", Fraction(1524, 5)),
    "yard": ("length", Fraction(4572, 5)), "mile": ("length", Fraction(1609344)), "pound": ("mass", Fraction(45359237, 100000)), "ounce": ("mass", Fraction(45359237, 1600000)),
}  # fmt: skip


def size(amount: str, name: str) -> tuple[str, Fraction]:
    kind, factor = SIZES[name if name in SIZES else name.removesuffix("s")]
    return kind, Fraction(amount) * factor


def test_units_are_equal() -> None:
    exact = about = 0
    for example in examples("units", 8000):
        found = re.fullmatch(rf"({NUMBER}) (\w+) = ({NUMBER}) (\w+)\.", example.answer)
        if found:
            assert size(found[1], found[2]) == size(found[3], found[4]), example
            assert found[1] in prompt(example) or found[1] == "1"
            exact += 1
        found = re.fullmatch(rf"({NUMBER}) (\w+) (?:is|are) about ({NUMBER}) (\w+)\.", example.answer)
        if found:
            (kind, left), (other, right) = size(found[1], found[2]), size(found[3], found[4])
            assert kind == other and abs(left - right) <= left * Fraction(4, 100), example
            about += 1
        found = re.fullmatch(r"(-?\d+) °([CF]) = (-?\d+) °[CF]\.", example.answer)
        if found:
            celsius, fahrenheit = (found[1], found[3]) if found[2] == "C" else (found[3], found[1])
            assert Fraction(celsius) * 9 / 5 + 32 == Fraction(fahrenheit)
            assert found[1] in prompt(example)
        found = re.fullmatch(rf"The change is ({NUMBER}) \w+\.", example.answer)
        if found:
            paid = sorted(Fraction(n) for n in re.findall(NUMBER, prompt(example)))
            assert paid[-1] - paid[0] == Fraction(found[1]), example
    assert exact > 1500 and about > 300


def test_dates_by_the_calendar() -> None:
    seen = set()
    for example in examples("dates", 10_000):
        text = prompt(example)
        found = re.fullmatch(r"(\d+) (day|month)s? (after|before) (\w+) is (\w+)\.", example.answer)
        if found:
            cycle = dates.DAYS if found[2] == "day" else dates.MONTHS
            step = int(found[1]) * (1 if found[3] == "after" else -1)
            assert cycle[(cycle.index(found[4]) + step) % len(cycle)] == found[5]
            assert found[4].lower() in text.lower()
            seen.add("shift")
        found = re.fullmatch(r"(Yes|No), (\d+) is .*leap year\.", example.answer)
        if found:
            year = int(found[2])
            assert (found[1] == "Yes") == (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
            seen.add("leap")
        found = re.fullmatch(r"day (\d+), month (\d\d) (\w+), year (\d{4})", example.thought)
        if found:
            day = date(int(found[4]), int(found[2]), int(found[1]))
            assert day.strftime("%B") == found[3]
            assert any(dates.form(day, how).lower() in text.lower() for how in dates.FORMATS), example
            seen.add("format")
        found = re.fullmatch(r"(\w+) turns (\d+) in (\d{4})\.", example.answer)
        if found:
            assert int(found[3]) - int(found[2]) in numbers_in(text)
            seen.add("age")
        found = re.fullmatch(r"It is (\d+):(\d\d)\.", example.answer)
        start = re.search(r"(?<!\d)(\d+):(\d\d)", text)
        if found and start:
            n = sum(int(a) * (60 if unit.startswith("h") else 1) for a, unit in re.findall(r"(\d+) (hour|minute|min\b)", re.sub(r"\d+:\d\d", "", text)))
            moved = 60 * int(found[1]) + int(found[2]) - 60 * int(start[1]) - int(start[2])
            assert abs(moved) == n, example
            seen.add("clock")
        times = [60 * int(h) + int(m) for h, m in re.findall(r"(?<!\d)(\d+):(\d\d)", text)]
        found = re.fullmatch(r"It is ((?:\d+ hours? ?)?(?:\d+ minutes?)?)\.", example.answer)
        if found and len(times) == 2:
            said = sum(int(a) * (60 if unit == "hour" else 1) for a, unit in re.findall(r"(\d+) (hour|minute)", found[1]))
            assert said == times[1] - times[0], example
            seen.add("between")
    assert seen == {"shift", "leap", "format", "age", "clock", "between"}
