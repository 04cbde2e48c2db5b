"""Qwen3 in JAX, as llama.cpp computes it: norms over queries and keys, rotations of halves, grouped heads,
SwiGLU, and an output layer that is the embedding.

Products are taken in bfloat16 where the processor has AMX; sums and
the residual stream are float32.
"""

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import amx

EPSILON = 1e-6
ROPE_BASE = 10_000.0


@dataclass(frozen=True)
class Shape:
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head: int = 64
    inner: int = 768
    vocabulary: int = 4096
    context: int = 2048

    @classmethod
    def parse(cls, text: str) -> "Shape":
        """From `width=320,layers=6`."""
        return cls(**{name: int(value) for name, value in (part.split("=") for part in text.split(",") if part)})


Params = dict

MATRICES = ("q", "k", "v", "o", "gate", "up", "down")


def initial(shape: Shape, seed: int) -> Params:
    rng = np.random.default_rng(seed)
    deep = 1.0 / np.sqrt(2 * shape.layers)

    def matrix(inputs: int, outputs: int, scale: float = 1.0) -> jax.Array:
        return jnp.asarray(rng.normal(0, scale / np.sqrt(inputs), (inputs, outputs)), jnp.float32)

    out = {
        "embed": jnp.asarray(rng.normal(0, 1 / np.sqrt(shape.width), (shape.vocabulary, shape.width)), jnp.float32),
        "norm": jnp.ones(shape.width),
    }
    queries, keys = shape.heads * shape.head, shape.kv_heads * shape.head
    for at in range(shape.layers):
        out[f"layer{at}"] = {
            "attn_norm": jnp.ones(shape.width),
            "q": matrix(shape.width, queries),
            "k": matrix(shape.width, keys),
            "v": matrix(shape.width, keys),
            "q_norm": jnp.ones(shape.head),
            "k_norm": jnp.ones(shape.head),
            "o": matrix(queries, shape.width, deep),
            "ffn_norm": jnp.ones(shape.width),
            "gate": matrix(shape.width, shape.inner),
            "up": matrix(shape.width, shape.inner),
            "down": matrix(shape.inner, shape.width, deep),
        }
    return out


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def product(turned: bool, a, b):
    """a·b, or a·bᵀ (`turned`); a leading axis, if any, counts products. float32 in and out; the factors, also
    on the way back, are rounded to bfloat16 where `PRODUCTS` says so."""
    return one_product(a, b, int(turned))


def _product_forward(turned, a, b):
    return one_product(a, b, int(turned)), (a, b)


def _product_backward(turned, kept, gradient):
    a, b = kept
    if turned:
        return one_product(gradient, b, 0), one_product(gradient, a, 2)
    return one_product(gradient, b, 1), one_product(a, gradient, 2)


product.defvjp(_product_forward, _product_backward)


def one_product(a, b, turned: int):
    """a·b (0), a·bᵀ (1) or aᵀ·b (2)."""
    m = a.shape[-1] if turned == 2 else a.shape[-2]
    n = b.shape[-2] if turned == 1 else b.shape[-1]
    k = a.shape[-2] if turned == 2 else a.shape[-1]
    if PRODUCTS["kind"] == "amx" and amx.fits(m, n, k):
        return amx.product(a, b, turned)
    last = a.ndim - 1
    over = ((last - 1 if turned == 2 else last,), (last if turned == 1 else last - 1,))
    batch = tuple(range(last - 1))
    if PRODUCTS["kind"] == "float32":
        return jax.lax.dot_general(a, b, (over, (batch, batch)), precision="highest")
    a, b = a.astype(jnp.bfloat16), b.astype(jnp.bfloat16)
    return jax.lax.dot_general(a, b, (over, (batch, batch)), preferred_element_type=jnp.float32)


# How products are taken: "float32", "bfloat16", or "amx" (bfloat16 by amx.cc).
PRODUCTS = {"kind": "float32"}


def choose_products(kind: str) -> str:
    """"auto": by AMX where it is there, else in float32, which other processors do best."""
    if kind == "auto":
        kind = "amx" if amx.available() else "float32"
    elif kind == "amx" and not amx.available():
        raise SystemExit("this machine has no AMX, or amx.cc cannot be built")
    PRODUCTS["kind"] = kind
    return kind


def rms(x, weight):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + EPSILON) * weight


def angles(positions, shape: Shape):
    """Cosines and sines (…, head / 2) of the rotations at `positions`."""
    rates = ROPE_BASE ** (-np.arange(0, shape.head, 2) / shape.head)
    turned = np.arange(shape.context)[:, None] * rates
    # From a table: XLA would reckon them anew wherever they are used.
    both = jnp.asarray(np.concatenate([np.cos(turned), np.sin(turned)], 1), jnp.float32)[positions]
    return both[..., :shape.head // 2], both[..., shape.head // 2:]


def rotate(x, cosines, sines):
    """x: (n, heads, head); halves are the pairs' two numbers, as in NeoX."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    cosines, sines = cosines[:, None], sines[:, None]
    return jnp.concatenate([first * cosines - second * sines, second * cosines + first * sines], -1)


def queries_keys_values(layer, x, cosines, sines, shape: Shape):
    """x: (n, width). Gives (n, heads, head), twice (n, kv_heads, head); keys are rotated."""
    queries, keys = shape.heads * shape.head, shape.kv_heads * shape.head
    normed = rms(x, layer["attn_norm"])
    all_ = product(False, normed, jnp.concatenate([layer["q"], layer["k"], layer["v"]], 1))
    q = all_[:, :queries].reshape(-1, shape.heads, shape.head)
    k = all_[:, queries:queries + keys].reshape(-1, shape.kv_heads, shape.head)
    v = all_[:, queries + keys:].reshape(-1, shape.kv_heads, shape.head)
    q = rotate(rms(q, layer["q_norm"]), cosines, sines)
    k = rotate(rms(k, layer["k_norm"]), cosines, sines)
    return q, k, v


def attend(q, k, v, mask):
    """q: (b, t, heads, head), k, v: (b, s, kv_heads, head), mask: (b, t, s). Gives (b, t, heads * head)."""
    b, t, heads, head = q.shape
    s, kv_heads = k.shape[1:3]
    group = heads // kv_heads
    # Heads that share keys lie one after another along the time axis: one product for each group.
    q = q.reshape(b, t, kv_heads, group, head).transpose(0, 2, 3, 1, 4).reshape(b * kv_heads, group * t, head)
    k = k.transpose(0, 2, 1, 3).reshape(b * kv_heads, s, head)
    v = v.transpose(0, 2, 1, 3).reshape(b * kv_heads, s, head)
    scores = product(True, q * head ** -0.5, k)
    scores = scores.reshape(b, kv_heads, group, t, s)
    scores = jnp.where(mask[:, None, None], scores, -1e9)
    weights = jnp.exp(scores - jax.lax.stop_gradient(scores.max(-1, keepdims=True)))
    weights = weights / weights.sum(-1, keepdims=True)
    out = product(False, weights.reshape(b * kv_heads, group * t, s), v)
    return out.reshape(b, kv_heads, group, t, head).transpose(0, 3, 1, 2, 4).reshape(b, t, heads * head)


def feed_forward(layer, x, shape: Shape):
    both = product(False, rms(x, layer["ffn_norm"]), jnp.concatenate([layer["gate"], layer["up"]], 1))
    return product(False, jax.nn.silu(both[:, :shape.inner]) * both[:, shape.inner:], layer["down"])


def hidden(params: Params, tokens, positions, segments, parts, shape: Shape):
    """tokens, positions, segments: (n,), the rows of each of `parts` (rows, length) one after another. A token
    sees itself and the earlier ones of its segment in its row. Gives (n, width) after the last norm, and
    each layer's keys and values (n, kv_heads, head)."""
    x = params["embed"][tokens]
    cosines, sines = angles(positions, shape)
    places, at = [], 0
    for rows, length in parts:
        of = segments[at:at + rows * length].reshape(rows, length)
        mask = (of[:, :, None] == of[:, None, :]) & jnp.tril(jnp.ones((length, length), bool))
        places.append((slice(at, at + rows * length), (rows, length), mask))
        at += rows * length
    kept = []
    for at in range(shape.layers):
        layer = params[f"layer{at}"]
        q, k, v = queries_keys_values(layer, x, cosines, sines, shape)
        seen = [
            attend(*(value[place].reshape(*rows, -1, shape.head) for value in (q, k, v)), mask)
            .reshape(-1, shape.heads * shape.head)
            for place, rows, mask in places
        ]
        x = x + product(False, jnp.concatenate(seen), layer["o"])
        x = x + feed_forward(layer, x, shape)
        kept.append((k, v))
    return rms(x, params["norm"]), kept


def logits(params: Params, x):
    return product(True, x, params["embed"])


def loss(params: Params, batch, parts, shape: Shape):
    """The mean over the tokens that are to be learned, and each one's (k,).

    batch: tokens, positions, segments (n,); places, targets, weights (k,): what comes after the token at a
    place.
    """
    x, _ = hidden(params, batch["tokens"], batch["positions"], batch["segments"], parts, shape)
    scores = logits(params, x[batch["places"]])
    each = jax.nn.logsumexp(scores, -1) - jnp.take_along_axis(scores, batch["targets"][:, None], -1)[:, 0]
    return (each * batch["weights"]).sum() / batch["weights"].sum(), each


def flatten(params: Params) -> dict[str, np.ndarray]:
    out = {}
    for name, value in params.items():
        if isinstance(value, dict):
            out |= {f"{name}.{part}": np.asarray(inner) for part, inner in value.items()}
        else:
            out[name] = np.asarray(value)
    return out


def unflatten(flat) -> Params:
    out: Params = {}
    for name in flat:
        layer, _, part = name.partition(".")
        if part:
            out.setdefault(layer, {})[part] = jnp.asarray(flat[name])
        else:
            out[name] = jnp.asarray(flat[name])
    return out


def save(path: Path, params: Params, shape: Shape) -> None:
    np.savez(path, shape=json.dumps(asdict(shape)), **flatten(params))


def load(path: Path) -> tuple[Params, Shape]:
    saved = np.load(path)
    shape = Shape(**json.loads(str(saved["shape"])))
    return unflatten({name: saved[name] for name in saved.files if name != "shape"}), shape
