"""Stylised facts: what sources report, what the shipped scenarios do, and which settings were chosen to fit.

Nothing here is tuned, and no band is widened: facts that the model misses are reported as missed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.errors import UsageError
from sim.kernel import np
from sim.texts import _

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FACTS", "Fact", "facts", "fitted_bass", "upline_effect"]

YEAR, MONTH = 52, 52 / 12
"""Weeks in a year and in a month."""
WATCHED = 39
"""Weeks for which customers are observed after their first purchase, as at CDNOW."""
SHORT = 8
"""Weeks that stand for the 60 days after an upline's exit."""
MANY = 100_000
"""Default size of markets for facts that luck would hide in smaller ones: few joins, small elasticities."""
FITTED = "fitted: a target of the shipped ensemble, at whose centre the defaults are"


@dataclass(frozen=True)
class Fact:
    """One stylised fact.

    `low` and `high` are the band of its source, in the unit of `measure`. `chosen` names the settings that
    were chosen with this fact in view: agreement is then a fit, otherwise a prediction. The interval of a
    `share` is cut at 0 and 1; a `large` market has `MANY` persons.
    """

    name: str
    statement: str
    source: str
    low: float
    high: float
    scenario: str
    measure: Callable[[Seen], float]
    chosen: str = ""
    share: bool = False
    large: bool = False

    def where(self, persons: int | None) -> str:
        """Return where it is measured, with the size of the market if that is not the scenario's."""
        size = persons or (MANY if self.large else None)
        return f"{self.scenario}, {size:,} persons" if size else self.scenario


class Seen:
    """One seed of a scenario and its variants; each is run once, on demand."""

    def __init__(self, seed: int, persons: int | None) -> None:
        self.seed, self.persons = seed, persons
        self._lived: dict[str, Any] = {}

    def model(self, name: str, **changes: Any) -> Any:
        """Return the model of a shipped scenario after its last week."""
        from sim.model import MicroCommerce
        from sim.scenario.load import load

        key = f"{name} {sorted(changes.items())}"
        if key not in self._lived:
            settings = {path.replace("__", "."): value for path, value in changes.items()}
            if self.persons is not None:
                settings["persons"] = self.persons
            model = MicroCommerce(load(name, settings), rng=self.seed)
            model.history = {"sold": [], "purchases": [], "asks": [], "muted": []}
            _watch(model)
            while model.running:
                model.step()
                model.history["sold"].append(model.world.resellers.sold.copy())
                model.history["purchases"].append(
                    model.world.persons.purchases.astype(np.int16))
            self._lived[key] = model
        return self._lived[key]

    def table(self, model: Any, name: str) -> pd.DataFrame:
        """Return one of the tables of a model."""
        from sim.runs.result import tables_of

        return tables_of(model)[name]


def _watch(model: Any) -> None:
    """Record every week's asks and mutes, which no table reports."""
    count = model.world.count

    def noted(flow: str, amount: int) -> None:
        if flow in ("asks", "muted"):
            model.history[flow].append(int(amount))
        count(flow, amount)

    model.world.count = noted


def _joined(seen: Seen) -> pd.DataFrame:
    return seen.table(seen.model("pyramid"), "resellers")


def loss_share(seen: Seen) -> float:
    """Return the share of all who ever joined who made no profit."""
    return float((_joined(seen)["profit"] <= 0).mean())


def recruiting_share(seen: Seen) -> float:
    """Return the share of agent-side revenue of the last half year that came from recruits."""
    return float(seen.table(seen.model("pyramid"), "weekly")["recruiting_share"].iloc[-1])


def left_in_a_year(seen: Seen) -> float:
    """Return the share who left within a year, of those who joined early enough to be observed."""
    people = _joined(seen)
    last = seen.model("pyramid").week
    watched = people[people["joined_week"] <= last - YEAR]
    stayed = watched["left_week"].fillna(10**6) - watched["joined_week"]
    return float((stayed <= YEAR).mean()) if len(watched) else math.nan


def left_after_five_years(seen: Seen) -> float:
    """Return the share of those who joined in the first year who still sell five years later."""
    model = seen.model("pyramid", weeks=6 * YEAR)
    people = seen.table(model, "resellers")
    watched = people[people["joined_week"] <= YEAR]
    stayed = watched["left_week"].fillna(10**6) - watched["joined_week"]
    return float((stayed > 5 * YEAR).mean()) if len(watched) else math.nan


def upline_effect(joined: np.ndarray, left: np.ndarray, sponsor: np.ndarray, last: int) -> float:
    """Return the ratio of the weekly hazards of leaving: in the weeks after the sponsor left, to other weeks.

    `left` is beyond `last` for those who are still there; `sponsor` is a row, or -1 for the brand.
    """
    events, weeks = [0, 0], [0, 0]
    for row in range(len(joined)):
        end = min(int(left[row]), last)
        alone = int(left[sponsor[row]]) if sponsor[row] >= 0 else last + 1
        begin = max(int(joined[row]), alone)
        after = max(0, min(end, alone + SHORT) - begin)
        weeks[1] += after
        weeks[0] += max(0, end - int(joined[row]) - after)
        if left[row] <= last:
            events[int(alone < left[row] <= alone + SHORT)] += 1
    if not weeks[0] or not weeks[1] or not events[0]:
        return math.nan
    return (events[1] / weeks[1]) / (events[0] / weeks[0])


def upline_exit(seen: Seen) -> float:
    """Return the `upline_effect` of the pyramid."""
    resellers = seen.model("pyramid").world.resellers
    left = np.where(resellers.left_week < 0, 10**6, resellers.left_week.astype(np.int64))
    return upline_effect(
        resellers.joined_week, left, resellers.sponsor, seen.model("pyramid").week)


def loading_while_growing(seen: Seen) -> float:
    """Return sell-in over sell-through until the number of resellers peaks."""
    weekly = seen.table(seen.model("pyramid"), "weekly")
    growing = weekly.iloc[: int(weekly["resellers_active"].to_numpy().argmax()) + 1]
    return float(growing["sell_in"].sum() / max(1, growing["sell_through"].sum()))


def clearance(seen: Seen) -> float:
    """Return the lowest price of the second year over the wholesale price of the lowest tier."""
    weekly = seen.table(seen.model("pyramid"), "weekly").iloc[YEAR:]
    return float(weekly["price_street_min"].min() / weekly["price_wholesale_low"].iloc[0])


def fitted_bass(new: np.ndarray, already: float = 0.0) -> tuple[float, float]:
    """Return p and q per week, fitted to weekly adoptions by Bass's own regression.

    n(t) = a + b N(t-1) + c N(t-1)^2 with p = a / m, q = -c m and m the positive root. N includes those who
    have adopted `already`, since others may imitate them.
    """
    before = already + np.concatenate([[0.0], np.cumsum(new)[:-1]])
    matrix = np.stack([np.ones(len(new)), before, before**2], axis=1)
    a, b, c = np.linalg.lstsq(matrix, new.astype(float), rcond=None)[0]
    if c >= 0.0 or a <= 0.0 or b * b <= 4 * a * c:
        return (math.nan, math.nan) if c >= 0 else (0.0, float(b))
    market = (-b - math.sqrt(b * b - 4 * a * c)) / (2 * c)
    return float(a / market), float(-c * market)


def imitation(seen: Seen) -> float:
    """Return q / p of joining in a large pyramid, after its founders."""
    model = seen.model("pyramid", persons=MANY)
    joins = seen.table(model, "weekly")["joins"].to_numpy().copy()
    # The brand chose the founders, and others may imitate them from the first week.
    people = seen.table(model, "resellers")
    founders = int((people["upline"].isna() & (people["joined_week"] <= 1)).sum())
    joins[0] -= founders
    p, q = fitted_bass(joins, founders)
    return math.inf if p == 0.0 and q > 0.0 else q / p


def own_retail(seen: Seen) -> float:
    """Return own retail in yuan per reseller and month, over all reseller-weeks."""
    weekly = seen.table(seen.model("pyramid"), "weekly")
    return float(
        weekly["revenue_retail"].sum() / weekly["resellers_active"].sum() / 100 * MONTH)


def fading(seen: Seen) -> float:
    """Return sales in the second half of the first year over those in its first half, of sellers who stay.

    Both halves are of the same people, since a mean over all present would rise as poor sellers leave. The
    first four weeks are omitted, when the first order is still on its way.
    """
    model = seen.model("pyramid")
    resellers, sold = model.world.resellers, model.history["sold"]
    first = second = 0
    for row in range(len(resellers)):
        joined, left = int(resellers.joined_week[row]), int(resellers.left_week[row])
        if joined + YEAR > model.week or 0 <= left < joined + YEAR:
            continue
        # Week w of the run is entry w - 1 of the history.
        first += sum(int(week[row]) for week in sold[joined + 4 : joined + YEAR // 2 + 2])
        second += sum(int(week[row]) for week in sold[joined + YEAR // 2 + 2 : joined + YEAR])
    return second / first if first else math.nan


def blocked(seen: Seen) -> float:
    """Return the share of ties that are muted at the end."""
    return float(seen.table(seen.model("pyramid"), "weekly")["muted_share"].iloc[-1])


def _purchases(seen: Seen) -> np.ndarray:
    """Return each buyer's purchases within 39 weeks of the first one, in descending order.

    The customers of CDNOW were observed for at most 39 weeks after their first purchase.
    """
    model = seen.model("prosumer")
    history = np.stack(model.history["purchases"])
    begun = model.world.persons.first_purchase.astype(np.int64)
    watched = np.flatnonzero((begun >= 1) & (begun + WATCHED <= model.week))
    bought = history[begun[watched] + WATCHED - 1, watched].astype(np.int64)
    return np.sort(bought)[::-1]


def buy_once(seen: Seen) -> float:
    """Return the share of buyers without a repeat purchase in the prosumer regime."""
    bought = _purchases(seen)
    return float((bought == 1).mean()) if bought.size else math.nan


def top_fifth(seen: Seen) -> float:
    """Return the share of repeat purchases that the top fifth of buyers make."""
    repeats = _purchases(seen) - 1
    total = int(repeats.sum())
    return float(repeats[: max(1, repeats.size // 5)].sum() / total) if total else math.nan


def user_designed(seen: Seen) -> float:
    """Return sales of the last year with the product loop over those without it."""
    with_loop = seen.table(seen.model("prosumer"), "weekly")
    without = seen.table(seen.model("prosumer", controls__feedback_product=0.0), "weekly")
    return float(with_loop["sell_through"].iloc[-YEAR:].sum()
                 / max(1, without["sell_through"].iloc[-YEAR:].sum()))


def _stage(seen: Seen, *stages: str) -> float:
    weekly = seen.table(seen.model("prosumer"), "weekly").iloc[-1]
    everybody = sum(weekly[f"stage_{name}"] for name in ("customer", "user", "fan", "geek"))
    return float(sum(weekly[f"stage_{name}"] for name in stages) / max(1, everybody))


def creators(seen: Seen) -> float:
    """Return geeks as a share of customers."""
    return _stage(seen, "geek")


def contributors(seen: Seen) -> float:
    """Return fans as a share of customers."""
    return _stage(seen, "fan")


def _old_channel(seen: Seen, **changes: Any) -> int:
    weekly = seen.table(seen.model("channel_conflict", **changes), "weekly")
    return int(weekly["purchases_legacy"].sum())


def copy_hurts(seen: Seen) -> float:
    """Return the legacy channel's units next to a copied product over those next to a distinct one."""
    copied = _old_channel(seen, legacy_channel__distinctness=0.0)
    return copied / max(1, _old_channel(seen, legacy_channel__distinctness=1.0))


def _elasticity(seen: Seen, scenario: str, setting: str, reach: float, **changes: Any) -> float:
    """Return the elasticity of sales to a setting that is raised and lowered by the share `reach`."""
    from sim.scenario.load import load

    before: Any = functools.reduce(getattr, setting.split("."), load(scenario))
    low, high = 1.0 - reach, 1.0 + reach
    sold = [
        int(seen.table(seen.model(scenario, **{setting.replace(".", "__"): before * factor}, **changes),
                       "weekly")["sell_through"].sum()) for factor in (low, high)]
    return math.log(sold[1] / sold[0]) / math.log(high / low) if min(sold) else math.nan


def price_open(seen: Seen) -> float:
    """Return the own-price elasticity when prices are open."""
    return _elasticity(seen, "prosumer", "offer.list_price", 0.1)


def price_hidden(seen: Seen) -> float:
    """Return the own-price elasticity when prices are hidden."""
    return _elasticity(seen, "pyramid", "offer.list_price", 0.1)


def word_of_mouth(seen: Seen) -> float:
    """Return the elasticity of sales to the number of listeners per speaker in the prosumer regime."""
    return _elasticity(seen, "prosumer", "word_of_mouth.listeners", 0.25)


def word_of_mouth_closed(seen: Seen) -> float:
    """Return the elasticity of sales to the number of listeners per speaker in a large pyramid."""
    return _elasticity(seen, "pyramid", "word_of_mouth.listeners", 0.5, persons=MANY)


def mutes_per_ask(seen: Seen) -> float:
    """Return the share of asks that end in a mute."""
    history = seen.model("pyramid").history
    asks = sum(history["asks"])
    return sum(history["muted"]) / asks if asks else math.nan


def never_needers(seen: Seen) -> float:
    """Return the share of buyers among those who never need the category."""
    persons = seen.model("pyramid").world.persons
    never = persons.weekly_need == 0.0
    return float((persons.purchases[never] > 0).mean()) if never.any() else math.nan


FACTS = (
    Fact("S1", "share of all who ever joined who do not profit", "AARP Foundation 2018",
         0.70, 1.0, "pyramid", loss_share, FITTED, share=True),
    Fact("S2", "late share of agent-side revenue from recruits", "FTC v. Fortune Hi-Tech 2014: 81 %",
         0.80, 1.0, "pyramid", recruiting_share, FITTED, share=True),
    Fact("S3", "share of resellers who leave within a year", "Herbalife complaint 2016",
         0.40, 0.60, "pyramid", left_in_a_year, FITTED, share=True),
    Fact("S3b", "share left after five years", "Quixtar: 4.1 % (R2)",
         0.0, 0.10, "pyramid, 312 weeks", left_after_five_years, "", share=True),
    Fact("S4", "hazard in 60 days after the upline's exit, times the usual", "DirecTech (vendor)",
         1.0, math.inf, "pyramid", upline_exit, "the sign of leaving.contagion_weight is this fact"),
    Fact("S5", "sell-in over sell-through while the channel grows", "LuLaRoe",
         1.0, math.inf, "pyramid", loading_while_growing, ""),
    Fact("S5b", "lowest street price of year 2 over wholesale", "LuLaRoe; Li Ning 40-50 %",
         0.0, 1.0, "pyramid", clearance, FITTED),
    Fact("S7", "imitation over innovation of joining, q / p", "Bosley, McKeage 2015",
         5.0, math.inf, "pyramid", imitation, "recruiting.founders: few", large=True),
    Fact("S9", "own retail, yuan a reseller and month", "industry totals; 韩束",
         500.0, 5000.0, "pyramid", own_retail, FITTED),
    Fact("S10", "sales of the same sellers, weeks 29-52 of their selling over weeks 5-28",
         "polls; Verlegh et al. 2013",
         0.0, 1.0, "pyramid", fading, ""),
    Fact("S10b", "share of ties that are muted in the end", "China Youth Daily: some, direction",
         1e-9, 1.0, "pyramid", blocked, "prospecting.mute: 7.3 % is its upper anchor", share=True),
    Fact("S11", "share of buyers who buy once", "CDNOW: 59.9 %",
         0.50, 0.70, "prosumer", buy_once, "", share=True),
    Fact("S11b", "share of repeats by the top fifth of buyers", "CDNOW: 79.2 %",
         0.70, 0.85, "prosumer", top_fifth, "", share=True),
    Fact("S12", "sales with the product loop over without", "Muji 3-5 x; Lilien et al. 2002",
         1.2, 5.0, "prosumer", user_designed, FITTED),
    Fact("S13", "creators among customers", "Nielsen 2006: about 1 %",
         0.005, 0.02, "prosumer", creators, FITTED, share=True),
    Fact("S13b", "contributors among customers", "Nielsen 2006: about 9 %",
         0.05, 0.15, "prosumer", contributors, FITTED, share=True),
    Fact("S14", "legacy channel beside a copied product over beside a distinct one",
         "Deleersnyder et al. 2002", 0.0, 1.0, "channel_conflict", copy_hurts,
         "legacy_channel.distinctness states it"),
    Fact("S15", "own-price elasticity of sales, prices open", "Bijmolt et al. 2005: -2.6",
         -3.5, -1.8, "prosumer, list price +-10 %", price_open, FITTED),
    Fact("S15b", "own-price elasticity of sales, prices hidden", "Bijmolt et al. 2005: negative",
         -math.inf, -1e-9, "pyramid, list price +-10 %", price_hidden, ""),
    Fact("S16", "elasticity of sales to word of mouth", "You et al. 2015: .236; Trusov et al. 2009: .53",
         0.1, 0.5, "prosumer, listeners +-25 %", word_of_mouth, ""),
    Fact("S16b", "elasticity of sales to word of mouth, closed information", "You et al. 2015: positive",
         1e-9, math.inf, "pyramid, listeners +-50 %", word_of_mouth_closed, "", large=True),
    Fact("S17", "mutes per sales pitch", "China Youth Daily: 7.3 %", 0.0, 0.073, "pyramid", mutes_per_ask,
         "prospecting.mute: 7.3 % is its upper anchor", share=True),
    Fact("S18", "share of those who never need it who bought", "a small minority (issue 15)",
         0.0, 0.10, "pyramid", never_needers, "purchase_choice.push_occasion", share=True),
)
"""All facts but S6 and S8, which are exact (limits ``bullwhip`` and ``recruiting_tree``). The sources give
no bands for "about 1 %" and "about 9 %": half to double, and 5-15 %, are ours."""


def facts(
    names: Sequence[str] = (), *, seeds: int = 10, first_seed: int = 1, persons: int | None = None
) -> pd.DataFrame:
    """Return one row per stylised fact: source, band, the model's value, and agreement.

    ``agrees`` is "yes" if the whole 95 % interval of the mean over seeds lies in the band, "no" if none of
    it does, and "in part" otherwise.

    Raises
    ------
    UsageError
        For an unknown fact, or fewer than two seeds.
    """
    import pandas as pd
    from scipy.stats import t

    wanted = [fact for fact in FACTS if not names or fact.name in names]
    if not wanted or (names and {fact.name for fact in wanted} != set(names)):
        raise UsageError(_("facts are: {names}").format(
            names=", ".join(fact.name for fact in FACTS)))
    if seeds < 2:
        raise UsageError(_("an interval over seeds needs at least two"))
    found: dict[str, list[float]] = {fact.name: [] for fact in wanted}
    for seed in range(first_seed, first_seed + seeds):
        seen = Seen(seed, persons)
        for fact in wanted:
            found[fact.name].append(fact.measure(seen))
    reach = float(t.ppf(0.975, seeds - 1)) / seeds**0.5
    rows = []
    for fact in wanted:
        values = np.array(found[fact.name])
        mean = float(values.mean())
        half = reach * float(values.std(ddof=1)) if np.isfinite(values).all() else 0.0
        low, high = mean - half, mean + half
        if fact.share:
            low, high = max(low, 0.0), min(high, 1.0)
        rows.append({
            "fact": fact.name, "statement": fact.statement, "low": fact.low, "high": fact.high,
            "simulated": mean, "from": low, "to": high,
            "agrees": agreement(low, high, fact.low, fact.high),
            "scenario": fact.where(persons), "seeds": seeds,
            "set to meet it": fact.chosen or "nothing: a prediction", "source": fact.source,
        })
    return pd.DataFrame(rows)


def agreement(low: float, high: float, least: float, most: float) -> str:
    """Return whether the interval from `low` to `high` lies in the band from `least` to `most`."""
    if not (math.isfinite(low) and math.isfinite(high)) or high < least or low > most:
        return "no"
    return "yes" if low >= least and high <= most else "in part"
