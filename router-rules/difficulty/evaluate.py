"""Figures on what the fit has not seen: folds of texts, other writers, other languages, whole subjects of exams.

python evaluate.py --features BINARY --exams difficulty_dev.jsonl
python evaluate.py --features BINARY --score FILE…    the heads that are in the product, on texts with bands
"""

import argparse

import numpy as np

from learn import (HERE, LEAST, Set, area, banded, exams, figures, fit_bands, fit_closed, odds, own, prompts, score, table,
                   told, vocabulary)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--features", required=True)
    arguments.add_argument("--exams")
    arguments.add_argument("--score", nargs="*", default=[])
    arguments = arguments.parse_args()
    for path in arguments.score:
        by_group(path, Set(prompts(path), arguments.features))
    if arguments.score:
        return
    texts = Set(own() + prompts(HERE / "prompts/open.jsonl"), arguments.features)
    by_folds(texts)
    if arguments.exams:
        by_subjects(texts, arguments)


def by_group(path, scored):
    found, bands = banded(scored.scores), np.array([row["band"] for row in scored.rows])
    told(str(path), figures(found, bands))
    for key in ("group", "lang"):
        of = np.array([row[key] for row in scored.rows])
        for each in sorted(set(of)):
            told(f"  {each} ({(of == each).sum()})", figures(found[of == each], bands[of == each]))


def heads(texts, train):
    """The two heads for bands, and what tells the words of anything to them."""
    known = vocabulary([texts.grams[at] for at in np.flatnonzero(train)], LEAST)
    bands = np.array([row["band"] for row in texts.rows])
    return fit_bands(texts.values[train], bands[train], table(texts.grams, known)[train]), known


def by_folds(texts):
    bands = np.array([row["band"] for row in texts.rows])
    is_open = np.array([row["group"] != "own" for row in texts.rows])
    languages = np.array([row["lang"] for row in texts.rows])

    def scores(train, test):
        (moderate, hard), known = heads(texts, train)
        words = table(texts.grams, known)[test]
        values = texts.values[test]
        none = np.zeros(len(values))
        return score(odds(moderate, values, words), odds(hard, values, words), none, none > 0)

    found = np.zeros(len(bands))
    folds = np.random.default_rng(7).permutation(len(bands)) % 10
    for fold in range(10):
        found[folds == fold] = scores(folds != fold, folds == fold)
    told("ten folds: open set", figures(banded(found[is_open]), bands[is_open]))
    told("ten folds: texts for learning", figures(banded(found[~is_open]), bands[~is_open]))
    told("open set, by the others alone", figures(banded(scores(~is_open, is_open)), bands[is_open]))
    for language in sorted(set(languages) - {"en"}):
        test = languages == language
        told(f"{language} ({test.sum()}), by other languages", figures(banded(scores(~test, test)), bands[test]))


def by_subjects(texts, arguments):
    questions, gains, subjects = exams(arguments.exams)
    asked = Set(questions, arguments.features)
    (moderate, hard), known = heads(texts, np.ones(len(texts.rows), bool))
    words = table(asked.grams, known)
    closed = np.zeros(len(gains))
    for held in sorted(set(subjects[asked.closed])):
        both, head = fit_closed(asked, gains, subjects, asked.closed & (subjects != held), known, hard)
        sparse = table(asked.grams, both)
        closed[subjects == held] = odds(head, asked.values, sparse)[subjects == held]
    found = score(odds(moderate, asked.values, words), odds(hard, asked.values, words), closed, asked.closed)
    report("exams, unseen subjects", found, gains, subjects)
    report("length alone", np.array([float(len(row["prompt"])) for row in questions]), gains, subjects)


def report(name, found, gains, subjects):
    mmlu = subjects != "gsm8k"
    rest = mmlu & (subjects != "mmlu-moral_scenarios")
    within = [area(found[subjects == each], gains[subjects == each]) for each in sorted(set(subjects[mmlu])) if gains[subjects == each].sum() >= 15]
    told(name, {"mmlu": area(found[mmlu], gains[mmlu]), "without moral scenarios": area(found[rest], gains[rest]),
                "within a subject": float(np.mean(within)), "gsm8k": area(found[~mmlu], gains[~mmlu])})
    print(f"  bands of {name}: " + ", ".join(f"{share:.2f}" for share in np.bincount(banded(found[mmlu]), minlength=3) / mmlu.sum()))


if __name__ == "__main__":
    main()
