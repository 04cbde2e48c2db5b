"""Documents to arrays: tokens numbered by their features, labels per token and per window."""

import numpy as np
import scipy.sparse

import text
from generate import CLEAN_TOPICS, LANGUAGE_CLASSES, TOPICS

TOPIC_INDEX = {name: at for at, name in enumerate(TOPICS)}
LANGUAGE_INDEX = {name: at for at, name in enumerate(LANGUAGE_CLASSES)}


class Vocabulary:
    """Distinct tokens and their rows."""

    def __init__(self):
        self.known, self.whole, self.pieces = {}, [], []

    def number(self, tokens, at):
        token = tokens[at]
        around = ()
        if token.kind == text.SINGLE:
            around = text.neighbour(tokens, at - 1, token.start, True), text.neighbour(tokens, at + 1, token.end, False)
        many = token.end - token.start > 1 if token.kind == text.SYMBOL else False
        key = token.kind, token.text, token.glued, token.first, many, around
        number = self.known.get(key)
        if number is None:
            number = len(self.whole)
            whole, pieces = text.token_rows(tokens, at)
            self.known[key] = number
            self.whole.append((token.kind, whole))
            self.pieces.append(pieces)
        return number

    def matrix(self, numbers, rng=None, drop=0.0):
        """The sparse matrix from rows of the table to these tokens; the row of the whole word drops out at random."""
        indices, values, starts = [], [], [0]
        chances = rng.random(len(numbers)) if drop else None
        for at, number in enumerate(numbers):
            kind, whole = self.whole[number]
            pieces = self.pieces[number]
            if drop and kind == text.WORD and chances[at] < drop:
                whole = [whole[0], whole[2]]
            indices += whole
            values += [1.0] * len(whole)
            if pieces:
                indices += pieces
                values += [piece_weight(len(pieces))] * len(pieces)
            starts.append(len(indices))
        return scipy.sparse.csr_matrix((np.asarray(values, np.float32), np.asarray(indices, np.int32), np.asarray(starts, np.int32)),
                                       shape=(len(numbers), 1 << text.ROWS_LOG2))


def piece_weight(count):
    return float(np.float32(1.0) / np.sqrt(np.float32(count)))


class Example:
    """An encoded text."""

    __slots__ = ("numbers", "tags", "senses", "region_of", "regions", "language")


def encode(vocabulary, document):
    """An example of a document."""
    full = document.text()
    tokens = text.tokens(full)
    out = Example()
    out.numbers = np.fromiter((vocabulary.number(tokens, at) for at in range(len(tokens))), np.int32, len(tokens))
    out.tags = np.zeros(len(tokens), np.int32)
    out.region_of = np.zeros(len(tokens), np.int32)
    out.language = document.language
    entities, at = document.entities(), 0
    for place, token in enumerate(tokens):
        while at < len(entities) and entities[at][1] <= token.start:
            at += 1
        if at < len(entities) and token.end > entities[at][0] and token.start < entities[at][1] and token.kind != text.NEWLINE:
            begins = place == 0 or not out.tags[place - 1] or tokens[place - 1].start < entities[at][0]
            out.tags[place] = 1 + 2 * entities[at][2] + (0 if begins else 1)
    out.senses = np.zeros(len(tokens), np.int32)
    senses, at = document.senses(), 0
    for place, token in enumerate(tokens):
        while at + 1 < len(senses) and senses[at][0] <= token.start:
            at += 1
        out.senses[place] = senses[at][1] if senses else 0
    out.regions = []
    spans, at = document.regions(), 0
    numbers = {}
    for place, token in enumerate(tokens):
        while at + 1 < len(spans) and spans[at][1] <= token.start:
            at += 1
        region = spans[at][2]
        if id(region) not in numbers:
            numbers[id(region)] = len(out.regions)
            out.regions.append(region)
        out.region_of[place] = numbers[id(region)]
    return out


def batch(examples, length, count_windows):
    """Arrays of one batch; each example is cut to `length` tokens by the caller: (example, first token)."""
    n = len(examples)
    out = {
        "tokens": np.zeros((n, length), np.int32), "mask": np.zeros((n, length), np.float32),
        "tags": np.zeros((n, length), np.int32), "tag_weight": np.zeros((n, length), np.float32),
        "senses": np.zeros((n, length), np.int32), "sense_weight": np.zeros((n, length), np.float32),
        "starts": np.zeros((n, count_windows), np.int32), "lengths": np.zeros((n, count_windows), np.int32),
        "private": np.zeros((n, count_windows), np.float32), "private_weight": np.zeros((n, count_windows), np.float32),
        "document_weight": np.zeros(n, np.float32),
        "topics": np.zeros((n, count_windows, len(TOPICS)), np.float32), "topic_weight": np.zeros((n, count_windows, len(TOPICS)), np.float32),
        "language": np.zeros((n, count_windows), np.int32), "language_weight": np.zeros((n, count_windows), np.float32),
    }
    for at, (example, first) in enumerate(examples):
        label(out, at, example, first, length)
    return out


def label(out, at, example, first, length):
    numbers = example.numbers[first:first + length]
    region_of, tags = example.region_of[first:first + length], example.tags[first:first + length]
    size = len(numbers)
    out["tokens"][at, :size], out["mask"][at, :size], out["tags"][at, :size] = numbers, 1, tags
    judged = np.asarray([region.private is not None for region in example.regions])
    tagged = judged & np.asarray([region.tagged for region in example.regions])
    # Names in clean texts are not marked: a weak no.
    surely = np.asarray([1.0 if region.private else 0.15 for region in example.regions])
    out["tag_weight"][at, :size] = (tagged * surely)[region_of] * np.where(tags > 0, 2.0, 1.0)
    senses = example.senses[first:first + length]
    # What the templates say in their own words is often the same thing as a slot's: a weak no.
    out["senses"][at, :size] = senses
    out["sense_weight"][at, :size] = tagged[region_of] * np.where(senses > 0, 1.0, 0.1) * (example.language != "unknown")
    wholes = np.bincount(example.region_of, minlength=len(example.regions))
    private_regions = [r for r, region in enumerate(example.regions) if region.private == 1]
    inside_all = np.bincount(region_of, minlength=len(example.regions))
    for r in private_regions:
        if inside_all[r] == wholes[r] or inside_all[r] >= 60:
            out["document_weight"][at] = example.regions[r].weight
    for place, (start, end) in enumerate(text.windows(size)[: out["starts"].shape[1]]):
        out["starts"][at, place], out["lengths"][at, place] = start, end - start
        inside = np.bincount(region_of[start:end], minlength=len(example.regions))
        sides = inside > 0
        private, weight = 0.0, min(region.weight for r, region in enumerate(example.regions) if sides[r])
        if any(example.regions[r].private is None for r in range(len(sides)) if sides[r]):
            weight = 0.0
        for r in private_regions:
            if not inside[r]:
                continue
            if inside[r] == wholes[r]:
                private, weight = 1.0, example.regions[r].weight
                break
            # Of a longer text nobody knows which stretch is private, but those where somebody is named.
            named = (tags[start:end] > 0).any()
            weight = 0.35 if inside[r] >= 48 and (named or not example.regions[r].tagged) else 0.0
            private = 1.0
        out["private"][at, place], out["private_weight"][at, place] = private, weight
        topics(out, at, place, example, inside, wholes)
        language = example.language
        if language in LANGUAGE_INDEX and not (language not in ("code",) and any(
                example.regions[r].domain in ("code", "logs", "data") for r in range(len(sides)) if sides[r])):
            out["language"][at, place], out["language_weight"][at, place] = LANGUAGE_INDEX[language], 1.0


def topics(out, at, place, example, inside, wholes):
    """Topics of what the window holds; what a clean text is about is known for some domains only."""
    known, labels = np.ones(len(TOPICS), np.float32), np.zeros(len(TOPICS), np.float32)
    for r, region in enumerate(example.regions):
        if not inside[r]:
            continue
        if region.private == 1 and region.domain in TOPIC_INDEX:
            labels[TOPIC_INDEX[region.domain]] = 1
            # A private matter may well touch other topics than the one that it is filed under.
            known = np.minimum(known, np.where(labels > 0, 1.0, 0.3))
            if inside[r] < min(wholes[r], 40):
                known[:] = 0
        elif region.private == 1 or region.private is None:
            known[:] = 0
        elif region.domain in CLEAN_TOPICS:
            if CLEAN_TOPICS[region.domain]:
                labels[TOPIC_INDEX[CLEAN_TOPICS[region.domain]]] = 1
        elif region.domain:
            known = np.minimum(known, 0.15)
    out["topics"][at, place], out["topic_weight"][at, place] = labels, known
