"""Bullwhip: how much more orders vary than demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.errors import UsageError
from sim.kernel import np
from sim.studies.limits.row import Row, lived
from sim.texts import _

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.scenario.schema import Scenario

__all__ = ["bullwhip", "chen", "closed_form", "response"]


def chen(horizon: float, periods: int, correlation: float) -> float:
    """Return 1 + (2 L / p + 2 L^2 / p^2)(1 - rho^p)."""
    gain = 2 * horizon / periods + 2 * (horizon / periods) ** 2
    return 1 + gain * (1 - correlation**periods)


def response(horizon: float, weights: np.ndarray) -> np.ndarray:
    """Return the response of orders to one unit of demand: demand + L x change of the forecast.

    `weights` are the forecast's weights of the demand of this week, last week, and so on.
    """
    answer = np.zeros(weights.size + 1)
    answer[0] = 1.0
    answer[:-1] += horizon * weights
    answer[1:] -= horizon * weights
    return answer


def closed_form(answer: np.ndarray, correlation: float) -> float:
    """Return the variance ratio of a linear response: sum over i, j of h_i h_j rho^|i - j|."""
    if correlation == 0.0:
        return float(answer @ answer)
    lags = np.correlate(answer, answer, mode="full")
    distance = np.abs(np.arange(lags.size) - (answer.size - 1))
    return float((lags * correlation**distance).sum())


def _weights(scenario: Scenario) -> np.ndarray:
    if "moving_average" in scenario.rules.week:
        periods = scenario.moving_average.periods
        return np.full(periods, 1.0 / periods)
    alpha = scenario.forecasting.smoothing
    if alpha <= 0.0:
        raise UsageError(_("forecasting.smoothing: must be above 0 for this closed form"))
    count = 1 if alpha == 1.0 else int(np.ceil(np.log(1e-12) / np.log1p(-alpha)))
    return np.asarray(alpha * (1 - alpha) ** np.arange(count))


def _answers(scenario: Scenario) -> list[np.ndarray]:
    """Return each tier's response to consumer demand, the lowest tier first."""
    horizon = scenario.supply_chain.lead_time + scenario.ordering.cover
    one = response(horizon, _weights(scenario))
    answers = [one]
    for stage in range(2, len(scenario.tiers) + 1):
        if scenario.moving_average.shared and "moving_average" in scenario.rules.week:
            answers.append(response(stage * horizon, _weights(scenario)))
        else:
            answers.append(np.convolve(answers[-1], one))
    return answers


def _linear(scenario: Scenario, answers: list[np.ndarray]) -> Scenario:
    """Return the scenario with a market so large that no order or stock comes near zero."""
    lines, tiers = scenario.fixed_sellers.lines, len(scenario.tiers)
    swing = max(float(np.abs(answer).sum()) for answer in answers)
    mean = max(scenario.demand_process.mean, np.ceil(12.0 * scenario.demand_process.sd * swing))
    quota = int(3 * mean)
    horizon = scenario.supply_chain.lead_time + scenario.ordering.cover
    persons = max(scenario.persons, int(lines * mean * 4 / 1000) + lines * tiers)
    if persons > 2_000_000 or mean > 5e7:
        raise UsageError(
            _("these values amplify demand so much that linear orders need {persons} persons; "
                "take a smaller demand_process.sd or fewer fixed_sellers.lines").format(persons=persons))
    changes: Data = {
        "demand_process.mean": float(mean), "persons": persons,
        "fixed_sellers.stock": int(quota + horizon * mean),
    }
    changes |= {f"tiers.{tier}.quota": quota for tier in range(tiers)}
    return scenario.changed(changes)


def bullwhip(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check Var(orders) / Var(demand) of every tier."""
    if scenario.demand_process.sd < 10.0:
        raise UsageError(_(
            "demand_process.sd: below 10 units whole units show in the variance; the ratio does not "
            "depend on it, so take more"))
    answers = _answers(scenario)
    scenario = _linear(scenario, answers)
    lines, tiers, mean = scenario.fixed_sellers.lines, len(scenario.tiers), scenario.demand_process.mean
    warm = max(answer.size for answer in answers) + 2 * tiers + 40
    scenario = scenario.changed({"weeks": max(scenario.weeks, 2 * warm)})
    squares = np.zeros((tiers + 1, len(seeds) * lines))
    broken = ""
    for place, seed in enumerate(seeds):
        mine = slice(place * lines, (place + 1) * lines)
        for model in lived(scenario, seed):
            if model.week <= warm:
                continue
            resellers = model.world.resellers
            orders = resellers.ordered.reshape(tiers, lines).astype(float)
            demand = resellers.wanted.reshape(tiers, lines)[-1].astype(float)
            squares[0, mine] += (demand - mean) ** 2
            squares[1:, mine] += (orders[::-1] - mean) ** 2
            if resellers.lost.any() or (orders <= 0).any() or (
                    resellers.received != resellers.ordered).any():
                broken = f"an order or a stock reached zero in week {model.week}"
    rows = []
    for stage, answer in enumerate(answers, start=1):
        ratio = squares[stage].sum() / squares[0].sum()
        left = squares[stage] - ratio * squares[0]
        count = left.size
        error = (left.std(ddof=1) * count**0.5 / squares[0].sum()) if count > 1 else float("nan")
        rows.append(Row(
            f"Var(orders)/Var(demand), stage {stage} of {tiers}",
            closed_form(answer, scenario.demand_process.correlation), float(ratio), float(error),
            count, freedom=count - 1, broken=broken,
            # Each order is rounded up to whole units, which adds a variance of 1/6 per stage.
            bias=stage / 6.0 / scenario.demand_process.sd**2, why="whole units",
        ))
    return rows
