"""The network, in JAX: what `src/inspect/tagger/network.rs` computes, and its losses.

A token is the sum of its hashed features' rows. Four convolutions see its neighbours; a linear head tags it.
Windows of 64 tokens are pooled (greatest and mean) for the private-or-not, topic and language heads.
"""

import jax
import jax.numpy as jnp
import numpy as np

from generate import LANGUAGE_CLASSES, TOPICS
from text import WINDOW

WIDTH, HIDDEN, POOL, MIXED = 32, 64, 96, 64
TAGS = 7
SENSES = 17
OUTPUTS = 1 + len(TOPICS)
DILATIONS = (1, 2, 4, 8)


def initial(seed):
    """Dense parameters."""
    rng = np.random.default_rng(seed)

    def matrix(*shape):
        fan = int(np.prod(shape[:-1]))
        return jnp.asarray(rng.normal(0, np.sqrt(2.0 / fan), shape), jnp.float32)

    out = {}
    for at, _ in enumerate(DILATIONS):
        out[f"conv{at}"] = matrix(3, WIDTH if at == 0 else HIDDEN, HIDDEN)
        out[f"conv{at}_bias"] = jnp.zeros(HIDDEN)
    out["tag"] = matrix(HIDDEN, TAGS) * 0.5
    out["tag_bias"] = jnp.zeros(TAGS)
    out["sense"] = matrix(HIDDEN, SENSES) * 0.5
    out["sense_bias"] = jnp.zeros(SENSES)
    out["pool"] = matrix(HIDDEN, POOL)
    out["pool_bias"] = jnp.zeros(POOL)
    out["mix"] = matrix(2 * POOL, MIXED)
    out["mix_bias"] = jnp.zeros(MIXED)
    out["out"] = matrix(MIXED, OUTPUTS) * 0.5
    out["out_bias"] = jnp.zeros(OUTPUTS)
    out["language"] = matrix(HIDDEN, len(LANGUAGE_CLASSES)) * 0.5
    out["language_bias"] = jnp.zeros(len(LANGUAGE_CLASSES))
    return out


def shifted(values, by):
    """values[:, t + by], zero outside."""
    if by == 0:
        return values
    pad = jnp.zeros_like(values[:, :abs(by)])
    return jnp.concatenate([values[:, by:], pad], 1) if by > 0 else jnp.concatenate([pad, values[:, :by]], 1)


def dropped(key, values, share, shape=None):
    if key is None or share == 0:
        return values
    keep = jax.random.bernoulli(key, 1 - share, shape or values.shape)
    return jnp.where(keep, values / (1 - share), 0)


def forward(params, tokens, mask, starts, lengths, key=None):
    """tokens: (n, l, WIDTH); mask (n, l); starts, lengths (n, w) of the windows.

    Gives tag logits (n, l, 7), outputs (n, w, 10), language logits (n, w, 17).
    """
    keys = jax.random.split(key, 4) if key is not None else [None] * 4
    hidden = dropped(keys[0], tokens, 0.15, tokens.shape[:2] + (1,))
    hidden = dropped(keys[1], hidden, 0.1)
    first = None
    for at, dilation in enumerate(DILATIONS):
        wide = jnp.concatenate([shifted(hidden, -dilation), hidden, shifted(hidden, dilation)], -1)
        weights = params[f"conv{at}"].reshape(-1, HIDDEN)
        new = jax.nn.relu(wide @ weights + params[f"conv{at}_bias"]) * mask[..., None]
        hidden = new if at == 0 else hidden + new
        if at == 0:
            first = new
    tags = hidden @ params["tag"] + params["tag_bias"]
    pooled = jax.nn.relu(hidden @ params["pool"] + params["pool_bias"]) * mask[..., None]
    places = starts[..., None] + jnp.arange(WINDOW)
    inside = (jnp.arange(WINDOW) < lengths[..., None])[..., None]
    places = jnp.minimum(places, tokens.shape[1] - 1)
    take = jax.vmap(lambda values, index: values[index])
    window = jnp.where(inside, take(pooled, places), 0)
    count = jnp.maximum(lengths, 1)[..., None].astype(jnp.float32)
    features = jnp.concatenate([window.max(2), window.sum(2) / count], -1)
    features = dropped(keys[2], features, 0.25)
    mixed = dropped(keys[3], jax.nn.relu(features @ params["mix"] + params["mix_bias"]), 0.2)
    outputs = mixed @ params["out"] + params["out_bias"]
    mean = jnp.where(inside, take(first, places), 0).sum(2) / count
    language = mean @ params["language"] + params["language_bias"]
    senses = hidden @ params["sense"] + params["sense_bias"] if "sense" in params else None
    return tags, outputs, language, senses


def binary(logits, labels):
    return jnp.maximum(logits, 0) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits)))


def loss(params, unique, batch, key):
    """The sum of the heads' losses."""
    tokens = unique[batch["tokens"]] * batch["mask"][..., None]
    tags, outputs, language, senses = forward(params, tokens, batch["mask"], batch["starts"], batch["lengths"], key)
    mean = lambda values, weights: (values * weights).sum() / jnp.maximum(weights.sum(), 1.0)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(tags), batch["tags"][..., None], -1)[..., 0]
    tag_loss = -mean(chosen, batch["tag_weight"])
    private = outputs[..., 0]
    # A little smoothing keeps the logits of both classes on one scale.
    smooth = batch["private"] * 0.96 + 0.02
    private_loss = mean(binary(private, smooth), batch["private_weight"])
    best = jnp.where(batch["lengths"] > 0, private, -30.0).max(1)
    document_loss = mean(binary(best, 0.98), batch["document_weight"])
    topic_loss = mean(binary(outputs[..., 1:], batch["topics"]), batch["topic_weight"])
    said = jnp.take_along_axis(jax.nn.log_softmax(language), batch["language"][..., None], -1)[..., 0]
    language_loss = -mean(said, batch["language_weight"])
    meant = jnp.take_along_axis(jax.nn.log_softmax(senses), batch["senses"][..., None], -1)[..., 0]
    sense_loss = -mean(meant, batch["sense_weight"])
    total = 0.5 * sense_loss + 1.0 * private_loss + 0.6 * document_loss + 1.2 * tag_loss + 1.0 * topic_loss + 0.3 * language_loss
    return total, (private_loss, document_loss, tag_loss, topic_loss, language_loss, sense_loss)
