"""The abilities of words: right answers, exact copies, and nothing that is held out in training.

Run in engines/starter: python -m pytest tests/test_words.py
"""

import json
import random
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from abilities import extraction, lists, rewrites, sentiment  # noqa: E402
from abilities.common import Example  # noqa: E402

MODULES = [lists, extraction, sentiment, rewrites]
MAKERS = {name: make for module in MODULES for name, make in module.ABILITIES.items()}


def draws(make, count: int, held: bool = False, seed: int = 7) -> list[Example]:
    rng = random.Random(seed)
    return [make(rng, held) for _ in range(count)]


def both(make, count: int = 1500) -> list[Example]:
    return draws(make, count) + draws(make, count // 5, held=True)


def asked(example: Example) -> str:
    return "\n".join(text for _, text in example.turns)


# ---- what is held ---------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_held_items_are_not_trained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: dict[bool, defaultdict[int, set[str]]] = {False: defaultdict(set), True: defaultdict(set)}
    sides: dict[bool, set[str]] = {False: set(), True: set()}
    stocks: dict[int, object] = {}
    choose = lists.choose

    def watched(rng, items, held):
        item = choose(rng, items, held)
        stocks[id(items)] = items  # kept, so that no other stock gets its id
        chosen[held][id(items)].add(repr(item))
        return item

    for module in MODULES:
        monkeypatch.setattr(module, "choose", watched)
    for held, count in ((False, 20_000), (True, 4_000)):
        for example in draws(MAKERS[name], count, held):
            sides[held].add(repr(example.turns))
    assert chosen[True]
    for stock, items in chosen[True].items():
        assert not items & chosen[False][stock]
    assert not sides[True] & sides[False]


def test_held_lists_are_not_trained() -> None:
    def contents(held: bool) -> set[tuple[str, ...]]:
        return {tuple(re.findall(r"\d+", asked(e))) for e in draws(lists.make_numbers, 4000, held)}

    assert not contents(True) & contents(False)


def test_held_sentences_are_trained_in_no_tense() -> None:
    def said(held: bool) -> set[rewrites.Parts]:
        rng = random.Random(3)
        return {rewrites.parts(rng, held) for _ in range(5000)}

    assert not said(True) & said(False)


# ---- form -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", MAKERS)
def test_examples_are_well_formed(name: str) -> None:
    for example in both(MAKERS[name], 4000):
        text = asked(example)
        assert example.turns[-1][0] == "user" and example.answer.strip() == example.answer != ""
        for part in (text, example.answer, example.thought):
            assert not re.search(r"  |{\w*}", part if "{" not in example.answer else ""), part
        assert text.strip() == text and len(text.split()) <= 90, text
        assert len(example.answer.split()) <= 40 and len(example.thought.split()) <= 70, example
        for pattern in example.accept:
            if pattern.startswith("re:"):
                re.compile(pattern[3:])


def test_the_same_seed_gives_the_same_examples() -> None:
    for make in MAKERS.values():
        assert draws(make, 200) == draws(make, 200)


# ---- lists ----------------------------------------------------------------------------


def test_numbers_are_sorted() -> None:
    for example in both(lists.make_numbers):
        given, answer = re.findall(r"\d+", asked(example)), example.answer.split(", ")
        assert sorted(given) == sorted(answer)
        values = [int(item) for item in answer]
        assert values in (sorted(values), sorted(values, reverse=True))
        down = re.search(r"descend|largest to|high to low|biggest to|big to|greatest to|highest to|highest first|decreas|largest first|downw", asked(example))
        assert (values == sorted(values, reverse=True)) == bool(down) or has_slip(asked(example)), example


def has_slip(text: str) -> bool:
    """Whether a word of the request is misspelled on purpose."""
    known = set(re.findall(r"[a-z]+", " ".join([*lists.ASCENDING, *lists.DESCENDING, *lists.FRAMES]).lower()))
    return any(word not in known for word in re.findall(r"[a-z]+", text.lower()))


@pytest.mark.parametrize("make", [lists.make_alphabetical, lists.make_by_length])
def test_words_are_sorted(make) -> None:
    for example in both(make):
        words = example.answer.split(", ")
        keys = [word.lower() if make is lists.make_alphabetical else len(word) for word in words]
        assert keys in (sorted(keys), sorted(keys, reverse=True))
        assert all(word in asked(example) for word in words)
        assert example.thought.endswith(words[-1])


def test_cases() -> None:
    for example in both(lists.make_case):
        assert example.answer.lower() in asked(example).lower()
        assert example.answer in (example.answer.upper(), example.answer.lower(), example.answer.title())


def test_letters() -> None:
    for example in both(lists.make_letters):
        text, answer = asked(example), example.answer
        if answer.isdigit():
            assert example.thought.endswith(f" {answer}")
        elif "-" in answer:
            assert answer.replace("-", "") in text
        elif len(answer) > 1:
            assert answer[::-1] in text


def test_edits() -> None:
    for example in both(lists.make_dedupe):
        items = example.answer.split(", ")
        assert len(set(items)) == len(items) and all(item in asked(example) for item in items)
    for example in both(lists.make_nth) + both(lists.make_extreme):
        assert example.answer in asked(example)
    for example in both(lists.make_count):
        assert example.thought.count(",") + 1 == int(example.answer)
    for example in both(lists.make_acronym):
        assert example.answer.isupper()
    for example in both(lists.make_member):
        word = re.match(r"(?:Yes|No), (\w+) is", example.answer)[1]
        assert (asked(example).count(word) > 1) == example.answer.startswith("Yes") or any(
            word in other and word != other for other in re.findall(r"\w+", asked(example))
        )


def test_forms() -> None:
    for example in both(lists.make_form):
        if example.answer.startswith("["):
            assert all(str(item) in asked(example) for item in json.loads(example.answer))
        else:
            items = re.split(r", | and |\n", re.sub(r"(?m)^(- |\d\. )", "", example.answer))
            assert all(item in asked(example) for item in items)


def test_follow_ups_are_about_the_last_answer() -> None:
    for example in both(lists.make_follow):
        if len(example.turns) == 3:
            items, after = example.turns[1][1].split(", "), example.answer
            same = [str(item) for item in json.loads(after)] if after.startswith("[") else re.sub(r"(?m)^- ", "", after).replace("\n", ", ").split(", ")
            assert abs(len(same) - len(items)) <= 1 or same[0] in items or after == str(len(items)), example


# ---- extraction -----------------------------------------------------------------------


def test_copies_are_exact() -> None:
    missing = 0
    for example in both(extraction.make_extraction, 6000):
        text, answer = asked(example), example.answer
        if answer.startswith("{"):
            values = [value for value in json.loads(answer).values() if value is not None]
        elif re.match(r"No .* is given\.$", answer):
            values, missing = [], missing + 1
        elif re.match(rf"({'|'.join(extraction.LABELS.values())}): ", answer):
            values = [line.split(": ", 1)[1] for line in answer.split("\n")]
            values = [value for value in values if value != "none"]
        else:
            values = [answer]
        assert all(value in text for value in values), example
    assert missing > 300


def test_the_stocks_are_as_large_as_stated() -> None:
    assert len(lists.WORDS) >= 600 and len(set(extraction.FIRST)) >= 300 and len(set(extraction.LAST)) >= 300
    assert len(set(extraction.SCHEMES)) >= 40
    pieces = [piece for mood in sentiment.MOODS.values() for domain in mood.values() for piece in domain]
    assert len({*pieces, *(piece for any_ in sentiment.ANY.values() for piece in any_)}) >= 360


# ---- judging --------------------------------------------------------------------------


def test_moods_are_balanced() -> None:
    answers = [example.answer for example in draws(sentiment.make_sentiment, 6000)]
    for answer, least in (("Positive", 1300), ("Negative", 1300), ("Neutral", 800), ("Yes, the writer is happy.", 350)):
        assert answers.count(answer) > least


def test_given_texts_are_answered_right() -> None:
    for example in both(sentiment.make_yesno, 8000):
        text, answer = asked(example), example.answer
        says_yes = answer.startswith(("Yes", "True"))
        if match := re.search(r"(\w+) has (\d+) dollars.*costs (\d+)|costs (\d+) dollars.*has (\d+) dollars", text):
            has, costs = (int(match[2] or match[5]), int(match[3] or match[4]))
            assert says_yes == (has >= costs)
        if match := re.search(r"can carry (\d+) kilos.*weighs (\d+) kilos", text):
            assert says_yes == (int(match[2]) <= int(match[1]))
        if match := re.search(r"(?:opens at|is open from|hours of the [\w ]+:) (\d+):00 (?:and closes at|to) (\d+):00", text):
            hours = [int(hour) for hour in re.findall(r"(\d+):00", text)]
            hours.remove(int(match[1]))
            hours.remove(int(match[2]))
            assert says_yes == (int(match[1]) < hours[0] < int(match[2]))


def test_facts_do_not_contradict_each_other() -> None:
    told: dict[str, str] = {}
    rng = random.Random(5)
    for _ in range(30_000):
        question, _, true, _ = sentiment.fact(rng)
        assert told.setdefault(question, str(true)) == str(true), question


def test_labels_are_among_those_given() -> None:
    for example in both(sentiment.make_classify, 4000):
        if example.answer in sentiment.TOPICS:
            assert re.search(rf"\b{example.answer}\b", asked(example))


# ---- rewrites -------------------------------------------------------------------------


def test_tenses_keep_the_rest() -> None:
    for example in both(rewrites.make_tense):
        before, after = example.thought.split(" -> ")
        assert example.answer.replace(after, before, 1) in asked(example), example


def test_voices_turn_back() -> None:
    for example in both(rewrites.make_voice):
        who, _, thing = (part.split(": ")[1] for part in example.thought.split("; "))
        low = example.answer.lower()
        assert {low.find(who.lower()) == 0, low.find(thing) == 0} == {True, False}, example


def test_typos_are_one_word() -> None:
    for example in both(rewrites.make_typo):
        wrong, right = example.thought.split(" -> ")
        assert wrong != right and right in example.answer and wrong in asked(example)
        assert example.answer not in asked(example)


def test_negations_and_questions() -> None:
    for example in both(rewrites.make_negation):
        assert re.search(r"\b(did|do|does|will) not \w", example.answer)
        assert not re.search(r"\b(I|you|we|they) does|\b(he|she) do ", example.answer, re.IGNORECASE)
    for example in both(rewrites.make_question):
        assert re.match(r"(Did|Do|Does|Will) .*\?$", example.answer)


def test_shorter_is_shorter_and_notes_keep_their_purpose() -> None:
    for example in both(rewrites.make_shorter):
        assert len(example.answer) < len(asked(example))
        assert example.answer.rstrip(".").lower() in asked(example).lower()
    for example in both(rewrites.make_note):
        assert re.search(example.accept[0][3:], example.answer)


def test_person_changes_the_verb() -> None:
    for example in both(rewrites.make_person):
        assert not example.answer.startswith("I ")
        assert example.thought.split(" -> ")[-1] in example.answer
