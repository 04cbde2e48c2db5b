"""Learns the weights of the head from the banded texts, and from exams where they are given.

python train.py --features BINARY [--exams difficulty_dev.jsonl] [--out ../src/difficulty/weights.bin]

BINARY is the example `difficulty_features`, built as the product is. Nothing is drawn at random: the same texts, exams and
versions of the packages give the same file.
"""

import argparse
import json
import pathlib
import struct

import numpy as np

from evaluate import PLAN
from learn import HERE, Set, fit, own, prompts, table, vocabulary

LEAST = 2


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--features", required=True)
    arguments.add_argument("--exams")
    arguments.add_argument("--out", default=HERE / "../src/difficulty/weights.bin")
    arguments = arguments.parse_args()
    texts = own() + prompts(HERE / "prompts/open.jsonl")
    banded = Set(texts, arguments.features)
    bands = np.array([row["band"] for row in texts])
    exam, gains = np.zeros((0, banded.values.shape[1])), np.zeros(0)
    if arguments.exams:
        rows = [json.loads(line) for line in pathlib.Path(arguments.exams).read_text().splitlines()]
        # One exam is kept out of everything, so that what is told of it is of a head that has not seen it.
        rows = [row for row in rows if not row["id"].startswith("gsm8k")]
        exam = Set(rows, arguments.features).values
        gains = np.array([float(row["strong"]) - float(row["weak"]) for row in rows])
    grams = vocabulary(banded.grams, LEAST)
    words = table(banded.grams, grams)
    bias, features, found = fit(banded.values, bands, np.ones(len(texts)), exam, gains, words, **PLAN)
    unit = max(np.abs(found).max() / 127, 1e-9)
    steps = np.rint(found / unit).astype(int)
    kept = [(gram, step) for gram, step in zip(grams, steps) if step]
    with open(arguments.out, "wb") as out:
        out.write(b"HGD1" + struct.pack("<I", len(features)) + struct.pack("<f", bias))
        out.write(struct.pack(f"<{len(features)}f", *features))
        out.write(struct.pack("<fI", unit, len(kept)))
        out.write(struct.pack(f"<{len(kept)}I", *(gram for gram, _ in kept)))
        out.write(struct.pack(f"{len(kept)}b", *(step for _, step in kept)))
    print(f"{len(texts)} texts, {len(gains)} exam questions, {len(kept)} of {len(grams)} words, {arguments.out}")
    for name, weight in sorted(zip(banded.names, features), key=lambda pair: -abs(pair[1])):
        print(f"{weight:7.3f} {name}")


if __name__ == "__main__":
    main()
