"""The beer game of Sterman 1989, which involves no chance: results are exact."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.kernel import np
from sim.studies.limits.row import Row, lived

if TYPE_CHECKING:
    from sim.kernel.plain import Data
    from sim.mechanisms.base import Mechanism
    from sim.scenario.schema import Scenario

__all__ = ["beer_game", "beer_game_people", "board"]

CASE = 1000
"""Units per case of beer, so that rounding to whole units is invisible."""
HOLDING, BACKLOG = 0.5, 1.0
"""Dollars per case and week."""
STAGES = ("retailer", "wholesaler", "distributor", "factory")


def board(rule: Mechanism, demand: Sequence[float], shipping: int, stock: float) -> tuple[
    np.ndarray, np.ndarray
]:
    """Play the board game as Edali and Yasarcan 2014 describe it; return costs and orders by stage.

    This is an independent implementation of the rules, in cases of beer; it shares with the model only the
    parameters and the rounding of orders to a thousandth of a case.
    """
    opening = rule.opening / CASE
    arriving = [[opening] * shipping for _ in range(4)]
    arriving[3] += [opening] * rule.mail_delay_top
    mail = [[opening] * rule.mail_delay for _ in range(3)]
    wanted = [rule.desired / CASE] * 3 + [rule.desired_top / CASE]
    inventory, backlog, loss = [stock] * 4, [0.0] * 4, [opening] * 4
    costs, orders = np.zeros(4), np.zeros((len(demand), 4))
    for week, asked in enumerate(demand):
        for stage in range(4):
            inventory[stage] += arriving[stage].pop(0)
        incoming = [asked, *(slips.pop(0) for slips in mail)]
        shipped = []
        for stage in range(4):
            backlog[stage] += incoming[stage]
            shipped.append(min(inventory[stage], backlog[stage]))
            inventory[stage] -= shipped[stage]
            backlog[stage] -= shipped[stage]
            costs[stage] += HOLDING * inventory[stage] + BACKLOG * backlog[stage]
        for stage in range(3):
            arriving[stage].append(shipped[stage + 1])
        for stage in range(4):
            loss[stage] += rule.smoothing * (incoming[stage] - loss[stage])
            line = sum(arriving[stage])
            if stage < 3:
                line += sum(mail[stage]) + backlog[stage + 1]
            gap = wanted[stage] - (inventory[stage] - backlog[stage]) - rule.line_weight * line
            order = max(0.0, loss[stage] + rule.stock_weight * gap)
            order = math.floor(order * CASE + 0.5) / CASE
            orders[week, stage] = opening if week < rule.practice else order
            (mail[stage] if stage < 3 else arriving[3]).append(orders[week, stage])
    return costs, orders


def _play(scenario: Scenario, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return costs and orders by stage, of the model and of the board."""
    costs, orders, demand = np.zeros(4), [], []
    for model in lived(scenario, seed):
        if model.week == 0:
            continue
        resellers = model.world.resellers
        owed = np.empty(4)
        # Next week's mail is already in the backlog, but not yet owed.
        owed[:3] = (resellers.backlog - resellers.ordered)[1:]
        owed[3] = resellers.due[3]
        costs += HOLDING * resellers.inventory + BACKLOG * owed
        orders.append(resellers.decided.copy())
        demand.append(resellers.wanted[3] / CASE)
    costs_board, orders_board = board(
        scenario.anchored_ordering, demand, scenario.supply_chain.lead_time,
        scenario.fixed_sellers.stock / CASE)
    return costs[::-1] / CASE, np.array(orders)[:, ::-1] / CASE, costs_board, orders_board


def _published(scenario: Scenario, figures: Sequence[float], given: Data) -> list[float | None]:
    """Return the published figures if they are for this scenario, else None."""
    same = all(getattr(scenario.anchored_ordering, name) == value for name, value in given.items())
    plain = (
        scenario.weeks == 36 and scenario.demand_process.step_size == 4 * CASE
        and scenario.demand_process.step_week == 5 and scenario.fixed_sellers.stock == 12 * CASE
        and scenario.demand_process.mean == 4 * CASE and scenario.supply_chain.lead_time == 2
        and scenario.anchored_ordering.practice == 4 and scenario.demand_process.sd == 0
    )
    return [*figures] if same and plain else [None] * len(figures)


def _rows(what: str, stages: Sequence[str], published: Sequence[float | None],
          model: np.ndarray, own: np.ndarray, rounding: Sequence[float]) -> list[Row]:
    rows = []
    for place, stage in enumerate(stages):
        figure = published[place]
        rows.append(Row(
            f"{what}, {stage}", float(own[place]) if figure is None else figure,
            float(model[place]), 0.0, 1, rounding=rounding[place],
            why="the board, played on its own" if figure is None else "published figure"))
    return rows


def beer_game(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check the cost of every stage, to the cent if the parameters are whole."""
    costs, _orders, own, _board = _play(scenario, seeds[0])
    published = _published(scenario, (46.0, 50.0, 54.0, 54.0, 204.0), {
        "smoothing": 0.0, "stock_weight": 1.0, "line_weight": 1.0, "desired": 28.0 * CASE,
        "desired_top": 20.0 * CASE})
    costs, own = np.append(costs, costs.sum()), np.append(own, own.sum())
    return _rows("cost", (*STAGES, "team"), published, costs, own, [1e-6] * 5)


def beer_game_people(scenario: Scenario, seeds: Sequence[int]) -> list[Row]:
    """Check the variance of every stage's orders."""
    _costs, orders, _own, board_orders = _play(scenario, seeds[0])
    published = _published(scenario, (7.6, 36.7, 79.6, 116.0), {
        "smoothing": 0.36, "stock_weight": 0.26, "line_weight": 0.34, "desired": 17.0 * CASE,
        "desired_top": 17.0 * CASE})
    # Half of the last published digit.
    slack = [1e-6] * 4 if published[0] is None else [0.05, 0.05, 0.05, 0.5]
    return _rows("variance of orders", STAGES, published, orders.var(axis=0),
                 board_orders.var(axis=0), slack)
