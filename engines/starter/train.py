"""Trains the starter.

    python train.py --minutes 90 --seed 20261123 --out DIR [--from DIR] [--shape width=256,layers=6] [--cores 1]

DIR holds tokenizer.json (made if it is missing), weights.npz (the mean of the last weights), state.npz (to go
on from), schedule.json and log.txt. The rate falls with the time that is left. At which step each hundredth of
the time began is kept in schedule.json: `--schedule FILE` repeats a run step by step, on the same machine to
the bit.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path


# Of glibc's malloc; they are read at a program's start.
TUNABLES = ":".join(f"glibc.malloc.{name}" for name in (
    "hugetlb=1", "mmap_max=0", "trim_threshold=8000000000", "arena_max=1", "top_pad=268435456"))


# Seconds that a step counts at most.
STEP_MAX = 20.0


def options_of() -> argparse.Namespace:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=90)
    arguments.add_argument("--seed", type=int, default=20261123)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--from", dest="start", type=Path)
    arguments.add_argument("--shape", default="")
    arguments.add_argument("--rate", type=float, default=4e-3)
    arguments.add_argument("--rows", default="20,2", help="rows of 128 and of 256 tokens in a batch")
    arguments.add_argument("--only", help="abilities, by commas")
    arguments.add_argument("--schedule", type=Path)
    arguments.add_argument("--cores", type=int, default=1)
    arguments.add_argument("--products", default="auto", choices=("auto", "amx", "bfloat16", "float32"))
    return arguments.parse_args()


def confine(cores: int) -> None:
    """Before JAX is imported: it takes every core that it finds."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(cores)
    # Large arrays come and go with each step: taken from the system anew, they cost a fifth of the time.
    if "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = TUNABLES
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if cores == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def main() -> None:
    options = options_of()
    confine(options.cores)

    import jax
    import jax.numpy as jnp
    import numpy as np

    import corpus
    import model
    import optimiser
    import tokenizer as tokens

    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "tokenizer.json"
    if options.start and not path.exists():
        path.write_bytes((options.start / "tokenizer.json").read_bytes())
    if not path.exists():
        tokens.train(corpus.texts(random.Random(options.seed), False, 60_000), 4096).save(str(path))
    tokenizer = tokens.load(path)
    pad = tokenizer.token_to_id("<|endoftext|>")
    products = model.choose_products(options.products)

    steps = 0
    if options.start:
        params, shape = model.load(options.start / "last.npz")
        saved = np.load(options.start / "state.npz")
        state = {
            "first": model.unflatten({name[6:]: saved[name] for name in saved.files if name.startswith("first:")}),
            "second": model.unflatten({name[7:]: saved[name] for name in saved.files if name.startswith("second:")}),
            "steps": jnp.asarray(saved["steps"]),
        }
        # Other examples than those of the run that this one goes on from.
        rng = random.Random(f"{options.seed} {int(saved['steps'])}")
    else:
        shape = model.Shape.parse(options.shape)
        shape = model.Shape(**(shape.__dict__ | {"vocabulary": tokenizer.get_vocab_size()}))
        params = model.initial(shape, options.seed)
        state = optimiser.initial(params)
        rng = random.Random(options.seed)
    mean = params

    groups: dict[tuple[str, bool], int] = {}
    weights = corpus.weights_of(options.only.split(",") if options.only else None)
    source = corpus.encoded(rng, False, weights, tokenizer, groups)
    short, long = (int(part) for part in options.rows.split(","))
    trial = [next(source) for _ in range(2000)]
    share = sum(len(one.said) for one in trial) / sum(map(len, trial))
    layout = corpus.Layout(short, long, 0)
    layout.learned = int(layout.size * min(1.0, share * 1.06 + 0.01)) // 64 * 64
    batches = corpus.packed(source, layout, pad)

    def step(params, mean, state, batch, rate, keep):
        (_, each), gradient = jax.value_and_grad(model.loss, has_aux=True)(params, batch, layout.parts, shape)
        params, state = optimiser.update(params, gradient, state, rate)
        mean = jax.tree.map(lambda old, new: keep * old + (1 - keep) * new, mean, params)
        return params, mean, state, each

    step = jax.jit(step)
    log = open(options.out / "log.txt", "a")

    def say(line: str) -> None:
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    def write() -> None:
        model.save(options.out / "weights.npz", mean, shape)
        model.save(options.out / "last.npz", params, shape)
        np.savez(
            options.out / "state.npz", steps=np.asarray(state["steps"]),
            **{f"first:{name}": value for name, value in model.flatten(state["first"]).items()},
            **{f"second:{name}": value for name, value in model.flatten(state["second"]).items()},
        )
        (options.out / "schedule.json").write_text(json.dumps(began) + "\n")

    count = sum(value.size for value in jax.tree.leaves(params))
    say(f"{count / 1e6:.2f} million parameters, {shape}, seed {options.seed}, products by {products}, {len(weights)} abilities, "
        f"mean length {sum(map(len, trial)) / len(trial):.0f}, learned {share:.2f}, "
        f"longer than {corpus.SHORT}: {sum(len(one) for one in trial if len(one) > corpus.SHORT) / sum(map(len, trial)):.2f} of the tokens")

    replayed = json.loads(options.schedule.read_text()) if options.schedule else None
    # The step at which each hundredth began.
    began: list[int] = []
    limit = options.minutes * 60
    last = shown = saved_at = time.time()
    spent = 0.0
    making, seen, first_step = 0.0, 0, True
    sums, counts = np.zeros(256), np.zeros(256)
    while True:
        if replayed:
            now = sum(at <= steps for at in replayed[:-1])
            done, hundredth = steps >= replayed[-1], now - 1
        else:
            part = spent / limit
            done, hundredth = part >= 1, min(int(part * 100), 99)
        if done:
            break
        while len(began) <= hundredth:
            began.append(steps)
        left = 1 - hundredth / 100
        # Up over a hundred steps, level, and down to nothing over the last two thirds.
        rate = options.rate * min(1.0, (steps + 1) / 100) * min(1.0, 1.5 * left)
        at = last = time.time()
        batch = next(batches)
        making += time.time() - at
        group = batch.pop("groups")
        params, mean, state, each = step(params, mean, state, batch, rate, min(0.998, steps / (steps + 20)))
        each = np.asarray(each)
        learned = batch["weights"] > 0
        sums += np.bincount(group[learned], each[learned], 256)
        counts += np.bincount(group[learned], minlength=256)
        seen += int((batch["segments"] >= 0).sum())
        steps += 1
        if first_step:
            # Without the time of compiling.
            first_step, making, seen = False, 0.0, 0
            say(f"compiled in {time.time() - last:.0f} s")
            shown = saved_at = time.time()
        else:
            # A process that was halted goes on where it was.
            spent += min(time.time() - last, STEP_MAX)
        if time.time() - shown > 20 and spent:
            each_group = " ".join(
                f"{ability} {'/'.join(mean_of(sums, counts, groups.get((ability, mode))) for mode in (False, True))}"
                for ability in weights)
            total = sums.sum() / max(1, counts.sum())
            say(f"{spent:6.0f}s step {steps} rate {rate:.1e} {seen / spent:.0f} tokens/s, making {100 * making / spent:.1f} % | "
                f"loss {total:.3f} | {each_group}")
            sums[:], counts[:], shown = 0, 0, time.time()
        if time.time() - saved_at > 300:
            write()
            saved_at = time.time()
    began.append(steps)
    write()
    say(f"done: {steps} steps, {seen / 1e6:.1f} million tokens; too long and left out: {corpus.LEFT_OUT}")


def mean_of(sums, counts, group: int | None) -> str:
    return f"{sums[group] / counts[group]:.2f}" if group is not None and counts[group] else "-"


if __name__ == "__main__":
    main()
