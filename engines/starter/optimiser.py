"""Muon for the layers' matrices, Adam for the embedding and the norms.

Muon (https://kellerjordan.github.io/posts/muon/): a matrix's step is its momentum made orthogonal by five
Newton-Schulz iterations.
"""

import jax
import jax.numpy as jnp

from model import MATRICES, Params

MOMENTUM = 0.95
ADAM = 0.9, 0.98
DECAY = 0.02
CLIP = 1.0


def is_matrix(path) -> bool:
    return path[-1].key in MATRICES


def initial(params: Params):
    zeros = jax.tree.map(jnp.zeros_like, params)
    second = jax.tree_util.tree_map_with_path(
        lambda path, value: jnp.zeros(()) if is_matrix(path) else jnp.zeros_like(value), params)
    return {"first": zeros, "second": second, "steps": jnp.zeros((), jnp.int32)}


def orthogonal(momentum):
    """momentum: (many, a, b) with a <= b."""
    x = momentum / (jnp.sqrt((momentum * momentum).sum((1, 2), keepdims=True)) + 1e-7)
    x = x.astype(jnp.bfloat16)

    def product(a, b, on):
        return jax.lax.dot_general(a, b, (((2,), (on,)), ((0,), (0,))), preferred_element_type=jnp.float32)

    for _ in range(5):
        square = product(x, x, 2).astype(jnp.bfloat16)
        mixed = -4.7750 * square + 2.0315 * product(square, square, 2)
        x = (3.4445 * x + product(mixed.astype(jnp.bfloat16), x, 1)).astype(jnp.bfloat16)
    return x.astype(jnp.float32)


def update(params: Params, gradient: Params, state, rate):
    """`rate`: Adam's. Gives the new parameters and state."""
    size = jnp.sqrt(sum((value * value).sum() for value in jax.tree.leaves(gradient)))
    gradient = jax.tree.map(lambda value: value * jnp.minimum(1.0, CLIP / (size + 1e-6)), gradient)
    steps = state["steps"] + 1
    paths, tree = jax.tree_util.tree_flatten_with_path(params)
    names = [path for path, _ in paths]
    values = [value for _, value in paths]
    gradients = jax.tree.leaves(gradient)
    firsts, seconds = jax.tree.leaves(state["first"]), jax.tree.leaves(state["second"])
    out, first_out, second_out = list(values), list(firsts), list(seconds)
    alike: dict[tuple, list[int]] = {}
    for at, path in enumerate(names):
        if is_matrix(path):
            first_out[at] = MOMENTUM * firsts[at] + gradients[at]
            alike.setdefault(tuple(sorted(values[at].shape)), []).append(at)
            continue
        first_out[at] = ADAM[0] * firsts[at] + (1 - ADAM[0]) * gradients[at]
        second_out[at] = ADAM[1] * seconds[at] + (1 - ADAM[1]) * gradients[at] ** 2
        mean = first_out[at] / (1 - ADAM[0] ** steps)
        spread = jnp.sqrt(second_out[at] / (1 - ADAM[1] ** steps))
        out[at] = values[at] - rate * mean / (spread + 1e-8)
    for places in alike.values():
        wide = [values[at].shape[0] <= values[at].shape[1] for at in places]
        # Nesterov's look ahead.
        ahead = [gradients[at] + MOMENTUM * first_out[at] for at in places]
        made = orthogonal(jnp.stack([x if lies else x.T for x, lies in zip(ahead, wide)]))
        for at, step, lies in zip(places, made, wide):
            # The step's entries have Adam's usual size.
            scale = 0.2 * max(step.shape) ** 0.5
            out[at] = values[at] * (1 - rate * DECAY) - rate * scale * (step if lies else step.T)
    new = jax.tree.unflatten(tree, out)
    return new, {"first": jax.tree.unflatten(tree, first_out), "second": jax.tree.unflatten(tree, second_out), "steps": steps}
