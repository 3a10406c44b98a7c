"""Inference on a toy with known answers: what is found, what cannot be, what contradicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.errors import FailedError
from sim.studies.inference.posterior import Basis, Likelihood, sample
from sim.studies.inference.reading import contradictions, learnt, tied
from sim.studies.inference.screening import MAX_SETTINGS, screened
from sim.studies.inference.search import Posterior, Runs, infer, learn, readable, shared_out
from sim.studies.inference.targets import Scale, Target, scale_of
from tests.studies.inference.proving import TOY_BOUNDS, market, market_errors, ranks, toy

TRUTH = np.array([0.7, 0.4, 0.3, 0.8])


def targets(**changed: float) -> list[Target]:
    seen = dict(zip(("count", "share", "size"), toy(TRUTH[None], np.array([77]))[0], strict=True))
    errors = {"count": 5.0, "share": 0.02, "size": 0.1}
    return [Target(name, value, value, errors[name]) for name, value in (seen | changed).items()]


@pytest.fixture(scope="module")
def found() -> Posterior:
    return infer(toy, 4, targets(), TOY_BOUNDS, budget=120, particles=300)


def test_the_truth_is_plausible_and_the_data_narrow_it(found: Posterior) -> None:
    low, high = np.quantile(found.shares, [0.005, 0.995], axis=0)
    assert ((low < TRUTH) & (high > TRUTH)).all()
    assert (learnt(found.shares)[:2] > 0.5).all()
    assert 0.8 < found.covered <= 1.0


def test_a_setting_that_does_nothing_keeps_its_prior(found: Posterior) -> None:
    assert abs(learnt(found.shares)[3]) < 0.15
    low, high = np.quantile(found.shares[:, 3], [0.1, 0.9])
    assert low == pytest.approx(0.1, abs=0.08)
    assert high == pytest.approx(0.9, abs=0.08)


def test_settings_known_only_together_are_named() -> None:
    def product(shares: Any, seeds: Any) -> Any:
        luck = np.array([np.random.default_rng(int(seed)).standard_normal() for seed in seeds])
        return (shares[:, 0] + shares[:, 1] + 0.02 * luck)[:, None]

    known = infer(product, 3, [Target("sum", 1.0, 1.0, 0.01)], [(-np.inf, np.inf)], budget=80,
                  particles=300)
    [(one, other, alike)] = tied(known.shares)
    assert {one, other} == {0, 1}
    assert alike < -0.8


def test_targets_that_can_be_met_do_not_contradict(found: Posterior) -> None:
    chance, named = contradictions(found.likelihood, found.shares)
    assert chance > 0.05
    assert named == []


def test_one_wrong_target_among_consistent_ones_is_named() -> None:
    def simulate(shares: Any, seeds: Any) -> Any:
        luck = np.stack([np.random.default_rng(int(s)).standard_normal(3) for s in seeds])
        return np.stack([shares[:, 0], shares[:, 0], 2 * shares[:, 0]], axis=1) + 0.02 * luck

    wrong = [Target("a", 0.3, 0.3, 0.02), Target("b", 0.3, 0.3, 0.02), Target("c", 1.6, 1.6, 0.04)]
    known = infer(simulate, 2, wrong, [(-np.inf, np.inf)] * 3, budget=60, particles=200)
    chance, named = contradictions(known.likelihood, known.shares)
    assert chance < 1e-6
    assert named == ["c"]


def test_a_band_that_nothing_reaches_is_named() -> None:
    aims = [Target("count", 5000.0, np.inf), *targets()[1:]]
    known = infer(toy, 4, aims, TOY_BOUNDS, budget=80, particles=200)
    assert contradictions(known.likelihood, known.shares)[1] == ["count"]


def test_a_band_lets_in_what_lies_in_it() -> None:
    known = infer(
        lambda shares, seeds: toy(shares, seeds)[:, :1], 4, [Target("count", 200.0, np.inf)],
        TOY_BOUNDS[:1], budget=80, particles=300)
    # 50 exp(2 a) is 200 at a = .69.
    assert np.quantile(known.shares[:, 0], 0.05) > 0.45
    assert np.quantile(known.shares[:, 0], 0.95) > 0.9


def test_a_long_series_is_met_by_its_shapes() -> None:
    weeks = np.arange(40)

    def curve(shares: Any, seeds: Any) -> Any:
        luck = np.stack([np.random.default_rng(int(s)).standard_normal(40) for s in seeds])
        return 100 * shares[:, :1] * np.exp(-shares[:, 1:2] * weeks / 10) + 50 + luck

    seen = curve(np.array([[0.6, 0.3]]), np.array([99]))[0]
    aims = [Target(f"w{week}", value, value, 1.0, "curve")
            for week, value in zip(weeks, seen, strict=True)]
    known = infer(curve, 2, aims, [(-np.inf, np.inf)] * 40, budget=80, particles=300)
    assert known.likelihood.basis.kept < 12
    assert np.abs(known.shares.mean(axis=0) - [0.6, 0.3]).max() < 0.1
    assert known.shares.std(axis=0).max() < 0.1
    assert contradictions(known.likelihood, known.shares)[1] == []


def test_runs_without_a_number_count_as_evidence() -> None:
    def simulate(shares: Any, seeds: Any) -> Any:
        return np.where(shares[:, :1] > 0.5, 1.0 + 0.01 * np.sin(seeds[:, None]), np.nan)

    known = infer(simulate, 2, [Target("m", 1.0, 1.0, 0.1)], [(-np.inf, np.inf)], budget=100,
                  particles=300)
    assert np.quantile(known.shares[:, 0], 0.1) > 0.4


def test_a_measure_that_is_never_there_is_refused() -> None:
    with pytest.raises(FailedError, match="has a number in 0 of 60 runs"):
        infer(lambda shares, _seeds: np.full((len(shares), 1), np.nan), 2,
              [Target("m", 1.0, 1.0)], [(-np.inf, np.inf)], budget=120)


def test_targets_of_a_larger_market_tell_more() -> None:
    luck = np.random.default_rng(2)
    points = luck.random((200, 1))
    runs = Runs(points, np.arange(200), points + 0.2 * luck.standard_normal((200, 1)))
    band, figure = [Target("m", 0.4, 0.6)], [Target("m", 0.5, 0.5, 0.01)]
    inside, outside = np.array([[0.5]]), np.array([[0.9]])
    for aims in (band, figure):
        gaps = []
        for size in (1.0, 16.0):
            known, _scales = learn(runs, aims, [(-np.inf, np.inf)], size=size)
            gaps.append(float((known(inside) - known(outside))[0]))
            of_a_run = known.deviation(inside)[0, 0]
            assert of_a_run == pytest.approx(0.2, rel=0.2), "whatever the targets are of"
        assert gaps[1] > 3 * gaps[0] > 0


def test_a_figure_of_a_history_that_few_runs_have_is_left_out() -> None:
    def simulate(shares: Any, seeds: Any) -> Any:
        known = shares[:, 0] + 0.05 * np.sin(seeds)
        rare = np.where(shares[:, 1] < 0.1, known, np.nan)
        return np.stack([known, rare, known], axis=1)

    aims = [Target(name, 0.5, 0.5, 0.05) for name in ("first", "rare", "last")]
    ends = [(-np.inf, np.inf)] * 3
    found = infer(simulate, 2, aims, ends, budget=80, particles=200, optional=[True, True, True])
    assert found.kept == (0, 2)
    assert found.runs.values.shape[1] == 2
    assert abs(np.median(found.shares[:, 0]) - 0.5) < 0.1
    with pytest.raises(FailedError, match="'rare' has a number in"):
        infer(simulate, 2, aims, ends, budget=80, optional=[True, False, True])


def test_long_series_go_on_with_the_figures_that_runs_have_together() -> None:
    luck = np.random.default_rng(4)
    values = luck.random((100, 20))
    values[:61, 3] = np.nan
    values[40:, 8] = np.nan  # no run has both
    runs = Runs(luck.random((100, 9)), np.arange(100), values)
    assert readable(runs, [True] * 20) == tuple(place for place in range(20) if place != 3)
    assert readable(Runs(runs.shares, runs.seeds, values[:, :9]), [True] * 9) == tuple(range(9))


def test_what_a_seed_adds_is_told_apart_from_settings() -> None:
    def simulate(shares: Any, seeds: Any) -> Any:
        return (shares[:, 0] + np.sin(1.7 * seeds))[:, None]

    points = np.random.default_rng(0).random((96, 2))
    runs = Runs(points, np.arange(96) % 16, simulate(points, np.arange(96) % 16))
    aims = [Target("m", 0.5, 0.5, 0.1)]
    shared, _scales = learn(runs, aims, [(-np.inf, np.inf)])
    alone, _scales = learn(Runs(points, np.arange(96), runs.values), aims, [(-np.inf, np.inf)])
    tried = np.random.default_rng(1).random((200, 2))
    true = tried[:, 0] - tried[:, 0].mean()

    def off(likelihood: Likelihood) -> float:
        mean = likelihood.emulator.mean(tried)[:, 0]
        return float(np.abs(mean - mean.mean() - true).mean())

    assert off(shared) < 0.3 * off(alone)
    # It stays part of the luck of a history.
    assert shared.deviation(tried)[:, 0].mean() > 0.6


def test_where_runs_scatter_more_the_data_say_less() -> None:
    luck = np.random.default_rng(3)
    points = luck.random((1000, 2))
    spread = 0.05 * np.exp(2.0 * points[:, 1])
    runs = Runs(points, np.arange(1000), (points[:, 0] + spread * luck.standard_normal(1000))[:, None])
    known, _scales = learn(runs, [Target("m", 0.5, 0.5, 0.01)], [(-np.inf, np.inf)])
    calm, wild = np.array([[0.5, 0.1]]), np.array([[0.5, 0.9]])
    assert known.deviation(calm)[0, 0] == pytest.approx(0.05 * np.exp(0.2), rel=0.2)
    assert known.deviation(wild)[0, 0] == pytest.approx(0.05 * np.exp(1.8), rel=0.2)
    off = np.array([[0.2, 0.0]])
    assert known(calm)[0] > known(wild)[0], "what is met where little scatters is no luck"
    assert known(calm)[0] - known(calm + off)[0] > 3 * (known(wild)[0] - known(wild + off)[0]) > 0


def test_the_luck_of_few_seeds_widens_what_is_known() -> None:
    points, count, told = np.random.default_rng(0).random((64, 1)), 8, []
    for first in range(0, 80_000, 1000):
        seeds = first + np.arange(64) % count
        luck = np.array([np.random.default_rng(int(seed)).standard_normal() for seed in seeds])
        known, _scales = learn(Runs(points, seeds, points + luck[:, None]), [Target("m", 0.5, 0.5)],
                               [(-np.inf, np.inf)])
        told.append(float(known.deviation(points[:1])[0, 0]) ** 2 / np.var(luck[:count], ddof=1))
    # The mean of n seeds is off by a variance of 1 / n, beside the 1 of another seed.
    assert np.mean(told) == pytest.approx(1 + 1 / count, rel=0.03)


@pytest.mark.filterwarnings("error")
def test_a_measure_that_never_moves_is_known_and_tells_nothing() -> None:
    points = np.random.default_rng(1).random((120, 2))
    luck = np.random.default_rng(2).standard_normal(120)
    values = np.stack([np.full(120, 7.0), points[:, 0] + 0.1 * luck], axis=1)
    aims = [Target("still", 7.0, 7.0, 0.5), Target("moving", 0.5, 0.5, 0.01)]
    known, _scales = learn(Runs(points, np.arange(120), values), aims, [(-np.inf, np.inf)] * 2)
    height = known(np.array([[0.5, 0.5], [0.9, 0.5]]))
    assert np.isfinite(height).all()
    assert height[0] > height[1]


@pytest.mark.parametrize(("runs", "seeds"), [(20, 16), (60, 20), (300, 100), (5000, 150)])
def test_seeds_of_a_wave_recur(runs: int, seeds: int) -> None:
    assert len(set(shared_out(runs))) == seeds


def test_the_sampler_meets_a_known_posterior() -> None:
    points = sample(lambda shares: -0.5 * ((shares - 0.4) ** 2).sum(axis=1) / 0.05**2, 3, 2000)
    assert points.mean(axis=0) == pytest.approx([0.4] * 3, abs=0.006)
    assert points.std(axis=0) == pytest.approx([0.05] * 3, rel=0.1)
    assert abs(np.corrcoef(points.T)[0, 1]) < 0.1


@pytest.mark.parametrize(("values", "bounds", "kind"), [
    (np.linspace(0.1, 0.9, 50), (0.0, 1.0), "logit"),
    (np.geomspace(1, 1000, 50), (-np.inf, np.inf), "log"),
    (np.linspace(100, 120, 50), (-np.inf, np.inf), "plain"),
    (np.linspace(-50, 120, 50), (-np.inf, np.inf), "plain"),
])
def test_measures_have_the_scale_on_which_they_scatter_evenly(
    values: Any, bounds: tuple[float, float], kind: str
) -> None:
    scale = scale_of(values, bounds)
    assert scale.kind == kind
    assert (np.diff(scale(values)) > 0).all()
    assert np.isfinite(scale(np.array([0.0, 1.0]))).all()


def test_an_error_is_carried_to_the_scale() -> None:
    assert Scale("log", 0.0).error(100.0, 5.0) == pytest.approx(0.05, rel=0.01)
    assert Scale().error(100.0, 5.0) == 5.0


def test_a_basis_of_few_figures_is_the_figures() -> None:
    basis = Basis(np.arange(12.0).reshape(4, 3), targets())
    assert basis.outputs(np.ones((2, 3))).tolist() == np.ones((2, 3)).tolist()


@pytest.mark.parametrize(("low", "high", "error"), [(2.0, 1.0, 0.0), (1.0, 1.0, -1.0), (np.nan, 1.0, 0.0)])
def test_a_target_that_makes_no_sense_is_refused(low: float, high: float, error: float) -> None:
    with pytest.raises(ValueError, match="no target"):
        Target("m", low, high, error)


# -- simulation-based calibration -----------------------------------------------------------------


def even(places: Any, bins: int = 5) -> float:
    """Return the least chance, over the settings, of ranks as uneven when they are even."""
    from scipy.stats import chisquare

    return min(float(chisquare(np.histogram(column, bins=bins, range=(0, 1))[0]).pvalue)
               for column in places.T)


def test_ninety_per_cent_intervals_hold_the_truth_of_the_toy() -> None:
    places, held = ranks(toy, 4, TOY_BOUNDS, lambda values: (0.05 * values[0], 0.02, 0.1),
                         runs=150, data_sets=40, particles=200)
    assert 0.83 <= held.mean() <= 0.97  # 160 cases: 90 % +- 3 standard errors
    assert even(places) > 0.001


@pytest.mark.slow
def test_ninety_per_cent_intervals_hold_the_truth_of_a_market() -> None:
    simulate, bounds = market(1000, 52)
    places, held = ranks(simulate, 5, bounds, market_errors, runs=400, data_sets=400)
    assert 0.85 <= held.mean() <= 0.95
    assert (held.mean(axis=0) >= 0.83).all()  # .85, less a standard error
    assert even(places) > 0.002


@pytest.mark.slow
def test_ninety_per_cent_intervals_hold_after_all_waves() -> None:
    held = []
    rng = np.random.default_rng(8)
    for number in range(100):
        truth = rng.random(4)
        count, share, size = toy(truth[None], np.array([5000 + number]))[0]
        aims = [Target(name, seen, seen, error) for name, value, error in (
            ("count", count, 3.0), ("share", share, 0.02), ("size", size, 0.1))
            for seen in [value + error * rng.standard_normal()]]
        known = infer(toy, 4, aims, TOY_BOUNDS, budget=120, seed=number, particles=300)
        low, high = np.quantile(known.shares, [0.05, 0.95], axis=0)
        held.append((low <= truth) & (truth <= high))
    assert 0.85 <= np.mean(held) <= 0.95


def test_of_many_settings_those_that_matter_are_found() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((300, 60))
    luck = rng.standard_normal((300, 2))
    straight = 2 * points[:, 7] - points[:, 30]
    bent = 4 * (points[:, 55] - 0.5) ** 2
    values = np.stack([straight, bent], axis=1) + 0.3 * luck
    values[::9, 1] = np.nan
    kept = screened(points, values)
    assert {7, 30, 55} <= set(kept)
    assert len(kept) <= 6
    assert list(kept) == sorted(kept)
    # Luck alone: one setting stays, since an emulator needs one.
    assert 1 <= len(screened(points, luck)) <= 3
    # Few settings need no screening.
    assert list(screened(points[:, :MAX_SETTINGS], luck)) == list(range(MAX_SETTINGS))


def test_settings_that_were_screened_out_keep_their_prior() -> None:
    def simulate(shares: Any, seeds: Any) -> Any:
        luck = np.array([np.random.default_rng(int(seed)).standard_normal() for seed in seeds])
        return (3 * shares[:, 4] + 0.1 * luck)[:, None]

    known = infer(simulate, 40, [Target("m", 2.4, 2.4, 0.1)], [(-np.inf, np.inf)], budget=240,
                  particles=400)
    assert known.shares[:, 4].mean() == pytest.approx(0.8, abs=0.03)
    others = np.delete(learnt(known.shares), 4)
    assert np.abs(others[:35]).max() < 0.4
    assert np.median(np.abs(others)) < 0.05
