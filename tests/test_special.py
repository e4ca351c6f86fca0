"""The kernels under the activations: errors in ULP, limits, derivatives, float64."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import special

from jaxact import _special

LONG = np.longdouble
ROOT = np.sqrt(LONG(2) / LONG("3.14159265358979323846264338327950288"))
TINY = 2.0**-126


def half_square(x):
    """exp(-x^2 / 2) / sqrt(2 pi) in long double."""
    return np.exp(-(x.astype(LONG) ** 2) / 2) * ROOT / 2


def bell(x):
    """sigmoid(x) sigmoid(-x) in long double."""
    e = np.exp(-np.abs(x.astype(LONG)))
    return e / (1 + e) ** 2


def gelu_slope(x):
    t = np.minimum(np.abs(x), 40)
    s = half_square(t) * (np.sqrt(np.pi / 2) * special.erfcx(t / np.sqrt(2)) - t)
    return np.where(x > 0, 1 - s, s)


def gelu_tanh_parts(x):
    """|x|, the slope of the exponent there, and sigmoid of minus the exponent."""
    t = np.minimum(np.abs(x.astype(LONG)), 40)
    a, b = 2 * ROOT, 2 * ROOT * LONG("0.044715")
    e = np.exp(-(a * t + b * t**3))
    return t, a + 3 * b * t * t, e / (1 + e)


def gelu_tanh(x):
    t, _, q = gelu_tanh_parts(x)
    return np.maximum(x, 0) - t * q


def gelu_tanh_slope(x):
    t, w, q = gelu_tanh_parts(x)
    s = q * (1 - t * w * (1 - q))
    return np.where(x > 0, 1 - s, s)


def gelu_tanh_curvature(x):
    t, w, q = gelu_tanh_parts(x)
    bump = q * (1 - q)
    return bump * (2 * w + t * (6 * 2 * ROOT * LONG("0.044715") * t - w * w * (1 - 2 * q)))


def normal(x):
    return half_square(np.minimum(np.abs(x), 40))


def gaussian(x):
    return np.exp(-(np.minimum(np.abs(x), 30).astype(LONG) ** 2))


def sech2(x):
    return 4 * bell(2 * x)


def close_in(x):
    """``x`` where it multiplies something that is 0 further out."""
    return np.clip(x, -200, 200)


# name: reference in float64 or better, largest error in ULP, first and second derivative.
CASES = {
    "exp": (np.exp, 1.0, np.exp, np.exp),
    "expm1": (np.expm1, 1.5, np.exp, np.exp),
    "tanh": (np.tanh, 1.6, sech2, lambda x: -2 * np.tanh(x) * sech2(x)),
    "sech2": (
        sech2,
        3.0,
        lambda x: -2 * np.tanh(x) * sech2(x),
        lambda x: sech2(x) * (4 - 6 * sech2(x)),
    ),
    "sigmoid": (special.expit, 2.5, bell, lambda x: -bell(x) * np.tanh(x / 2)),
    "sigmoid_slope": (
        bell,
        3.0,
        lambda x: -bell(x) * np.tanh(x / 2),
        lambda x: bell(x) * (1 - 6 * bell(x)),
    ),
    "softplus": (lambda x: np.logaddexp(0, x), 2.0, special.expit, bell),
    "erf": (
        special.erf,
        2.0,
        lambda x: np.sqrt(2) * ROOT * gaussian(x),
        lambda x: -2 * close_in(x) * np.sqrt(2) * ROOT * gaussian(x),
    ),
    "gaussian_exp": (
        gaussian,
        1.5,
        lambda x: -2 * close_in(x) * gaussian(x),
        lambda x: (4 * close_in(x) ** 2 - 2) * gaussian(x),
    ),
    "normal_density": (
        normal,
        1.5,
        lambda x: -close_in(x) * normal(x),
        lambda x: (close_in(x) ** 2 - 1) * normal(x),
    ),
    "normal_cdf": (special.ndtr, 3.0, normal, lambda x: -close_in(x) * normal(x)),
    "gelu": (
        lambda x: np.maximum(x, -40) * special.ndtr(x),
        3.0,
        gelu_slope,
        lambda x: (2 - close_in(x) ** 2) * normal(x),
    ),
    "gelu_slope": (
        gelu_slope,
        3.0,
        lambda x: (2 - close_in(x) ** 2) * normal(x),
        lambda x: (close_in(x) ** 3 - 4 * close_in(x)) * normal(x),
    ),
    "gelu_tanh": (gelu_tanh, 4.0, gelu_tanh_slope, gelu_tanh_curvature),
    "gelu_tanh_slope": (gelu_tanh_slope, 4.0, gelu_tanh_curvature, None),
}
# Where a slope crosses 0 its error is judged as if it were 1/8 there.
FLOORS = {"gelu_slope": 0.125, "gelu_tanh_slope": 0.125}
names = pytest.mark.parametrize("name", CASES)


def patterns():
    """Float32 numbers over all exponents, and densely where the functions bend."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0x00800000, 0x7F800000, 10_000).astype(np.uint32)
    spread = np.concatenate([bits, bits | 0x80000000]).view(np.float32)
    ranges = [rng.uniform(-a, a, 20_000).astype(np.float32) for a in (1, 2, 15, 90)]
    return np.concatenate([spread, *ranges])


def ulps(got, want, floor=0.0):
    """Errors in units in the last place of ``want``; below the normal numbers 0 is right."""
    got, want = np.asarray(got, LONG), np.asarray(want, LONG)
    size = np.maximum(np.maximum(np.abs(want), floor), TINY)
    with np.errstate(invalid="ignore"):
        error = np.abs(got - want) / np.exp2(np.floor(np.log2(size)) - 23)
    overflow = np.where(np.isinf(got) & (np.signbit(got) == np.signbit(want)), 0, np.inf)
    error = np.where(np.abs(want) > np.finfo(np.float32).max, overflow, error)
    flushed = (np.abs(want) < TINY * 1.001) & (np.abs(got) <= TINY)
    return np.where(flushed, 0, np.where(np.isnan(error), np.inf, error)).astype(float)


@names
def test_errors_in_ulp(name):
    reference, bound, *_ = CASES[name]
    x = patterns()
    with np.errstate(all="ignore"):
        want = reference(x.astype(np.float64))
    got = jax.jit(getattr(_special, name))(x)
    assert got.dtype == jnp.float32
    assert ulps(got, want, FLOORS.get(name, 0.0)).max() <= bound


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("normal_cdf", mpmath.ncdf),
        ("gelu", lambda x: x * mpmath.ncdf(x)),
        ("gelu_slope", lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x)),
        ("gaussian_exp", lambda x: mpmath.exp(-x * x)),
        ("erf", mpmath.erf),
        ("tanh", mpmath.tanh),
        ("gelu_tanh", lambda x: x / (1 + mpmath.exp(-exponent(x)))),
    ],
)
def test_errors_against_forty_digits(name, formula):
    x = np.random.default_rng(1).uniform(-12, 9, 200).astype(np.float32)
    with mpmath.workdps(40):
        want = np.array([LONG(str(formula(mpmath.mpf(float(v))))) for v in x])
    got = jax.jit(getattr(_special, name))(x)
    assert ulps(got, want, FLOORS.get(name, 0.0)).max() <= CASES[name][1]


def exponent(x):
    """The exponent of the gate of ``gelu_tanh``, in mpmath."""
    return mpmath.sqrt(8 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)


@names
@pytest.mark.parametrize("order", [0, 1, 2])
def test_limits(name, order):
    f = getattr(_special, name)
    for _ in range(order):
        f = jax.grad(f)
    x = np.array([np.inf, -np.inf, 3e38, -3e38, 2e19, -2e19, 100, -100, 0.0, -0.0], np.float32)
    function = CASES[name][(0, 2, 3)[order]]
    if function is None:
        function = gelu_tanh_third
    with np.errstate(all="ignore"):
        want = function(x.astype(np.float64)).astype(np.float32)
    got = np.asarray(jax.jit(jax.vmap(f))(np.append(x, np.float32(np.nan))))
    np.testing.assert_allclose(got[:-1], want, rtol=1e-6, atol=1e-37)
    assert np.isnan(got[-1])


def gelu_tanh_third(x):
    return np.where(np.abs(x) > 50, 0, np.where(np.abs(x) == 0, 0.0, np.nan))


@pytest.mark.parametrize("name", ["expm1", "tanh", "erf", "gelu", "gelu_tanh"])
def test_zeros_keep_their_sign(name):
    y = np.asarray(jax.jit(getattr(_special, name))(jnp.array([0.0, -0.0])))
    assert np.signbit(y).tolist() == [False, True]


@names
def test_first_derivative_in_both_modes(name):
    f, slope = getattr(_special, name), CASES[name][2]
    x = np.random.default_rng(2).uniform(-12, 12, 4000).astype(np.float32)
    want = slope(x.astype(np.float64))
    forward = jax.jit(lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[1])(x)
    reverse = jax.jit(jax.vmap(jax.grad(f)))(x)
    for got in (forward, reverse):
        # A slope has zeros of its own: 1e-6 of its size near them.
        np.testing.assert_allclose(got, want.astype(np.float64), rtol=2e-6, atol=2e-7)


@names
def test_second_derivative_in_four_pairs_of_modes(name):
    f, second = getattr(_special, name), CASES[name][3]
    x = np.random.default_rng(3).uniform(-12, 12, 400).astype(np.float32)
    modes = (jax.jacfwd, jax.jacrev)
    pairs = jax.jit(jax.vmap(lambda x: [outer(inner(f))(x) for outer in modes for inner in modes]))
    if second is None:
        # No closed form in NumPy: differences of the slope in float64.
        with jax.enable_x64(True):
            slope, wide, step = jax.jit(jax.vmap(jax.grad(f))), jnp.asarray(x, jnp.float64), 1e-5
            want = np.asarray((slope(wide + step) - slope(wide - step)) / (2 * step))
    else:
        want = second(x.astype(np.float64)).astype(np.float64)
    for got in pairs(x):
        np.testing.assert_allclose(got, want, rtol=3e-6, atol=3e-7 if second else 1e-6)


@names
def test_float64(name):
    reference, _, slope, _ = CASES[name]
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(-a, a, 500) for a in (1, 10, 25)])
    extremes = np.array([np.inf, -np.inf, 1e300, -1e300])
    with jax.enable_x64(True):
        f = getattr(_special, name)
        got, got_slope = jax.jit(lambda x: (f(x), jax.vmap(jax.grad(f))(x)))(jnp.asarray(x))
        ends = jax.jit(f)(jnp.asarray([*extremes, np.nan]))
        assert got.dtype == jnp.float64
    want = reference(x)
    normal_numbers = np.abs(want) > 1e-290
    size = np.maximum(np.abs(want), FLOORS.get(name, 0.0) * (np.abs(x) < 2))
    error = np.abs(np.asarray(got) - want)[normal_numbers] / size[normal_numbers]
    assert error.max() < 2e-13
    np.testing.assert_allclose(got_slope, slope(x).astype(float), rtol=1e-12, atol=1e-14)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(ends[:-1], reference(extremes).astype(float), atol=1e-300)
    assert np.isnan(ends[-1])


@names
def test_same_numbers_under_transformations(name):
    f = getattr(_special, name)
    x = np.linspace(-11, 11, 64, dtype=np.float32)

    @jax.jit
    def several(x):
        scanned = jax.lax.scan(lambda carry, v: (carry, f(v)), 0, x)[1]
        return f(x), jax.vmap(f)(x), f(x.reshape(8, 8)).ravel(), scanned

    with jax.numpy_dtype_promotion("strict"):
        want, *others = several(x)
    for got in others:
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-30)
