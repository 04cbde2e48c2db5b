"""Learns the weights of the heads from the banded texts and from exams.

python train.py --features BINARY --exams difficulty_dev.jsonl [--out ../src/difficulty/weights.bin]

BINARY is the example `difficulty_features`, built as the product is. What is drawn at random has a fixed seed: the same texts,
exams and versions of the packages give the same file.
"""

import argparse
import struct

import numpy as np

from learn import Bands, HERE, Set, banded_texts, exams, fit_closed

# In the place of what a node looks at.
LEAF = 0xFFFFFFFF


def packed(trees):
    """The trees of one head, as `trees.rs` reads them: nodes come before what they lead to."""
    out = struct.pack("<fI", trees._baseline_prediction[0, 0], len(trees._predictors))
    for (tree,) in trees._predictors:
        nodes = tree.nodes
        out += struct.pack("<I", len(nodes))
        for node in nodes:
            if node["is_leaf"]:
                out += struct.pack("<IfII", LEAF, node["value"], 0, 0)
            else:
                out += struct.pack("<IfII", node["feature_idx"], node["num_threshold"], node["left"], node["right"])
    return out


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--features", required=True)
    arguments.add_argument("--exams", required=True)
    arguments.add_argument("--out", default=HERE / "../src/difficulty/weights.bin")
    arguments = arguments.parse_args()
    texts = Set(banded_texts(), arguments.features)
    bands = np.array([row["band"] for row in texts.rows])
    questions, gains, subjects = exams(arguments.exams)
    # Sums to be worked out, with no options, are left out of everything: what is told of them is of what has not seen them.
    asked = Set(questions, arguments.features)
    kept = asked.closed
    learned = Bands(texts, bands, np.ones(len(bands), bool))
    words, heads = learned.sums.words, list(learned.sums.heads)
    both, closed = fit_closed(asked, gains, subjects, kept, words, heads[1])
    heads.append(closed)

    keys = both
    place = {key: at for at, key in enumerate(keys)}
    steps = np.zeros((len(keys), len(heads)), dtype=np.int8)
    with open(arguments.out, "wb") as out:
        out.write(b"HGD3" + struct.pack("<I", texts.values.shape[1]))
        for column, ((bias, features, found), known) in enumerate(zip(heads, (words, words, both))):
            unit = max(np.abs(found).max() / 127, 1e-9)
            steps[[place[word] for word in known], column] = np.rint(found / unit)
            out.write(struct.pack(f"<{len(features) + 2}f", bias, *features, unit))
        for trees in learned.trees:
            out.write(packed(trees))
        used = steps.any(axis=1)
        out.write(struct.pack("<I", used.sum()) + np.array(keys, dtype="<u4")[used].tobytes() + steps[used].tobytes())
    print(f"{len(bands)} texts, {kept.sum()} questions with options, {used.sum()} of {len(keys)} words: {arguments.out}")


if __name__ == "__main__":
    main()
