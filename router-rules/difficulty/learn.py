"""What training and evaluation share: reading sets, the fit, the figures."""

import json
import pathlib
import subprocess

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier

HERE = pathlib.Path(__file__).parent
BANDS = {"e": 0, "m": 1, "h": 2, "easy": 0, "moderate": 1, "hard": 2}

# Words that fewer texts, and fewer questions of exams, have are not learned.
LEAST, LEAST_EXAM = 2, 20
# How much weights are held small: of features and of words, in the two heads for bands and in the one for exams.
BANDED = dict(ridge=1e-4, word_ridge=6e-4)
CLOSED = dict(ridge=1e-3, word_ridge=1.5e-2)
# What words may add, as in `head.rs`, and where its bands begin: chances of more than easy and of hard.
WORDS_MAX = 2.5
CUTS = (0.55, 0.35)
# The trees that look at the counts and at the odds of the heads for bands; those odds are of fits that have not seen the text.
TREES = dict(max_iter=150, max_leaf_nodes=8, max_features=0.4, learning_rate=0.04, min_samples_leaf=20, l2_regularization=5, random_state=0)
UNSEEN_FOLDS = 5
# What the odds of a hard demand count among those of a question with options, the share of such questions that are more
# than easy, and the score from which they are hard whatever their options.
HARD_AMONG_CLOSED = 0.2
CLOSED_MODERATE = 0.7
SURELY_HARD = 0.94


class Set:
    """Requests with what the product reads in them."""

    def __init__(self, rows, features):
        bodies = [json.dumps({"body": {"model": "auto", **row["body"]}} if "body" in row else {"prompt": row["prompt"]}) for row in rows]
        told = subprocess.run([features], input="\n".join(bodies) + "\n", capture_output=True, text=True, check=True).stdout
        told = [json.loads(line) for line in told.splitlines()]
        self.rows = rows
        self.names = told[0]["names"][:-1]
        self.values = np.array([line["values"] for line in told])
        self.grams = [sorted(set(line["grams"])) for line in told]
        self.scores = np.array([line["score"] for line in told])
        self.closed = np.array([line["closed"] for line in told])


def prompts(path):
    rows = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    return [{**row, "band": BANDS[row["band"]]} for row in rows]


def own():
    """The texts that were written for learning, the first of them in a shorter form."""
    rows = []
    for line in (HERE / "data/own.txt").read_text().splitlines():
        if not line.startswith("#"):
            band, language, text = line.split(" ", 2)
            rows.append({"band": BANDS[band], "lang": language, "prompt": text.replace("\\n", "\n")})
    for path in sorted((HERE / "data").glob("*.jsonl")):
        rows += prompts(path)
    return [{**row, "group": "own"} for row in rows]


def banded_texts():
    """All that the heads for bands are learned from."""
    return own() + [row for name in ("open", "former") for row in prompts(HERE / f"prompts/{name}.jsonl")]


def exams(path):
    """Questions of exams with what a strong model gains; what they are of is their subject."""
    rows = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    gains = np.array([float(row["strong"]) - float(row["weak"]) for row in rows])
    return rows, gains, np.array([row["id"].rsplit("-", 1)[0] for row in rows])


def table(grams, vocabulary):
    place = {gram: at for at, gram in enumerate(vocabulary)}
    rows, columns = [], []
    for row, known in enumerate(grams):
        found = [place[gram] for gram in known if gram in place]
        rows += [row] * len(found)
        columns += found
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(grams), len(vocabulary)))


def vocabulary(grams, least):
    counts = {}
    for known in grams:
        for gram in known:
            counts[gram] = counts.get(gram, 0) + 1
    return sorted(gram for gram, count in counts.items() if count >= least)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -40, 40)))


def fit(values, target, words, ridge, word_ridge, weights=None):
    """One head: bias, weights of features, weights of words, by logistic regression."""
    count, size = values.shape
    share = np.full(count, 1 / count) if weights is None else weights / weights.sum()

    def loss(theta):
        bias, w, v = theta[0], theta[1 : 1 + size], theta[1 + size :]
        p = sigmoid(bias + values @ w + words @ v)
        value = -(share * (target * np.log(p + 1e-12) + (1 - target) * np.log(1 - p + 1e-12))).sum()
        slope = share * (p - target)
        parts = [[slope.sum()], values.T @ slope + 2 * ridge * w, words.T @ slope + 2 * word_ridge * v]
        return value + ridge * (w @ w) + word_ridge * (v @ v), np.concatenate(parts)

    found = minimize(loss, np.zeros(1 + size + words.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return found[0], found[1 : 1 + size], found[1 + size :]


def fit_bands(values, bands, words):
    return [fit(values, (bands >= level).astype(float), words, **BANDED) for level in (1, 2)]


class Bands:
    """The heads for bands, the words that they know, and their trees, learned from some of the texts."""

    def __init__(self, texts, bands, train):
        places = np.flatnonzero(train)
        folds = np.random.default_rng(1).permutation(len(places)) % UNSEEN_FOLDS
        unseen = np.zeros((len(places), 2))
        for fold in range(UNSEEN_FOLDS):
            sums = Sums(texts, bands, places[folds != fold])
            unseen[folds == fold] = sums.odds(texts, places[folds == fold])
        self.sums = Sums(texts, bands, places)
        seen = np.hstack([texts.values[places], unseen])
        self.trees = [HistGradientBoostingClassifier(**TREES).fit(seen, bands[places] >= level) for level in (1, 2)]

    def score(self, texts, test):
        """As `head.rs` has it, for demands that are no questions with options."""
        places = np.flatnonzero(test)
        seen = np.hstack([texts.values[places], self.sums.odds(texts, places)])
        none = np.zeros(len(places))
        return score(*(trees.decision_function(seen) for trees in self.trees), none, none > 0)


class Sums:
    """The heads for bands as sums of weights, and the words that they know."""

    def __init__(self, texts, bands, places):
        grams = [texts.grams[at] for at in places]
        self.words = vocabulary(grams, LEAST)
        self.heads = fit_bands(texts.values[places], bands[places], table(grams, self.words))

    def odds(self, texts, places):
        words = table([texts.grams[at] for at in places], self.words)
        return np.stack([odds(head, texts.values[places], words) for head in self.heads], 1)


def fit_closed(asked, gains, subjects, train, words, hard):
    """Whether a strong model knows what the weak one does not; large subjects weigh less than their size.

    `hard` is the head for hard demands, on `words`: some of its odds are added. Gives the words of both, and the head.
    """
    sizes = {subject: (subjects[train] == subject).sum() for subject in set(subjects[train])}
    weights = np.array([sizes[subject] ** -0.5 for subject in subjects[train]])
    learned = vocabulary([asked.grams[at] for at in np.flatnonzero(train)], LEAST_EXAM)
    values = asked.values[train]
    closed = fit(values, (gains[train] > 0).astype(float), table(asked.grams, learned)[train], **CLOSED, weights=weights)

    both = sorted(set(words) | set(learned))
    place = {word: at for at, word in enumerate(both)}
    v = np.zeros(len(both))
    v[[place[word] for word in learned]] = closed[2]
    v[[place[word] for word in words]] += HARD_AMONG_CLOSED * hard[2]
    bias, w = (one + HARD_AMONG_CLOSED * other for one, other in zip(closed[:2], hard[:2]))
    # The odds of a gain are low everywhere; the score is where the question stands among others.
    z = odds((bias, w, v), values, table(asked.grams, both)[train])
    return both, (bias - np.quantile(z, 1 - CLOSED_MODERATE) + np.log(0.35 / 0.65), w, v)


def odds(head, values, words):
    bias, w, v = head
    return bias + values @ w + np.clip(words @ v, -WORDS_MAX, WORDS_MAX)


def score(moderate, hard, closed, is_closed):
    """As `head.rs` has it."""
    a, b, c = sigmoid(moderate), sigmoid(hard), sigmoid(closed)
    low, high = CUTS
    a = np.where(a < low, a / low * 0.35, 0.35 + (a - low) / (1 - low) * (0.595 - 0.35))
    b = np.where(b < high, b / high * 0.6, 0.6 + (b - high) / (1 - high) * 0.4)
    return np.where(is_closed & (b < SURELY_HARD), c, np.maximum(a, b))


def area(scores, gains):
    """Area under the recovered performance gap by the share that is sent to the stronger model; 0.5 for chance."""
    order = np.argsort(-scores, kind="stable")
    gains, scores = gains[order].astype(float), scores[order]
    edges = np.flatnonzero(np.diff(scores)) + 1
    for part in np.split(np.arange(len(scores)), edges):
        gains[part] = gains[part].mean()
    curve = np.concatenate([[0], np.cumsum(gains)]) / gains.sum()
    return ((curve[1:] + curve[:-1]) / 2).mean()


def banded(scores):
    return (scores >= 0.35).astype(int) + (scores >= 0.6).astype(int)


def figures(found, bands):
    hard, easy = bands == 2, bands == 0
    return {
        "exact": (found == bands).mean(),
        "hard judged easy": (found[hard] == 0).mean(),
        "hard judged less": (found[hard] < 2).mean(),
        "easy judged hard": (found[easy] == 2).mean(),
    }


def told(name, numbers):
    print(f"{name:40s}" + "  ".join(f"{key} {value:.3f}" for key, value in numbers.items()), flush=True)
