# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Activation functions: the entry's examples, run
#
# The encyclopedia entry on activation functions shows two code examples and makes claims. This
# notebook runs the examples with `jaxact` and looks at each claim with a derivative, a picture
# or the results of the study in `experiments/results/compare_digits`.

# %%
import pathlib

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import pandas as pd

import jaxact

# %matplotlib inline
# %config InlineBackend.figure_formats = ["svg"]
jnp.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# ## Comparing activations
#
# The first example: five activations at seven points.

# %%
x = jnp.linspace(-3, 3, 7)
activations = {
    "ReLU": jaxact.relu,
    "LeakyReLU": jaxact.get("leaky_relu", negative_slope=0.01),
    "GELU": jaxact.gelu_exact,
    "Sigmoid": jaxact.sigmoid,
    "Tanh": jaxact.tanh,
}
pd.DataFrame({name: f(x) for name, f in activations.items()}, index=x.tolist()).round(3).T

# %% [markdown]
# An activation is a plain function, so `jax.grad` gives its slope, and `jax.vmap` the slope at
# many points.

# %%
points = jnp.linspace(-4, 4, 401)
figure, (values, slopes) = plt.subplots(1, 2, figsize=(10, 3.6), sharex=True)
dashes = dict(zip(activations, ["-", "--", "-", "-", "-"], strict=True))
for name, f in activations.items():
    values.plot(points, f(points), dashes[name], label=name)
    slopes.plot(points, jax.vmap(jax.grad(f))(points), dashes[name], label=name)
values.set(title="Value", xlabel="x", ylabel="f(x)", ylim=(-1.5, 4))
slopes.set(title="Slope", xlabel="x", ylabel="f'(x)")
values.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## Softmax for classification output
#
# The second example: three logits become three probabilities.

# %%
logits = jnp.array([[2.0, 1.0, 0.1]])
probabilities = jaxact.softmax(logits, axis=-1)
print(probabilities, "sum", probabilities.sum())

# %% [markdown]
# ## A stack of linear layers collapses
#
# Two linear layers with nothing between them are one linear layer, whose matrix is the product
# of the two. With an activation between them they are not.

# %%
a, b = (jax.random.normal(jax.random.key(i), (8, 8)) / 8**0.5 for i in range(2))
inputs = jax.random.normal(jax.random.key(2), (100, 8))
for f in (jaxact.identity, jaxact.relu):
    two_layers = f(inputs @ a) @ b
    best, *_ = jnp.linalg.lstsq(inputs, two_layers)
    error = jnp.abs(inputs @ best - two_layers).max()
    print(f"{f.__name__:10s} largest error of the best single layer: {error:.6f}")

# %% [markdown]
# ## Sigmoid's slope tops out at 0.25, and chained, gradients vanish

# %%
print("largest slope of sigmoid:", jax.vmap(jax.grad(jaxact.sigmoid))(points).max())


def chained_slope(f, depth):
    """Mean slope of ``depth`` layers of width 64 with standard initial values."""

    def network(z, key):
        for k in jax.random.split(key, depth):
            z = f(jax.random.normal(k, (64, 64)) / 8 @ z)
        return z

    def norm(key):
        start = jax.random.normal(key, (64,))
        return jnp.linalg.norm(jax.jacobian(network)(start, key)) / 8

    return jax.vmap(norm)(jax.random.split(jax.random.key(0), 20)).mean()


depths = [1, 2, 4, 8, 16]
figure, axes = plt.subplots(figsize=(6, 3.6))
for name, f in activations.items():
    axes.semilogy(depths, [chained_slope(f, d) for d in depths], "o" + dashes[name], label=name)
axes.set(xlabel="layers", ylabel="slope from input to output", xticks=depths)
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## A dead ReLU stays dead
#
# A unit should learn a bias that brings its mean output to 1. Its inputs are between -1 and 1,
# so with a bias below -1 they all land below zero. ReLU's gradient is 0 there: nothing moves.

# %%
data = jnp.linspace(-1, 1, 101)


def train_bias(f, start):
    """The bias after 5,000 steps of gradient descent."""

    def loss(bias):
        return jnp.square(f(data + bias) - 1.0).mean()

    return jax.lax.fori_loop(0, 5000, lambda _, b: b - 0.1 * jax.grad(loss)(b), start)


starts = [-0.9, -1.2, -1.5, -3.0]
units = {
    "ReLU": jaxact.relu,
    "LeakyReLU": jaxact.leaky_relu,
    "GELU": jaxact.gelu_exact,
    "SiLU": jaxact.silu,
}
pd.DataFrame(
    {name: [float(train_bias(f, s)) for s in starts] for name, f in units.items()},
    index=pd.Index(starts, name="bias at the start"),
).round(2)

# %% [markdown]
# LeakyReLU recovers from every start. GELU and SiLU do not: left of their minimum their slope is
# negative, so the gradient pushes a lost unit further out until it fades. What they cure is the
# way there: the study below counts how many units end up lost.
#
# ## The wrong output activation
#
# Sigmoid squashes a regression's output to 0 and 1, and sigmoids over classes do not sum to 1.

# %%
print("regression to 3 through sigmoid:", jaxact.sigmoid(jnp.array([-5.0, 0.0, 5.0, 50.0])))
print("sigmoids over classes sum to", jaxact.sigmoid(logits).sum())

# %% [markdown]
# ## The comparison
#
# The study `experiments/compare_digits.py` trained a three-block CNN with each activation on
# handwritten digits. Its table:

# %%
results = pathlib.Path("../experiments/results/compare_digits")
pd.read_csv(results / "summary.csv", keep_default_na=False)
