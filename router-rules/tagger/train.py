"""Trains the tagger and writes `tagger.bin`.

    python train.py --developers DIR --minutes 14 --state state.npz [--from state.npz] --out ../src/inspect/tagger/tagger.bin
"""

import argparse
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

import model
import text
from encode import Vocabulary, batch, encode
from generate import Source
from weights import write

LOSSES = "private document tag topic language sense".split()
SHORT, LONG = (96, 64, 1), (28, 160, 4)


class Table:
    """The rows, with Adam's moments kept for touched rows only."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        shape = 1 << text.ROWS_LOG2, model.WIDTH
        self.rows = rng.normal(0, 0.08, shape).astype(np.float32)
        self.first, self.second = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    def update(self, matrix, gradient, rate):
        touched, index = np.unique(matrix.indices, return_inverse=True)
        small = matrix.__class__((matrix.data, index.astype(np.int32), matrix.indptr), shape=(matrix.shape[0], len(touched)))
        step = np.asarray(small.T @ gradient)
        first = 0.9 * self.first[touched] + 0.1 * step
        second = 0.99 * self.second[touched] + 0.01 * step * step
        self.first[touched], self.second[touched] = first, second
        rows = self.rows[touched]
        self.rows[touched] = np.clip(rows - rate * (first / (np.sqrt(second) + 1e-7) + 0.02 * rows), -1.0, 1.0)


def batches(source, vocabulary, rng, per_round):
    """Rounds of fresh texts, cut into batches of two lengths."""
    while True:
        short, long = [], []
        for _ in range(per_round):
            example = encode(vocabulary, source.document())
            size = len(example.numbers)
            if size == 0:
                continue
            if size <= SHORT[1]:
                short.append((example, 0))
            else:
                for _ in range(1 if size <= LONG[1] else 2):
                    long.append((example, int(rng.integers(0, max(size - LONG[1], 0) + 1))))
        made = []
        for items, (count, length, windows) in ((short, SHORT), (long, LONG)):
            rng.shuffle(items)
            made += [batch(items[at:at + count], length, windows) for at in range(0, len(items) - count + 1, count)]
        rng.shuffle(made)
        yield made


def widened(name, new, saved):
    """A saved matrix in the corner of a larger one: what it said, it still says."""
    key = f"dense_{name}"
    if key not in saved:
        # A further layer that adds nothing as yet.
        return new * 0.1
    old = saved[key]
    if old.shape == new.shape:
        return old
    if name == "mix":
        half, more = old.shape[0] // 2, new.shape[0] // 2
        new[:half, :old.shape[1]], new[more:more + half, :old.shape[1]] = old[:half], old[half:]
        new[half:more, :old.shape[1]], new[more + half:, :old.shape[1]] = 0, 0
        return new
    if new.ndim > 1 and new.shape[-2] > old.shape[-2]:
        new[..., old.shape[-2]:, :old.shape[-1]] = 0
    new[tuple(slice(size) for size in old.shape)] = old
    return new


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--developers")
    arguments.add_argument("--corpus", help="the leak corpus, whose open half is read")
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--seed", type=int, default=20261122)
    arguments.add_argument("--from", dest="start")
    arguments.add_argument("--state", default="state.npz")
    arguments.add_argument("--rate", type=float, default=3e-3)
    arguments.add_argument("--out")
    options = arguments.parse_args()
    rng = np.random.default_rng(options.seed)
    source = Source(True, options.developers, seed=options.seed, corpus=options.corpus)
    vocabulary, table, params = Vocabulary(), Table(options.seed), model.initial(options.seed)
    if options.start:
        saved = np.load(options.start)
        table.rows, table.first, table.second = saved["rows"], saved["rows_first"], saved["rows_second"]
        params = {name: jnp.asarray(widened(name, np.array(value), saved)) for name, value in params.items()}
    rate = 0.0
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam(), optax.add_decayed_weights(0.02))
    state = optimiser.init(params)

    @partial(jax.jit, static_argnums=())
    def step(params, state, unique, arrays, key, rate):
        (total, parts), (dense, rows) = jax.value_and_grad(model.loss, argnums=(0, 1), has_aux=True)(params, unique, arrays, key)
        change, state = optimiser.update(dense, state, params)
        return jax.tree.map(lambda value, delta: value - rate * delta, params, change), state, rows, parts

    begun, steps, counted, shown, sums = time.time(), 0, 0, time.time(), np.zeros(6)
    limit = options.minutes * 60
    mean_rows, mean_dense = None, params
    done = False
    for made in batches(source, vocabulary, rng, 4000):
        # Each round twice: other words drop out the second time.
        for arrays in made + made:
            tokens = arrays["tokens"].copy()
            share = (time.time() - begun) / limit
            if share >= 1:
                done = True
                break
            rate = options.rate * min(1.0, (steps + 1) / 100) * max(0.02, 0.5 * (1 + np.cos(np.pi * share)))
            numbers, index = np.unique(tokens[arrays["mask"] > 0], return_inverse=True)
            matrix = vocabulary.matrix(numbers.tolist(), rng, 0.4)
            unique = np.zeros((tokens.size, model.WIDTH), np.float32)
            unique[:len(numbers)] = matrix @ table.rows
            tokens[arrays["mask"] > 0] = index
            key = jax.random.PRNGKey(options.seed + steps)
            params, state, rows, parts = step(params, state, unique, arrays | {"tokens": tokens}, key, rate)
            table.update(matrix, np.asarray(rows)[:len(numbers)], rate)
            if steps % 20 == 0:
                # What is written is the mean over the run's later part: it generalises better than its end.
                keep = 0.99 if share > 0.2 else 0.0
                mean_rows = keep * mean_rows + (1 - keep) * table.rows if mean_rows is not None else table.rows.copy()
                mean_dense = jax.tree.map(lambda mean, value: keep * mean + (1 - keep) * value, mean_dense, params)
            sums += np.asarray([float(part) for part in parts])
            steps += 1
        if time.time() - shown > 20 or done:
            losses = " ".join(f"{name} {value:.4f}" for name, value in zip(LOSSES, sums / max(1, steps - counted)))
            print(f"{time.time() - begun:6.0f}s step {steps} {losses}, {len(vocabulary.whole)} tokens", flush=True)
            shown, counted, sums = time.time(), steps, np.zeros(6)
        if done:
            break
    dense = {name: np.asarray(value) for name, value in mean_dense.items()}
    np.savez(options.state, rows=mean_rows, rows_first=table.first, rows_second=table.second,
             **{f"dense_{name}": value for name, value in dense.items()})
    if options.out:
        write(options.out, mean_rows, dense)


if __name__ == "__main__":
    main()
