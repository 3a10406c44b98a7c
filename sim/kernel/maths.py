"""Elementary functions from additions, multiplications and divisions alone.

The exponentials of two C libraries may differ in the last digit; these functions give the same bits
everywhere, and so the same decisions. Columns store 32-bit floats; rules compute in 64 bits and round
once when they store.
"""

from __future__ import annotations

import math

from sim.kernel import np
from sim.kernel.compiled import borrowing, compiled
from sim.kernel.luck import draw64, unit

__all__ = [
    "FINE", "below", "exp", "exps", "fine", "gamma", "gammas", "log", "logistic", "normal", "normals",
    "poisson", "poisson_from", "round_by_luck", "threshold",
]

FINE = 1048576.0
"""Numbers are added up in steps of 1/`FINE`: sums of integers are exact in any order."""


@borrowing
def fine(value):
    """Return a number in steps of 1/`FINE`, rounded towards zero."""
    return np.int64(np.float64(value) * FINE)


@borrowing
def exp(x):
    """Return e to the power `x` for -700 < x < 700, within 2e-13 relative for |x| < 30."""
    x = min(max(x, -700.0), 700.0)
    r = x / 256.0
    # Reciprocals are written as constants: ten divisions in a row take four times as long.
    total = 1.0 + r * (1.0 / 11.0)
    total = 1.0 + r * total * (1.0 / 10.0)
    total = 1.0 + r * total * (1.0 / 9.0)
    total = 1.0 + r * total * (1.0 / 8.0)
    total = 1.0 + r * total * (1.0 / 7.0)
    total = 1.0 + r * total * (1.0 / 6.0)
    total = 1.0 + r * total * (1.0 / 5.0)
    total = 1.0 + r * total * (1.0 / 4.0)
    total = 1.0 + r * total * (1.0 / 3.0)
    total = 1.0 + r * total * (1.0 / 2.0)
    total = 1.0 + r * total
    for _ in range(8):
        total = total * total
    return total


@borrowing
def exps(values):
    """Replace all `values` by their exponentials, in a tenth of the time of single calls."""
    for index in range(values.size):
        values[index] = exp(values[index])


@borrowing
def log(x):
    """Return the natural logarithm of a normal number `x` > 0."""
    # x = mantissa * 2**exponent, by its bits, which vectors can do.
    bits = np.float64(x).view(np.int64)
    exponent = (bits >> 52) - 1022
    mantissa = np.int64((bits & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)
    low = mantissa < 0.7071067811865476
    mantissa = mantissa * 2.0 if low else mantissa
    exponent -= np.int64(low)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    total = 0.0
    for n in range(25, 0, -2):
        total = total * square + 1.0 / n
    return 2.0 * s * total + exponent * 0.6931471805599453


@borrowing
def logistic(x):
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


DRAWS = 4294967296.0
"""Number of values that 32 random bits can take."""
SLACK = 1e-9
"""What `below` adds to a bound on a chance to be safe from rounding errors."""


@borrowing
def threshold(probability):
    """Return the 32-bit threshold of a probability: a decision is ``draw32(...) < threshold(p)``.

    0 and below never happens, 1 and above always does.
    """
    return np.uint64(min(max(probability, 0.0), 1.0) * DRAWS)


@borrowing
def below(bits, probability):
    """Return whether 32 random bits, as a share of one, lie below `probability`.

    Unlike ``bits < threshold(p)``, it vectorises. The two differ for at most one value of the bits: this
    one finds candidates, the other decides.
    """
    return np.float64(bits) < probability * DRAWS


MIDDLE = 0.425
"""Distance from one half within which the simple part of `normal` holds."""
FAR = 5.0
"""Square root of minus the logarithm of the tail (1.4e-11) beyond which the last part holds."""


@borrowing
def _middle(q):
    r = 0.180625 - q * q
    return (
        q
        * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r
            + 67265.770927008700853) * r + 45921.953931549871457) * r
            + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)
        / (((((((5226.495278852545925 * r + 28729.085735721942674) * r
            + 39307.89580009271061) * r + 21213.794301586595867) * r
            + 5394.1960214247511077) * r + 687.1870074920579083) * r
            + 42.313330701600911252) * r + 1.0)
    )


@compiled
def normals(units):
    """Replace numbers of 0..1 by their normal quantiles: the same as `normal`, vectorised."""
    tails = np.empty(units.size, np.int64)
    count = 0
    for index in range(units.size):
        tails[count] = index
        count += abs(units[index] - 0.5) > MIDDLE
    root = np.empty(count)
    for place in range(count):
        u = units[tails[place]]
        root[place] = min(u, 1.0 - u)
    for place in range(count):
        root[place] = math.sqrt(-log(root[place]))
    far = np.empty(count)
    for place in range(count):
        far[place] = _tail(root[place])
    for place in range(count):
        if root[place] > FAR:
            far[place] = _far_tail(root[place])
        if units[tails[place]] < 0.5:
            far[place] = -far[place]
    for index in range(units.size):
        units[index] = _middle(units[index] - 0.5)
    for place in range(count):
        units[tails[place]] = far[place]


@borrowing
def normal(u):
    """Return the standard normal quantile of 0 < u < 1 (Wichura 1988, AS 241)."""
    q = u - 0.5
    if abs(q) <= MIDDLE:
        return _middle(q)
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    z = _tail(r) if r <= FAR else _far_tail(r)
    return -z if q < 0.0 else z


@borrowing
def _tail(r):
    r -= 1.6
    return (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
        + 0.24178072517745061177) * r + 1.27045825245236838258) * r
        + 3.64784832476320460504) * r + 5.7694972214606914055) * r
        + 4.6303378461565452959) * r + 1.42343711074968357734) / (
        ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
        + 0.0151986665636164571966) * r + 0.14810397642748007459) * r
        + 0.68976733498510000455) * r + 1.6763848301838038494) * r
        + 2.05319162663775882187) * r + 1.0)


@borrowing
def _far_tail(r):
    r -= 5.0
    return (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
        + 0.0012426609473880784386) * r + 0.026532189526576123093) * r
        + 0.29656057182850489123) * r + 1.7848265399172913358) * r
        + 5.4637849111641143699) * r + 6.6579046435011037772) / (
        ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
        + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
        + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
        + 0.59983220655588793769) * r + 1.0)


@borrowing
def _accepts(u, x, v, d):
    return log(u) < 0.5 * x * x + d - d * v + d * log(v)


@borrowing
def gamma(shape, key, person):
    """Return a gamma variate of mean `shape` and scale 1 (Marsaglia, Tsang 2000)."""
    boost = 1.0
    stream = draw64(key, person)
    if shape < 1.0:
        boost = exp(log(unit(stream, 0)) / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        x = normal(unit(stream, 2 * attempt + 1))
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            if _accepts(unit(stream, 2 * attempt + 2), x, v, d):
                return d * v * boost
        attempt += 1


@compiled
def gammas(shape, key, first, out):
    """Write ``gamma(shape, key, first + i)`` to each ``out[i]``: first attempts in vectors."""
    size = out.size
    draws = np.empty((3, size))
    for index in range(size):
        stream = draw64(key, first + index)
        for number in range(3):
            draws[number, index] = unit(stream, number)
    if shape < 1.0:
        for index in range(size):
            out[index] = log(draws[0, index]) / shape
        exps(out)
        increased = shape + 1.0
    else:
        out[:] = 1.0
        increased = shape
    d = increased - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    normals(draws[1])
    refused = np.empty(size, np.uint8)
    for index in range(size):
        x = draws[1, index]
        v = 1.0 + c * x
        tried = v > 0.0
        v = v * v * v if tried else 1.0
        refused[index] = not (tried & _accepts(draws[2, index], x, v, d))
        out[index] = d * v * out[index]
    for index in range(size):
        if refused[index]:
            out[index] = gamma(shape, key, first + index)


@compiled
def poisson(mean, u):
    """Return the Poisson quantile of 0 < u < 1 for a mean up to 200."""
    return poisson_from(exp(-mean), mean, u)


@borrowing
def poisson_from(term, mean, u):
    """Return the same if ``term = exp(-mean)`` is known (sequential search)."""
    total = term
    count = 0
    # The terms rise up to the mean and fall after it.
    while u > total and (term > 1e-18 or count < mean):
        count += 1
        term *= mean / count
        total += term
    return count


@borrowing
def round_by_luck(x, bits):
    """Return `x` >= 0 rounded down or up so that its mean over 32-bit `bits` is `x`."""
    whole = np.int64(x)
    if bits < threshold(x - whole):
        whole += 1
    return whole
