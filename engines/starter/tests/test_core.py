"""Rendering, packing, products and the decoder: python -m pytest tests/test_core.py"""

import json
import random
import sys
from pathlib import Path

import jinja2
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import corpus  # noqa: E402
import model  # noqa: E402
import tokenizer as tokens  # noqa: E402
from abilities.common import choose, is_held  # noqa: E402


def rendered(turns, deliberate):
    template = jinja2.Environment().from_string((ROOT / "chat.jinja").read_text())
    messages = [{"role": role, "content": text} for role, text in turns]
    return template.render(messages=messages, add_generation_prompt=True, enable_thinking=deliberate)


@pytest.fixture(scope="module")
def tokenizer():
    return tokens.train(corpus.texts(random.Random(5), False, 1500), 1024)


def test_the_corpus_renders_as_the_template_does():
    rng = random.Random(3)
    for _ in range(300):
        sample = corpus.draw(rng, False, corpus.weights_of())
        assert sample.prompt() == rendered(sample.turns, sample.deliberate)


def test_the_template_shows_tools():
    template = jinja2.Environment().from_string((ROOT / "chat.jinja").read_text())
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    text = template.render(messages=[{"role": "user", "content": "Rain?"}], tools=tools, add_generation_prompt=True)
    assert json.dumps(tools[0], sort_keys=True) in text and text.endswith("<|im_start|>assistant\n<think>\n")


def test_any_text_comes_back(tokenizer):
    for text in ("What is 17 + 25?", "  two\n\n\nlines\t", "Zürich, 雨 and 🙂", "".join(map(chr, range(32, 127)))):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert len(tokenizer.encode("4096").ids) == 4
    assert len(tokenizer.encode("<|im_start|><think></think><|im_end|>").ids) == 4


def test_every_example_is_learned_after_its_own_prompt(tokenizer):
    layout = corpus.Layout(6, 2, 1024)
    pad = tokenizer.token_to_id("<|endoftext|>")
    source = corpus.encoded(random.Random(4), False, corpus.weights_of(), tokenizer, {})
    batches = corpus.packed(source, layout, pad)
    end = tokenizer.token_to_id("<|im_end|>")
    for _ in range(5):
        batch = next(batches)
        assert (batch["segments"] >= 0).mean() > 0.85
        assert (batch["targets"][batch["weights"] > 0] == end).sum() > 8
        for place, target, weight in zip(batch["places"], batch["targets"], batch["weights"]):
            if not weight or target == end:
                continue
            # The token that is learned stands right after, in the same segment.
            assert batch["tokens"][place + 1] == target
            assert batch["segments"][place + 1] == batch["segments"][place]
            assert batch["positions"][place + 1] == batch["positions"][place] + 1


def test_neighbours_in_a_row_are_not_seen():
    shape = model.Shape(width=64, layers=2, heads=2, kv_heads=1, head=32, inner=96, vocabulary=64, context=256)
    model.choose_products("float32")
    params = model.initial(shape, 1)
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 64, 20), rng.integers(0, 64, 12)
    row = np.concatenate([other, one]).astype(np.int32)
    positions = np.concatenate([np.arange(12), np.arange(20)])
    segments = np.concatenate([np.zeros(12), np.ones(20)]).astype(np.int32)
    beside, _ = model.hidden(params, row, positions, segments, ((1, 32),), shape)
    alone, _ = model.hidden(params, one, np.arange(20), np.zeros(20, np.int32), ((1, 20),), shape)
    assert np.allclose(beside[12:], alone, atol=1e-4)


@pytest.mark.skipif("amx_bf16" not in Path("/proc/cpuinfo").read_text(), reason="the processor has no AMX")
def test_products_by_tiles_are_right():
    import amx

    assert amx.available()
    rng = np.random.default_rng(1)
    for lead in ((), (3,)):
        for m, n, k in ((32, 64, 96), (160, 32, 1056), (64, 96, 32)):
            a, b = (rng.normal(size=(*lead, *size)).astype(np.float32) for size in ((m, k), (k, n)))
            right = a @ b
            turn = lambda x: np.ascontiguousarray(np.swapaxes(x, -1, -2))
            for got in (amx.product(a, b, 0), amx.product(a, turn(b), 1), amx.product(turn(a), b, 2)):
                assert np.abs(got - right).max() < 0.01 * np.abs(right).max()


def test_what_is_held_is_never_drawn():
    items = [f"wording {number}" for number in range(40)]
    rng = random.Random(1)
    assert all(is_held(choose(rng, items, True)) and not is_held(choose(rng, items, False)) for _ in range(500))
