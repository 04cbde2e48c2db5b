#!/usr/bin/env python3
"""The model in the process beside llama-server, with the same weights, threads, slots and context, in one run.

    tests/bench/device.py --gateway target/release/hearthgate --tiny target/release/examples/tiny_gguf \
        [--llama-server PATH | --build DIR] [--weights q8] [--rounds 3]

Both are driven over HTTP, in turn, round by round, so that a noisy neighbour hits both; figures are medians. `--build` fetches the
source package of llama-cpp-python into DIR and builds llama-server from the llama.cpp in it. Only the standard library is used.
"""

import argparse
import http.client
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SLOTS, CONTEXT = 8, 4096
# The shape of Qwen3-0.6B, with random weights.
SHAPE = ["--arch", "qwen3", "--layers", "28", "--embedding", "1024", "--heads", "16", "--kv-heads", "8", "--feed-forward", "3072",
         "--vocabulary", "151936", "--context", "40960"]
# The marks that end a turn in the vocabulary of tiny models, banned so that all answers have the length asked for.
ENDS = {"279": -100, "281": -100}
SDIST = "llama-cpp-python==0.3.36"
WORDS = "river stone lamp garden winter letter bread window copper music silver harbour market feather orange thunder".split()


class Side:
    """A server under test."""

    def __init__(self, name, port, process, path, extra):
        self.name, self.port, self.process, self.path, self.extra = name, port, process, path, extra

    def ask(self, prompt, tokens, seen=None):
        """Streams an answer; times of its chunks since the request, and the tokens used."""
        body = {"model": "auto", "messages": [{"role": "user", "content": prompt}], "max_tokens": tokens, "stream": True,
                "stream_options": {"include_usage": True}, "logit_bias": ENDS, "seed": 1} | self.extra
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        begun = time.perf_counter()
        connection.request("POST", self.path, json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{self.name}: {answer.status} {answer.read()[:300]}")
        times, usage = [], {}
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            usage = event.get("usage") or usage
            delta = (event.get("choices") or [{}])[0].get("delta", {})
            if delta.get("content") or delta.get("reasoning_content"):
                times.append(time.perf_counter() - begun)
                if seen:
                    seen()
        return times, usage

    def peak_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) // 1024


def prompt(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


def together(side, prompts, tokens):
    """All at once: tokens per second, and the times to the first token."""
    results, faults = [None] * len(prompts), []

    def one(at):
        try:
            results[at] = side.ask(prompts[at], tokens)
        except Exception as fault:
            faults.append(fault)

    begun = time.perf_counter()
    threads = [threading.Thread(target=one, args=(at,)) for at in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    wall = time.perf_counter() - begun
    made = sum(usage["completion_tokens"] for _, usage in results)
    return made / wall, statistics.median(times[0] for times, _ in results)


def gap(side, rng, long_words):
    """The longest wait of three running answers for their next token while a long prompt is read."""
    marks, arrived = [[] for _ in range(3)], threading.Barrier(4)

    def stream(at):
        first = []

        def seen():
            marks[at].append(time.perf_counter())
            if not first:
                first.append(1)
                arrived.wait()

        side.ask(prompt(random.Random(at), 20), 220, seen)

    threads = [threading.Thread(target=stream, args=(at,), daemon=True) for at in range(3)]
    for thread in threads:
        thread.start()
    arrived.wait()
    while any(len(times) < 8 for times in marks):
        time.sleep(0.001)
    begun = time.perf_counter()
    side.ask(prompt(rng, long_words), 1)
    ended = time.perf_counter()
    for thread in threads:
        thread.join()
    waits = [b - a for times in marks for a, b in zip(times, times[1:]) if b > begun and a < ended]
    return max(waits, default=0.0)


def start(command, port, path, extra, name, log, environment):
    process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment)
    side = Side(name, port, process, path, extra)
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}; see {log.name}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz" if name == "hearthgate" else "/health")
            if connection.getresponse().status == 200:
                return side
        except OSError:
            pass
        time.sleep(0.5)
    raise RuntimeError(f"{name} is not ready after five minutes; see {log.name}")


def build(folder):
    """llama-server from the llama.cpp in the source package of llama-cpp-python."""
    folder.mkdir(parents=True, exist_ok=True)
    run = lambda *command: subprocess.run(command, check=True, cwd=folder)
    if not list(folder.glob("llama_cpp_python-*.tar.gz")):
        run(sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-python", SDIST)
    run("sh", "-c", "tar xzf llama_cpp_python-*.tar.gz")
    source = next(folder.glob("llama_cpp_python-*/vendor/llama.cpp"))
    # For the processors that ours is built for (.cargo/config.toml), so that servers are compared and not instruction sets.
    flags = [f"-DCMAKE_{language}_FLAGS=-march=x86-64-v3" for language in ("C", "CXX")] if os.uname().machine == "x86_64" else []
    run("cmake", "-S", str(source), "-B", "build", "-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_CURL=OFF", "-DLLAMA_BUILD_TESTS=OFF",
        "-DGGML_NATIVE=OFF", *flags)
    run("cmake", "--build", "build", "--target", "llama-server", "-j", str(os.cpu_count()))
    return folder / "build" / "bin" / "llama-server"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--gateway", required=True)
    arguments.add_argument("--tiny", help="the example `tiny_gguf`, which writes the model")
    arguments.add_argument("--model", help="a model that is there already")
    arguments.add_argument("--weights", default="q8")
    arguments.add_argument("--llama-server")
    arguments.add_argument("--build", type=Path)
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--tokens", type=int, default=48)
    arguments.add_argument("--concurrency", default="1,4,8")
    arguments.add_argument("--only", default="short,shared,gap", help="of short prompts, shared beginnings and the longest gap, these")
    arguments.add_argument("--prefix-words", type=int, default=190, help="some 1,000 tokens of a tiny model's vocabulary")
    arguments.add_argument("--long-words", type=int, default=380, help="some 2,000 tokens")
    options = arguments.parse_args()
    only = options.only.split(",")
    folder = Path(tempfile.mkdtemp(prefix="hearthgate-device-"))
    model = options.model or str(folder / "model.gguf")
    if not options.model:
        subprocess.run([options.tiny, model, *SHAPE, "--weights", options.weights], check=True)
    server = options.llama_server or (options.build and str(build(options.build)))
    (folder / "policy.toml").write_text('[[route]]\nname = "home"\nto = ["device/*"]\neffort = "quick"\n')
    (folder / "gateway.toml").write_text(
        f'[server]\nlisten = "127.0.0.1:18080"\nadmin_listen = "127.0.0.1:18090"\n[[model]]\nname = "model"\nsource = "path:{model}"\n'
        f"slots = {SLOTS}\ncontext_tokens = {CONTEXT}\nthreads = {options.threads}\n[policy]\nfile = \"policy.toml\"\n")
    # The record of decisions goes with the rest of the run.
    passive = {"OMP_WAIT_POLICY": "passive", "XDG_STATE_HOME": str(folder)}
    ours = [options.gateway, "serve", "--config", str(folder / "gateway.toml")]
    theirs = [server, "-m", model, "--parallel", str(SLOTS), "-c", str(SLOTS * CONTEXT), "-t", str(options.threads), "-tb",
              str(options.threads), "--port", "18081", "--jinja", "--no-webui", "--reasoning-budget", "0"]
    sides = [start(ours, 18080, "/v1/chat/completions", {"reasoning_effort": "low"}, "hearthgate",
                   open(folder / "gateway.log", "wb"), passive)]
    print("hearthgate:", " ".join(ours), flush=True)
    if server:
        sides.append(start(theirs, 18081, "/v1/chat/completions", {}, "llama-server", open(folder / "server.log", "wb"), passive))
        print("llama-server:", " ".join(theirs), flush=True)
    print("both: OMP_WAIT_POLICY=passive", flush=True)
    figures = {}
    try:
        for side in sides:
            side.ask("warm", 4)
        for round_ in range(options.rounds):
            for many in map(int, options.concurrency.split(",")):
                for side in sides if round_ % 2 == 0 else sides[::-1]:
                    rng = random.Random(f"{round_} {many}")
                    if "short" in only:
                        speed, first = together(side, [prompt(rng, 20) for _ in range(many)], options.tokens)
                        note(figures, side, f"tokens/s, {many} at once", speed)
                        note(figures, side, f"first token (s), {many} at once, 20 words", first)
                    if "shared" not in only:
                        continue
                    shared = prompt(rng, options.prefix_words)
                    speed, first = together(side, [f"{shared} {prompt(rng, 5)}" for _ in range(many)], options.tokens)
                    note(figures, side, f"tokens/s, {many} at once, {options.prefix_words} words shared, cold", speed)
                    note(figures, side, f"first token (s), {many} at once, {options.prefix_words} words shared, cold", first)
                    speed, first = together(side, [f"{shared} {prompt(rng, 5)}" for _ in range(many)], options.tokens)
                    note(figures, side, f"tokens/s, {many} at once, {options.prefix_words} words shared, read before", speed)
                    note(figures, side, f"first token (s), {many} at once, {options.prefix_words} words shared, read before", first)
            for side in sides if "gap" in only else []:
                rng = random.Random(f"gap {round_}")
                note(figures, side, f"longest gap (s) of 3 answers while {options.long_words} words arrive", gap(side, rng, options.long_words))
        for side in sides:
            note(figures, side, "peak memory (MB)", side.peak_mb())
    finally:
        for side in sides:
            side.process.terminate()
    print(f"| what | {' | '.join(side.name for side in sides)} | ratio, median of rounds |\n|---|{'---|' * (len(sides) + 1)}")
    for what, by_side in figures.items():
        cells = [f"{statistics.median(by_side[side.name]):.2f} ({min(by_side[side.name]):.2f} to {max(by_side[side.name]):.2f})" for side in sides]
        ratio = ""
        if len(sides) == 2:
            ratios = sorted(a / b for a, b in zip(by_side["hearthgate"], by_side["llama-server"]))
            ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {what} | {' | '.join(cells)} | {ratio} |")


def note(figures, side, what, value):
    figures.setdefault(what, {}).setdefault(side.name, []).append(value)
    print(f"{side.name}: {what}: {value:.2f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
