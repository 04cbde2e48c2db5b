"""The abilities of talk.py, facts.py, hearthgate.py and unknown.py: well formed, short, without contradictions, nothing held out in training."""

import random
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from abilities import facts, hearthgate, talk, unknown  # noqa: E402
from abilities.common import Example, is_held  # noqa: E402

MAKERS = {**talk.ABILITIES, **facts.ABILITIES, **hearthgate.ABILITIES, **unknown.ABILITIES}
# Too many to write by heart, too few to be slow.
DRAWS = 6000


def drawn(ability: str, held: bool, seed: int = 1) -> list[Example]:
    rng = random.Random(seed)
    return [MAKERS[ability](rng, held) for _ in range(DRAWS)]


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()


def fits(answer: str, accept: str) -> bool:
    if accept.startswith("re:"):
        return re.fullmatch(accept[3:], answer.lower().rstrip(".!?")) is not None and re.fullmatch(accept[3:], answer) is not None
    return plain(answer) == plain(accept)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("ability", MAKERS)
def test_every_example_is_well_formed_and_short(ability: str, held: bool) -> None:
    for example in drawn(ability, held):
        roles = [role for role, _ in example.turns]
        assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"]
        for text in [*(text for _, text in example.turns), example.answer, example.thought]:
            assert text == text.strip() and "\n" not in text and "  " not in text, text
            assert not re.search(r"\{[a-zA-Z0-9]?\}|\(.*\|.*\)| [,.?]", text.replace("POST /", "").replace(" ?", "")), text
        assert all(text for _, text in example.turns) and example.answer
        assert all(len(text.split()) <= 60 for _, text in example.turns)
        assert len(example.answer.split()) <= 40 and len(example.thought.split()) <= 20
        assert example.answer[0].isupper() or example.answer[0] in "`/¡0123456789" or example.answer.startswith("llama.cpp") or " " not in example.answer, example.answer


@pytest.mark.parametrize("ability", MAKERS)
def test_an_answer_is_among_what_is_accepted(ability: str) -> None:
    for example in drawn(ability, held=False):
        assert any(fits(example.answer, accept) for accept in example.accept), (example.turns, example.answer, example.accept)


def test_a_negation_or_another_fact_is_not_accepted() -> None:
    paris = talk.mentions("Paris")
    assert fits("The capital of France is Paris.", paris)
    assert not fits("The capital of France is Parisville.", paris)
    assert not fits(unknown.FACT, paris)


def test_no_pattern_is_within_another() -> None:
    for wordings in all_wordings():
        assert not [wording for wording in wordings if "|" in wording], wordings


def all_wordings() -> list[list[str]]:
    lists = [wordings for _, wordings, *_ in talk.GREETINGS.values()] + [wordings for wordings, *_ in talk.IDENTITY] + [talk.ASK_JOKE, talk.WITH_NAME]
    lists += [kind.questions for kind in facts.KINDS.values()] + [wordings for wordings, *_ in facts.QUESTIONS]
    lists += [facts.SINGLE_FORMS, facts.INTO_WORDS, facts.INTO_DIGITS, facts.BARE]
    return lists + [topic.wordings() for topic in hearthgate.TOPICS] + [wordings for _, wordings, *_ in unknown.SCHEMES.values()]


@pytest.mark.parametrize("ability", MAKERS)
def test_the_same_question_has_the_same_answer(ability: str) -> None:
    told: dict[tuple, set[str]] = defaultdict(set)
    for example in drawn(ability, held=False) + drawn(ability, held=True):
        told[tuple(text for _, text in example.turns)].add(example.answer)
    for turns, answers in told.items():
        assert len(answers) == 1 or answers <= set(talk.JOKES), (turns, answers)


def test_no_two_abilities_answer_one_question_differently() -> None:
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for ability in MAKERS:
        for example in drawn(ability, held=False):
            if len(example.turns) == 1:
                told[plain(example.turns[0][1])][ability] = example.answer
    clashes = {asked: answers for asked, answers in told.items() if len(set(answers.values())) > 1}
    assert not clashes, clashes


def test_wordings_that_are_held_out_are_not_trained() -> None:
    for wordings in all_wordings():
        assert len(set(wordings)) == len(wordings) >= 3, wordings
    # Whole questions without slots, which are drawn as they stand about half the time.
    fixed = {wording for topic in hearthgate.TOPICS for wording in topic.wordings() if is_held(wording)}
    single = {wording for topic in hearthgate.TOPICS if not [w for w in topic.wordings() if is_held(w)] for wording in topic.wordings()}
    trained = {example.turns[0][1] for example in drawn("hearthgate", held=False)}
    assert fixed and not (trained & fixed) - single


def test_facts_do_not_contradict_one_another() -> None:
    for name, kind in facts.KINDS.items():
        told: dict[str, set[str]] = defaultdict(set)
        for x, y in kind.items:
            assert x and y
            told[x].add(y)
        assert all(len(ys) == 1 for ys in told.values()), (name, {x: ys for x, ys in told.items() if len(ys) > 1})
        assert len(told) == len(kind.items), name
    capitals = dict(facts.KINDS["capital"].items)
    for city, country in facts.KINDS["country of capital"].items:
        assert capitals[country] == city
    symbols = dict(facts.KINDS["symbol"].items)
    assert all(symbols[name] == symbol for symbol, name in facts.KINDS["element"].items)


def test_counts_of_the_stock() -> None:
    assert len(facts.KINDS["capital"].items) >= 190
    assert len(facts.KINDS["definition"].items) >= 150 and len(facts.KINDS["opposite"].items) >= 250
    assert len(hearthgate.TOPICS) >= 120 and all(len(topic.wordings()) >= 5 for topic in hearthgate.TOPICS)
    assert len(talk.JOKES) == len(set(talk.JOKES)) == 20
    continents = {"Africa", "Asia", "Europe", "North America", "South America", "Oceania"}
    assert {y for _, y in facts.KINDS["continent"].items} == continents
    assert all(1 <= len(symbol) <= 2 for _, symbol in facts.KINDS["symbol"].items)


@pytest.mark.parametrize("number, words", [(0, "zero"), (13, "thirteen"), (40, "forty"), (47, "forty-seven"), (100, "one hundred"), (305, "three hundred and five"),
                                           (1000, "one thousand"), (2048, "two thousand and forty-eight"), (7310, "seven thousand three hundred and ten")])
def test_number_words(number: int, words: str) -> None:
    assert facts.words_of(number) == words


def test_what_is_not_known_is_not_in_the_stock() -> None:
    known = {side.lower() for kind in facts.KINDS.values() for item in kind.items for side in item}
    outside = unknown.REGIONS + unknown.TOWNS + unknown.ELEMENTS_OUTSIDE + [f"{left} {right}" for left in unknown.TITLES_LEFT for right in unknown.TITLES_RIGHT]
    assert not [name for name in outside if name.lower() in known]
    asked = {wording.lower().rstrip(".?! ") for _, wordings, *_ in unknown.SCHEMES.values() for wording in wordings}
    assert not asked & unknown.stock_questions()


def test_hearthgates_answers_have_what_a_right_answer_has() -> None:
    for topic in hearthgate.TOPICS:
        assert fits(topic.answer, talk.mentions(*topic.has.split(";"))), topic.answer
    told: dict[str, set[str]] = defaultdict(set)
    for topic in hearthgate.TOPICS:
        for wording in topic.wordings():
            told[plain(wording)].add(topic.answer)
    assert not {asked: answers for asked, answers in told.items() if len(answers) > 1}
