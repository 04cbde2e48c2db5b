"""Figures on what the fit has not seen: folds of texts, other writers, other languages, whole subjects of exams.

python evaluate.py --features BINARY --exams difficulty_dev.jsonl
python evaluate.py --features BINARY --score FILE…    the heads that are in the product, on texts with bands
"""

import argparse

import numpy as np

from learn import Bands, Set, area, banded, banded_texts, exams, figures, fit_closed, odds, prompts, score, table, told

# Languages of fewer texts are not told of.
LANGUAGE_LEAST = 20


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
    texts = Set(banded_texts(), arguments.features)
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


def by_folds(texts):
    bands = np.array([row["band"] for row in texts.rows])
    is_open = np.array([row["group"] != "own" for row in texts.rows])
    languages = np.array([row["lang"] for row in texts.rows])

    def scores(train, test):
        return Bands(texts, bands, train).score(texts, test)

    found = np.zeros(len(bands))
    folds = np.random.default_rng(7).permutation(len(bands)) % 10
    for fold in range(10):
        found[folds == fold] = scores(folds != fold, folds == fold)
    told("ten folds: the two sets of prompts", figures(banded(found[is_open]), bands[is_open]))
    told("ten folds: texts for learning", figures(banded(found[~is_open]), bands[~is_open]))
    told("those two, by the others alone", figures(banded(scores(~is_open, is_open)), bands[is_open]))
    for language in sorted(set(languages) - {"en"}):
        test = languages == language
        if test.sum() < LANGUAGE_LEAST:
            continue
        told(f"{language} ({test.sum()}), by other languages", figures(banded(scores(~test, test)), bands[test]))


def by_subjects(texts, arguments):
    questions, gains, subjects = exams(arguments.exams)
    asked = Set(questions, arguments.features)
    bands = np.array([row["band"] for row in texts.rows])
    learned = Bands(texts, bands, np.ones(len(bands), bool))
    known, hard = learned.sums.words, learned.sums.heads[1]
    seen = np.hstack([asked.values, learned.sums.odds(asked, np.arange(len(gains)))])
    moderate, surely = (trees.decision_function(seen) for trees in learned.trees)
    closed = np.zeros(len(gains))
    for held in sorted(set(subjects[asked.closed])):
        both, head = fit_closed(asked, gains, subjects, asked.closed & (subjects != held), known, hard)
        sparse = table(asked.grams, both)
        closed[subjects == held] = odds(head, asked.values, sparse)[subjects == held]
    found = score(moderate, surely, closed, asked.closed)
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
