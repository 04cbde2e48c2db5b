"""Asks what is held out, quick and deliberate, and counts what is right.

    python evaluate.py --from DIR [--count 100]                    the weights in DIR, or --gguf FILE, in JAX
    python evaluate.py --url http://127.0.0.1:8080 [--out FILE]    a gateway; FILE gets the table of docs/starter.md
    python evaluate.py --url … --gguf FILE --from DIR              both, and how often they say the same to the letter
"""

import argparse
import json
import random
import re
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from abilities import ABILITIES, Example
from corpus import render

SEED = 77
ANSWER_MAX, THOUGHT_MAX = 96, 192
ROWS = 32


def tasks(count: int, only: list[str] | None) -> list[tuple[str, Example]]:
    out = []
    for name in only or ABILITIES:
        rng = random.Random(f"{SEED} {name}")
        out += [(name, ABILITIES[name](rng, True)) for _ in range(count)]
    return out


def plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".!? ")


def is_right(example: Example, said: str) -> bool:
    if example.exact:
        return said.strip() == example.answer
    if plain(said) == plain(example.answer):
        return True
    for other in example.accept:
        if other.startswith("re:"):
            if re.search(other[3:], said.strip(), re.IGNORECASE | re.DOTALL):
                return True
        elif plain(said) == plain(other):
            return True
    return False


def apart(said: str) -> tuple[str, str]:
    """Thought and answer of what was said after an opened thought."""
    thought, mark, answer = said.partition("</think>")
    return (thought.strip(), answer.strip()) if mark else (said.strip(), "")


class Decoder:
    """Greedy answers of the model in JAX, many rows at once."""

    def __init__(self, params, shape, tokenizer):
        import jax
        import jax.numpy as jnp
        import numpy as np

        import model

        self.np, self.tokenizer = np, tokenizer
        self.end = tokenizer.token_to_id("<|im_end|>")
        self.shape = shape
        self.length = 512

        def run(cache, tokens, starts, many):
            """tokens: (rows, many) at the places from `starts` on. Gives the next tokens after each and the cache."""
            rows = tokens.shape[0]
            places = starts[:, None] + jnp.arange(many)
            x = params["embed"][tokens.reshape(-1)]
            cosines, sines = model.angles(places.reshape(-1), shape)
            mask = jnp.arange(self.length) <= places[:, :, None]
            out = []
            for at in range(shape.layers):
                layer = params[f"layer{at}"]
                q, k, v = model.queries_keys_values(layer, x, cosines, sines, shape)
                k, v = (new.reshape(rows, many, *new.shape[1:]) for new in (k, v))
                put = jax.vmap(lambda old, new, start: jax.lax.dynamic_update_slice(old, new, (start, 0, 0)))
                keys, values = put(cache[at][0], k, starts), put(cache[at][1], v, starts)
                seen = model.attend(q.reshape(rows, many, shape.heads, shape.head), keys, values, mask)
                x = x + model.product(False, seen.reshape(rows * many, -1), layer["o"])
                x = x + model.feed_forward(layer, x, shape)
                out.append((keys, values))
            return model.logits(params, model.rms(x, params["norm"])).reshape(rows, many, -1), out

        def first(tokens, sizes):
            empty = jnp.zeros((tokens.shape[0], self.length, shape.kv_heads, shape.head))
            cache = [(empty, empty) for _ in range(shape.layers)]
            scores, cache = run(cache, tokens, jnp.zeros(tokens.shape[0], jnp.int32), tokens.shape[1])
            last = jnp.take_along_axis(scores, (sizes - 1)[:, None, None], 1)[:, 0]
            return last.argmax(-1), cache

        def next_(cache, tokens, starts):
            scores, cache = run(cache, tokens[:, None], starts, 1)
            return scores[:, 0].argmax(-1), cache

        self.first, self.next = jax.jit(first), jax.jit(next_, donate_argnums=0)

    def answers(self, prompts: list[str], most: int) -> list[str]:
        np = self.np
        encoded = [one.ids for one in self.tokenizer.encode_batch(prompts)]
        order = sorted(range(len(prompts)), key=lambda at: len(encoded[at]))
        said: dict[int, str] = {}
        for start in range(0, len(order), ROWS):
            some = order[start:start + ROWS]
            rows = [encoded[at] for at in some] + [[self.end]] * (ROWS - len(some))
            width = -(-max(map(len, rows)) // 64) * 64
            tokens = np.zeros((ROWS, width), np.int32)
            for at, ids in enumerate(rows):
                tokens[at, :len(ids)] = ids
            sizes = np.asarray([len(ids) for ids in rows], np.int32)
            new, cache = self.first(tokens, sizes)
            out, done = [[] for _ in rows], np.arange(ROWS) >= len(some)
            for _ in range(min(most, self.length - width - 1)):
                new = np.asarray(new)
                for at, token in enumerate(new):
                    if token == self.end:
                        done[at] = True
                    elif not done[at]:
                        out[at].append(int(token))
                if done.all():
                    break
                new, cache = self.next(cache, new, sizes)
                sizes = sizes + 1
            for at, ids in zip(some, out):
                said[at] = self.tokenizer.decode(ids, skip_special_tokens=False)
        return [said[at] for at in range(len(prompts))]


def by_weights(options, all_tasks) -> dict[bool, list[tuple[str, str]]]:
    import export
    import model
    import tokenizer as tokens

    model.choose_products("float32")
    params, shape = export.read(options.gguf) if options.gguf else model.load(options.source / options.weights)
    decoder = Decoder(params, shape, tokens.load(options.source / "tokenizer.json"))
    out = {}
    for deliberate in (False, True):
        prompts = [render(example.turns, deliberate) for _, example in all_tasks]
        said = decoder.answers(prompts, ANSWER_MAX + deliberate * THOUGHT_MAX)
        out[deliberate] = [apart(text) if deliberate else ("", text.strip()) for text in said]
    return out


def ask(url: str, model_name: str, turns: list[tuple[str, str]], deliberate: bool) -> tuple[str, str]:
    body = {
        "model": model_name,
        "messages": [{"role": role, "content": text} for role, text in turns],
        "reasoning_effort": "high" if deliberate else "low",
        "temperature": 0,
        "max_tokens": ANSWER_MAX + deliberate * THOUGHT_MAX,
    }
    request = urllib.request.Request(
        url.rstrip("/") + "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as reply:
        message = json.load(reply)["choices"][0]["message"]
    return (message.get("reasoning_content") or "").strip(), (message.get("content") or "").strip()


def by_gateway(options, all_tasks) -> dict[bool, list[tuple[str, str]]]:
    with ThreadPoolExecutor(4) as pool:
        return {
            deliberate: list(pool.map(
                lambda task: ask(options.url, options.model, task[1].turns, deliberate), all_tasks))
            for deliberate in (False, True)
        }


def compare(all_tasks, first, second) -> None:
    """How often two ways say the same, thoughts included, and where they do not."""
    for deliberate in (False, True):
        pairs = list(zip(all_tasks, first[deliberate], second[deliberate]))
        differ = [pair for pair in pairs if pair[1] != pair[2]]
        print(f"{'deliberate' if deliberate else 'quick'}: {len(pairs) - len(differ)} of {len(pairs)} the same")
        for (name, example), one, other in differ[:8]:
            print(f"  [{name}] {example.turns[-1][1]!r}\n    gateway {one}\n    JAX     {other}")


def table(all_tasks, said) -> str:
    lines = ["| Ability | Tasks | Quick | Deliberate |", "|---|---:|---:|---:|"]
    names = list(dict.fromkeys(name for name, _ in all_tasks))
    sums = {False: 0, True: 0}
    for name in names:
        rows = [at for at, (of, _) in enumerate(all_tasks) if of == name]
        cells = []
        for deliberate in (False, True):
            right = sum(is_right(all_tasks[at][1], said[deliberate][at][1]) for at in rows)
            sums[deliberate] += right
            cells.append(f"{100 * right / len(rows):.0f} %")
        lines.append(f"| {name} | {len(rows)} | {cells[0]} | {cells[1]} |")
    cells = [f"{100 * sums[deliberate] / len(all_tasks):.0f} %" for deliberate in (False, True)]
    lines.append(f"| **all** | {len(all_tasks)} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--from", dest="source", type=Path)
    arguments.add_argument("--weights", default="weights.npz")
    arguments.add_argument("--gguf", type=Path, help="the weights as they are stored; the tokeniser from --from")
    arguments.add_argument("--url")
    arguments.add_argument("--model", default="device/starter")
    arguments.add_argument("--count", type=int, default=100)
    arguments.add_argument("--only", help="abilities, by commas")
    arguments.add_argument("--out", type=Path, help="the table")
    arguments.add_argument("--said", type=Path, help="every task with what was said, as lines of JSON")
    arguments.add_argument("--labelled", type=Path, help="every task quick, as lines for `hearthgate calibrate --table`")
    arguments.add_argument("--wrong", type=int, default=0, help="print as many wrong answers per ability and mode")
    options = arguments.parse_args()
    all_tasks = tasks(options.count, options.only.split(",") if options.only else None)
    begun = time.time()
    said = by_gateway(options, all_tasks) if options.url else by_weights(options, all_tasks)
    if options.url and options.gguf:
        compare(all_tasks, said, by_weights(options, all_tasks))
    made = table(all_tasks, said)
    print(made, f"{time.time() - begun:.0f} s")
    if options.out:
        options.out.write_text(made)
    if options.said:
        with open(options.said, "w") as out:
            for deliberate in (False, True):
                for (name, example), (thought, answer) in zip(all_tasks, said[deliberate]):
                    out.write(json.dumps({
                        "ability": name, "deliberate": deliberate, "turns": example.turns, "expected": example.answer,
                        "thought": thought, "said": answer, "right": is_right(example, answer)}) + "\n")
    if options.labelled:
        with open(options.labelled, "w") as out:
            for at, ((name, example), (_, answer)) in enumerate(zip(all_tasks, said[False])):
                messages = [{"role": role, "content": text} for role, text in example.turns]
                right = is_right(example, answer)
                out.write(json.dumps({"id": f"{name} {at}", "messages": messages, "local": right}) + "\n")
    for name in dict.fromkeys(name for name, _ in all_tasks) if options.wrong else ():
        for deliberate in (False, True):
            wrong = [at for at, (of, example) in enumerate(all_tasks)
                     if of == name and not is_right(example, said[deliberate][at][1])]
            for at in wrong[:options.wrong]:
                example, (thought, answer) = all_tasks[at][1], said[deliberate][at]
                print(f"[{name}, {'deliberate' if deliberate else 'quick'}] {example.turns[-1][1]!r}: "
                      f"{example.answer!r} was expected, {answer!r} said" + (f" after {thought!r}" if thought else ""))


if __name__ == "__main__":
    main()
