"""Figures on what the fit has not seen: folds of whole subjects, of texts, of languages.

python evaluate.py --features BINARY [--exams difficulty_dev.jsonl]
"""

import argparse
import json
import pathlib

import numpy as np

from learn import HERE, Set, area, banded, figures, fit, own, prompts, table, told, vocabulary

PLAN = dict(ridge=0.003, word_ridge=0.06, exam_weight=0.05, spread=1.0)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--features", required=True)
    arguments.add_argument("--exams")
    arguments.add_argument("--open", default=HERE / "prompts/open.jsonl")
    arguments.add_argument("--least", type=int, default=2)
    arguments = arguments.parse_args()
    texts = own() + prompts(arguments.open)
    banded_set = Set(texts, arguments.features)
    bands = np.array([row["band"] for row in texts])
    is_open = np.array([row["group"] != "own" for row in texts])
    weights = np.ones(len(texts))
    exams, gains, subjects, lengths = None, np.zeros(0), np.zeros(0), np.zeros(0)
    if arguments.exams:
        rows = [json.loads(line) for line in pathlib.Path(arguments.exams).read_text().splitlines()]
        exams = Set(rows, arguments.features)
        gains = np.array([float(row["strong"]) - float(row["weak"]) for row in rows])
        subjects = np.array([row["id"].rsplit("-", 1)[0] for row in rows])
        lengths = np.array([float(len(row["prompt"])) for row in rows])
        mmlu = subjects != "gsm8k"
    none = np.zeros((0, banded_set.values.shape[1]))
    seen = exams.values[mmlu] if exams else none
    seen_gains = gains[mmlu] if exams else gains

    def run(train, words, exam, gain):
        vocab = vocabulary([banded_set.grams[at] for at in np.flatnonzero(train)], arguments.least) if words else []
        sparse = table(banded_set.grams, vocab) if words else None
        bias, w, v = fit(banded_set.values[train], bands[train], weights[train], exam, gain, sparse[train] if words else None, **PLAN)
        z = bias + banded_set.values @ w + (np.clip(sparse @ v, -1.5, 1.5) if words else 0)
        return z, bias, w, v, vocab

    everything = np.arange(len(texts))
    folds = np.random.default_rng(7).permutation(len(texts)) % 10
    for name, words, exam in [("features and words", True, True), ("features alone", False, True), ("features, no exams", False, False)]:
        found = np.zeros(len(texts), int)
        for fold in range(10):
            z, *_ = run(folds != fold, words, seen if exam else none, seen_gains if exam else np.zeros(0))
            found[folds == fold] = banded(z)[folds == fold]
        told(f"{name}: open, ten folds", figures(found[is_open], bands[is_open]))
        told(f"{name}: own, ten folds", figures(found[~is_open], bands[~is_open]))
        z, *_ = run(~is_open, words, seen if exam else none, seen_gains if exam else np.zeros(0))
        told(f"{name}: open, learned from own", figures(banded(z)[is_open], bands[is_open]))
    if not exams:
        return
    for name, words, exam in [("features and words", True, True), ("features alone", False, True), ("bands only", True, False)]:
        z = np.zeros(len(gains))
        for held in sorted(set(subjects)):
            test = subjects == held
            train = mmlu & ~test
            part = (exams.values[train], gains[train]) if exam else (none, np.zeros(0))
            _, bias, w, v, vocab = run(np.ones(len(texts), bool), words, *part)
            extra = np.clip(table(exams.grams, vocab) @ v, -1.5, 1.5) if words else 0
            z[test] = (bias + exams.values @ w + extra)[test]
        report(f"{name}: unseen", z, gains, subjects)
    report("length alone", lengths, gains, subjects)


def report(name, z, gains, subjects):
    mmlu = subjects != "gsm8k"
    rest = mmlu & (subjects != "mmlu-moral_scenarios")
    within = [area(z[subjects == s], gains[subjects == s]) for s in sorted(set(subjects)) if gains[subjects == s].sum() >= 15 and s != "gsm8k"]
    told(name, {"mmlu": area(z[mmlu], gains[mmlu]), "without moral scenarios": area(z[rest], gains[rest]),
                "gsm8k": area(z[~mmlu], gains[~mmlu]), "within a subject": float(np.mean(within))})


if __name__ == "__main__":
    main()
