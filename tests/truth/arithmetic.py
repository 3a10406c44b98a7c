"""Luck and elementary functions of the second implementation, in plain Python.

Written from the documentation of sim/kernel: splitmix64 (Steele, Lea, Flood 2014) as a counter, the
exponential by halving and a Taylor polynomial, the normal quantile by AS 241 (Wichura 1988).
Nothing here is imported from the package.
"""

from __future__ import annotations

import hashlib
import math
import struct
from fractions import Fraction

WORD = (1 << 64) - 1


def key(seed: int, decision: str, week: int) -> int:
    digest = hashlib.blake2b(f"{seed}/{decision}/{week}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def bits64(key: int, person: int) -> int:
    z = (key + (person + 1) * 0x9E3779B97F4A7C15) & WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


def bits32(key: int, person: int) -> int:
    return bits64(key, person) >> 32


def unit(key: int, person: int) -> float:
    return ((bits64(key, person) >> 12) + 0.5) / 2.0**52


def limit(chance: float) -> int:
    return int(min(max(chance, 0.0), 1.0) * 2.0**32)


def happens(key: int, person: int, chance: float) -> bool:
    return bits32(key, person) < limit(chance)


def single(value: float) -> float:
    """Round to the 32 bits in which columns keep numbers."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def exp(x: float) -> float:
    r = min(max(x, -700.0), 700.0) / 256.0
    total = 1.0 + r * (1.0 / 11.0)
    for n in range(10, 1, -1):
        total = 1.0 + r * total * (1.0 / n)
    total = 1.0 + r * total
    for _ in range(8):
        total *= total
    return total


def log(x: float) -> float:
    mantissa, exponent = math.frexp(x)
    if mantissa < 0.7071067811865476:
        mantissa, exponent = mantissa * 2.0, exponent - 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square, total = s * s, 0.0
    for n in range(25, 0, -2):
        total = total * square + 1.0 / n
    return 2.0 * s * total + exponent * 0.6931471805599453


def logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


A = (3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
B = (1.0, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077,
     21213.794301586595867, 39307.89580009271061, 28729.085735721942674, 5226.495278852545925)
C = (1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
     1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833,
     7.7454501427834140764e-4)
D = (1.0, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
     0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
     1.05075007164441684324e-9)
E = (6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
     0.0265321895265761230930, 1.2426609473880784386e-3, 2.71155556874348757815e-5,
     2.01033439929228813265e-7)
F = (1.0, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
     7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
     2.04426310338993978564e-15)


def horner(coefficients: tuple[float, ...], r: float) -> float:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * r + coefficient
    return total


def normal(u: float) -> float:
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * horner(A, r) / horner(B, r)
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    above, below, centre = (C, D, 1.6) if r <= 5.0 else (E, F, 5.0)
    z = horner(above, r - centre) / horner(below, r - centre)
    return -z if q < 0.0 else z


def poisson(mean: float, u: float) -> int:
    term = total = exp(-mean)
    count = 0
    while u > total and (term > 1e-18 or count < mean):
        count += 1
        term *= mean / count
        total += term
    return count


def rounded(x: float, bits: int) -> int:
    """Round down or up by luck, so that the mean is x."""
    return int(x) + (bits < limit(x - int(x)))


def ration(available: int, wanted: list[int]) -> list[int]:
    """Split by largest remainders, ties by row."""
    total = sum(wanted)
    if total <= available:
        return list(wanted)
    shares = [Fraction(want * available, total) for want in wanted]
    given = [math.floor(share) for share in shares]
    order = sorted(range(len(wanted)), key=lambda row: (given[row] - shares[row], row))
    for row in order[: available - sum(given)]:
        given[row] += 1
    return given
