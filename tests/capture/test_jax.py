"""A framework without an adapter: the arrays that the training has anyway are given to `update`."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import nntf_widget as nntf

jax = pytest.importorskip("jax")
jnp = jax.numpy

X, Y = load_digits(return_X_y=True)
X, Y = jnp.asarray(X / 16), jnp.asarray(Y)


def apply(params, x):
    hidden, out = params
    return jnp.tanh(x @ hidden) @ out


@jax.jit
def step(params, x, y):
    def loss(params):
        return -jnp.take_along_axis(jax.nn.log_softmax(apply(params, x)), y[:, None], 1).mean()

    return jax.tree.map(lambda weight, gradient: weight - 0.5 * gradient, params, jax.grad(loss)(params))


def test_a_training_in_jax():
    first, second = jax.random.split(jax.random.key(0))
    params = (jax.random.normal(first, (64, 32)) / 8, jax.random.normal(second, (32, 10)) / 6)
    fp = nntf.Fingerprint(num_classes=10)
    expected = []
    for _ in range(5):
        for start in range(0, len(X), 128):
            params = step(params, X[start : start + 128], Y[start : start + 128])
        scores = apply(params, X)
        fp.update(scores, labels=Y)
        expected.append(np.asarray(scores).argmax(1))
    assert np.array_equal([fp.predictions(t) for t in range(5)], expected)
    assert np.mean(fp.predictions(-1) == np.asarray(Y)) > 0.8
    assert np.array_equal(fp.labels, Y)
