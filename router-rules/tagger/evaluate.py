"""What the trained tagger says of held-out texts, per language.

    python evaluate.py --weights tagger.bin --texts held_out.jsonl [--threshold 0.5] [--show 20]
"""

import argparse
import collections
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

import model
import text
from encode import Vocabulary
from generate import KINDS, LANGUAGE_CLASSES, LANGUAGES
from weights import read


class Judge:
    """The network with the weights of the file, as the gateway runs it."""

    def __init__(self, path):
        self.rows, self.dense = read(path)
        self.vocabulary = Vocabulary()
        self.forward = jax.jit(model.forward)

    def read_all(self, texts, size=32):
        """(private logit, tags, language logits, topics) per text, in order."""
        numbered = []
        for at, content in enumerate(texts):
            tokens = text.tokens(content)
            numbered.append((len(tokens), at, tokens, [self.vocabulary.number(tokens, place) for place in range(len(tokens))]))
        numbered.sort(key=lambda item: item[0])
        out = [None] * len(texts)
        for first in range(0, len(numbered), size):
            some = numbered[first:first + size]
            longest = max(64, some[-1][0])
            length = 64
            while length < longest:
                length = length * 2
            self.batch(some, length, size if length <= 512 else len(some), out)
        return out

    def batch(self, some, length, size, out):
        windows = [text.windows(count) for count, *_ in some]
        wide = max(1, (length - text.WINDOW) // text.STRIDE + 2)
        tokens = np.zeros((size, length, model.WIDTH), np.float32)
        mask = np.zeros((size, length), np.float32)
        starts, lengths = np.zeros((size, wide), np.int32), np.zeros((size, wide), np.int32)
        for place, (count, _, _, numbers) in enumerate(some):
            if count:
                tokens[place, :count] = self.vocabulary.matrix(numbers) @ self.rows
            mask[place, :count] = 1
            for w, (start, end) in enumerate(windows[place]):
                starts[place, w], lengths[place, w] = start, end - start
        tags, outputs, language = (np.asarray(value) for value in self.forward(self.dense, tokens, mask, starts, lengths)[:3])
        for place, (count, at, seen, _) in enumerate(some):
            many = len(windows[place])
            if many == 0:
                out[at] = (-20.0, [], np.zeros(len(LANGUAGE_CLASSES)), np.zeros(9), seen)
                continue
            sizes = lengths[place, :many, None]
            out[at] = (float(outputs[place, :many, 0].max()), tags[place, :count].argmax(-1),
                       (language[place, :many] * sizes).sum(0) / sizes.sum(), outputs[place, :many, 1:].max(0), seen)


def spans(tags, tokens):
    """Entities as (start, end, kind)."""
    out, open_kind = [], None
    for tag, token in zip(tags, tokens):
        kind = (tag - 1) // 2 if tag else None
        if kind is not None and tag % 2 == 0 and kind == open_kind:
            out[-1][1] = token.end
        elif kind is not None:
            out.append([token.start, token.end, kind])
        open_kind = kind
    return {tuple(span) for span in out}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", required=True)
    arguments.add_argument("--texts", required=True)
    arguments.add_argument("--threshold", type=float, default=0.5)
    arguments.add_argument("--show", type=int, default=0)
    arguments.add_argument("--golden", help="write what the network says of some texts, for the crate's test")
    options = arguments.parse_args()
    rows = [json.loads(line) for line in open(options.texts, encoding="utf-8")]
    readings = Judge(options.weights).read_all([row["text"] for row in rows])
    limit = float(np.log(options.threshold / (1 - options.threshold)))
    if options.golden:
        return golden(rows, readings, options.golden)
    report(rows, readings, limit)
    domains(rows, readings, limit)
    if options.show:
        show(rows, readings, limit, options.show)


# Clean domains that look private; the others are everyday work.
TEMPTING = "health_general legal_general finance_general hr_general exercise fiction public_figure data logs".split()


def share(values):
    return f"{100 * np.mean(values):5.1f}% of {len(values):4}" if len(values) else "     -      "


def report(rows, readings, limit):
    groups = collections.defaultdict(list)
    for row, reading in zip(rows, readings):
        groups[row["set"], row["language"] if row["set"] != "other" else "other"].append((row, reading))
    print(f"{'set':10} {'language':8} {'private judged open':>20} {'clean held back':>20} {'area':>6} {'at 5% held':>10} {'tempting':>8} {'ordinary':>8} {'language':>8} {'entities found / right':>22}")
    totals = []
    for (name, language), items in sorted(groups.items(), key=lambda item: (item[0][0] != "templates", item[0])):
        private = np.asarray([reading[0] for row, reading in items if row["class"] == "private"])
        clean = np.asarray([reading[0] for row, reading in items if row["class"] in ("clean", "public")])
        wanted = [reading[2].argmax() for row, reading in items]
        right = np.mean([LANGUAGE_CLASSES[said] == ("en" if language == "unknown" else language) for said in wanted])
        found = wrong = missed = 0
        for row, reading in items:
            if row["set"] == "templates" and row["class"] == "private":
                told = {(e["start"], e["end"], KINDS.index(e["kind"])) for e in row["entities"]}
                got = spans(reading[1], reading[4])
                overlaps = lambda one, many: any(one[0] < b[1] and b[0] < one[1] and one[2] == b[2] for b in many)
                found += sum(overlaps(one, got) for one in told)
                missed += sum(not overlaps(one, got) for one in told)
                wrong += sum(not overlaps(one, told) for one in got)
        area = at5 = float("nan")
        if len(private) and len(clean):
            area = np.mean(private[:, None] > clean[None]) + 0.5 * np.mean(private[:, None] == clean[None])
            at5 = np.mean(private <= np.quantile(clean, 0.95))
            if name == "templates":
                totals.append((np.mean(private <= limit), np.mean(clean > limit), area, at5))
        entities = f"{100 * found / max(1, found + missed):6.1f}% {100 * found / max(1, found + wrong):6.1f}%" if found + missed else ""
        held = lambda wanted: np.mean([reading[0] > limit for row, reading in items if row["class"] == "clean" and (row["domain"] in TEMPTING) == wanted] or [np.nan])
        print(f"{name:10} {language:8} {share(private <= limit):>20} {share(clean > limit):>20} {area:6.3f} {100 * at5:9.1f}% {100 * held(True):7.1f}% {100 * held(False):7.1f}% {100 * right:7.1f}% {entities:>22}")
        bare = np.asarray([reading[0] for row, reading in items if row["class"] in ("bare", "units")])
        units = [(row["units"], reading[0] <= limit) for row, reading in items if row["set"] == "pupa"]
        if units:
            print(f"{'':10} {'':8} units in texts judged open: {sum(count for count, open in units if open)} of {sum(count for count, _ in units)}")
        if len(bare):
            print(f"{'':10} {'':8} not judged private or clean: held back {share(bare > limit)}")
    if totals:
        print("mean over languages: open %.1f%%, held %.1f%%, area %.3f, open at 5%% held %.1f%%" % tuple(np.mean(totals, 0) * [100, 100, 1, 100]))


def domains(rows, readings, limit):
    groups = collections.defaultdict(list)
    for row, reading in zip(rows, readings):
        if row["set"] == "templates":
            groups[row["class"], row["domain"]].append(reading[0] > limit)
    print("held back by domain:", ", ".join(f"{name}/{domain} {100 * np.mean(values):.0f}% of {len(values)}" for (name, domain), values in sorted(groups.items())))


def golden(rows, readings, path):
    """Every so many-th of the texts that we wrote ourselves, and what is said of it."""
    own = [(row, reading) for row, reading in zip(rows, readings) if row["set"] in ("templates", "other", "project")]
    with open(path, "w", encoding="utf-8") as file:
        for row, reading in own[:: max(1, len(own) // 60)]:
            content = row["text"]
            private = 1 / (1 + np.exp(-reading[0]))
            entities = [[KINDS[kind], content[start:end]] for start, end, kind in sorted(spans(reading[1], reading[4]))]
            # Of a longer text the crate counts letters per window instead.
            language = LANGUAGE_CLASSES[int(reading[2].argmax())] if len(reading[4]) <= text.WINDOW else None
            file.write(json.dumps({"private": round(float(private), 5), "language": language, "entities": entities, "text": content}, ensure_ascii=False) + "\n")
    return 0


def show(rows, readings, limit, count):
    bad = [(row, reading) for row, reading in zip(rows, readings)
           if (row["class"] == "private" and reading[0] <= limit) or (row["class"] in ("clean", "public") and reading[0] > limit)]
    bad.sort(key=lambda item: -abs(item[1][0]))
    for row, reading in bad[:count]:
        print(f"{row['id']} {row['class']} {row['domain']} {reading[0]:.1f} {row['text'][:160]!r}")


if __name__ == "__main__":
    assert LANGUAGES
    sys.exit(main())
