"""What training and evaluation share: reading sets, the fit, the figures."""

import json
import pathlib
import subprocess

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

HERE = pathlib.Path(__file__).parent
BANDS = {"e": 0, "m": 1, "h": 2, "easy": 0, "moderate": 1, "hard": 2}
# Where moderate and hard begin by default, in log odds.
CUTS = (np.log(0.35 / 0.65), np.log(0.6 / 0.4))
SHARPNESS = 3.0


class Set:
    """Requests with what the product reads in them."""

    def __init__(self, rows, features):
        bodies = [json.dumps({"body": row["body"]} if "body" in row else {"prompt": row["prompt"]}) for row in rows]
        told = subprocess.run([features], input="\n".join(bodies) + "\n", capture_output=True, text=True, check=True).stdout
        told = [json.loads(line) for line in told.splitlines()]
        self.rows = rows
        self.names = told[0]["names"][:-1]
        self.values = np.array([line["values"] for line in told])
        self.grams = [sorted(set(line["grams"])) for line in told]
        self.scores = np.array([line["score"] for line in told])


def own():
    rows = []
    for line in (HERE / "data/own.txt").read_text().splitlines():
        if not line.startswith("#"):
            band, language, text = line.split(" ", 2)
            rows.append({"band": BANDS[band], "lang": language, "prompt": text.replace("\\n", "\n"), "group": "own"})
    return rows


def prompts(path):
    rows = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    return [{**row, "band": BANDS[row["band"]]} for row in rows]


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


def fit(values, bands, weights, exam, gains, words=None, ridge=0.02, word_ridge=0.3, exam_weight=0.5, spread=1.0):
    """Weights by the ordinal logistic loss on bands, and the squared error on what exams gain from a stronger model.

    The two share every weight but the bias. `words` is the sparse table of the banded texts; it may be missing.
    """
    count, size = values.shape
    many = 0 if words is None else words.shape[1]
    total = weights.sum()
    target = gains * spread
    target = target - target.mean() if len(target) else target
    centre = exam - exam.mean(axis=0) if len(exam) else exam

    def loss(theta):
        bias, w, v = theta[0], theta[1 : 1 + size], theta[1 + size :]
        z = bias + values @ w + (words @ v if many else 0)
        value, slope = 0.0, np.zeros(count)
        for level, cut in enumerate(CUTS, 1):
            p = sigmoid(SHARPNESS * (z - cut))
            y = (bands >= level).astype(float)
            value -= (weights * (y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))).sum() / total
            slope += weights * SHARPNESS * (p - y) / total
        g_w = values.T @ slope + 2 * ridge * w
        value += ridge * (w @ w)
        if len(exam):
            off = centre @ w - target
            value += exam_weight * (off @ off) / len(exam)
            g_w += 2 * exam_weight * centre.T @ off / len(exam)
        parts = [[slope.sum()], g_w]
        if many:
            value += word_ridge * (v @ v)
            parts.append(words.T @ slope + 2 * word_ridge * v)
        return value, np.concatenate(parts)

    found = minimize(loss, np.zeros(1 + size + many), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x[0], found.x[1 : 1 + size], found.x[1 + size :]


def area(scores, gains):
    """Area under the recovered performance gap by the share that is sent to the stronger model; 0.5 for chance."""
    order = np.argsort(-scores, kind="stable")
    gains, scores = gains[order].astype(float), scores[order]
    edges = np.flatnonzero(np.diff(scores)) + 1
    for part in np.split(np.arange(len(scores)), edges):
        gains[part] = gains[part].mean()
    curve = np.concatenate([[0], np.cumsum(gains)]) / gains.sum()
    return ((curve[1:] + curve[:-1]) / 2).mean()


def banded(z):
    return (z >= CUTS[0]).astype(int) + (z >= CUTS[1]).astype(int)


def figures(found, bands):
    hard, easy = bands == 2, bands == 0
    return {"exact": (found == bands).mean(), "hard kept home": (found[hard] == 0).mean(), "easy sent out": (found[easy] == 2).mean()}


def told(name, row):
    print(f"{name:<44}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()), flush=True)
