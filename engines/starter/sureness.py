"""How well the model tells what it answers rightly: by the likelihood of the beginning of its answer, and by the agreement
of two short attempts, as `[difficulty.probe]` asks for either.

    python sureness.py --url http://127.0.0.1:8080 [--count 40] [--said FILE]
"""

import argparse
import collections
import json
import math
import re
import unicodedata
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evaluate import ANSWER_MAX, is_right, tasks

TOKENS = (4, 8, 16, 32, 64)
# As `gateway/src/probe.rs` has them.
SEEDS, TEMPERATURE = (1, 2), 0.8


def ask(options, turns, **settings):
    body = {
        "model": options.model,
        "messages": [{"role": role, "content": text} for role, text in turns],
        "reasoning_effort": "low",
    } | settings
    request = urllib.request.Request(
        options.url.rstrip("/") + "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as reply:
        choice = json.load(reply)["choices"][0]
    probabilities = (choice.get("logprobs") or {}).get("content") or []
    return (choice["message"].get("content") or "").strip(), [token["logprob"] for token in probabilities]


def words(text: str) -> list[str]:
    """As `gateway/src/probe/agreement.rs` has them, for the languages of the tasks."""
    text = re.sub(r"(?<=\d)[,'’_](?=\d)", "", text.lower())
    return re.findall(r"[-−]?\d+(?:[.:/]\d+)*[^\W_]*|[^\W_]+", unicodedata.normalize("NFC", text))


def dice(one, other):
    shared = sum((collections.Counter(one) & collections.Counter(other)).values())
    return 2 * shared / (len(one) + len(other)) if one or other else None


def agreement(one: str, other: str, values: bool) -> float:
    one, other = words(one), words(other)
    numbers = [[word for word in said if word.lstrip("-−")[0].isdigit()] for said in (one, other)]
    share = dice(one, other) or 0.0
    return share * (1.0 if not values or dice(*numbers) is None else dice(*numbers))


def area(scores, right) -> float:
    """Of the curve of telling right answers from wrong ones: ties count half."""
    good = [score for score, is_so in zip(scores, right) if is_so]
    bad = [score for score, is_so in zip(scores, right) if not is_so]
    return sum((one > other) + (one == other) / 2 for one in good for other in bad) / max(len(good) * len(bad), 1)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--model", default="device/starter")
    arguments.add_argument("--count", type=int, default=40)
    arguments.add_argument("--said", type=Path, help="every task with what was said, as lines of JSON")
    options = arguments.parse_args()
    all_tasks = tasks(options.count, None)

    def one(task):
        name, example = task
        greedy, logprobs = ask(options, example.turns, temperature=0, max_tokens=ANSWER_MAX, logprobs=True)
        attempts = {
            tokens: [ask(options, example.turns, temperature=TEMPERATURE, seed=seed, max_tokens=tokens)[0] for seed in SEEDS]
            for tokens in TOKENS
        }
        return {"ability": name, "right": is_right(example, greedy), "said": greedy, "logprobs": logprobs, "attempts": attempts}

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(one, all_tasks))
    if options.said:
        options.said.write_text("".join(json.dumps(line) + "\n" for line in told))
    right = [line["right"] for line in told]
    print(f"{len(told)} tasks, {sum(right)} right")
    print("| tokens | likelihood: the mean | the least likely | agreement of words | and of numbers |")
    print("|---|---|---|---|---|")
    for tokens in TOKENS:
        first = [line["logprobs"][:tokens] or [0.0] for line in told]
        columns = [
            [math.exp(sum(some) / len(some)) for some in first],
            [math.exp(min(some)) for some in first],
            [agreement(*line["attempts"][tokens], False) for line in told],
            [agreement(*line["attempts"][tokens], True) for line in told],
        ]
        print(f"| {tokens} | " + " | ".join(f"{area(column, right):.3f}" for column in columns) + " |")
    for tokens in (16, 32):
        for sure in (0.3, 0.5, 0.7, 0.8, 0.9, 1.0):
            some = [agreement(*line["attempts"][tokens], True) >= sure for line in told]
            counts = [[is_so for is_so, sides in zip(right, some) if sides is side] for side in (True, False)]
            shares = [f"{len(count)} ({100 * sum(count) / max(len(count), 1):.1f}% right)" for count in counts]
            print(f"{tokens} tokens, sure = {sure}: sure of {shares[0]}, unsure of {shares[1]}")


if __name__ == "__main__":
    main()
