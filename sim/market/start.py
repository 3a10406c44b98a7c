"""What a scenario says about the market before week 1: who sells, who knows and buys the product."""

from __future__ import annotations

from pydantic import Field

from sim.kernel.settings import Settings, parameter
from sim.texts.bilingual import Bilingual

__all__ = ["Start", "StartTier"]


class StartTier(Settings):
    """The resellers of one tier before week 1, as totals."""

    name: Bilingual = parameter(..., "text", None, None, "name of the tier, as in `tiers`")
    resellers: int = parameter(..., "persons", 0, 100_000_000, "how many sell in this tier")
    inventory: int = parameter(
        0, "units", 0, 10**12, "units that they hold, all together")
    sales: float | None = parameter(
        None, "units a month", 0, 1e12,
        "units that they sold to consumers in the last month, all together; "
        "without it, what their customers need")


class Start(Settings):
    """A market that is running before week 1; without it, a run begins with the brand's founders.

    What is not given is drawn so that it fits what is: circles around the resellers of a line, who
    knows the product, what is left at home, worn ties, money put in and earned before.
    """

    roster: str | None = parameter(
        None, "path", None, None, "table of the resellers, one a row: id, upline, tier, inventory, joined")
    tiers: tuple[StartTier, ...] = Field(
        default=(), strict=False, max_length=12,
        description="the resellers as totals by tier, instead of a roster")
    age: int = parameter(
        52, "weeks", 1, 2000,
        "weeks for which the brand has sold; those without a date of joining joined within them")
    aware: float | None = parameter(
        None, "share", 0, 1, "persons who know the product; without it, those who know a reseller")
    customers: float | None = parameter(
        None, "share", 0, 1,
        "persons who ever bought it; without it, a third of those who know it")
    bought_lately: float | None = parameter(
        None, "share", 0, 1,
        "persons who bought it within the last quarter; without it, half of the customers. "
        "Customers who did not have given up the brand")
    trust: float | None = parameter(
        None, "share", 0, 1,
        "mean trust in people who sell to friends; without it, as people are drawn")
    satisfaction: float | None = parameter(
        None, "share", 0, 1,
        "mean satisfaction of those who ever bought; without it, what the product earns")
    quality_perceived: float | None = parameter(
        None, "share", 0, 1,
        "mean quality that those who know the product believe it to have; without it, what they heard "
        "and what use has taught them")
    cells: int | None = parameter(
        None, "cells", 0, 1_000_000,
        "cells organised around the brand, as `brand_communities` makes them; without it, none")
    members: int | None = parameter(
        None, "persons", 0, 100_000_000,
        "members of these cells, customers all; without it, half of what the cells can hold")
    left: int | None = parameter(
        None, "persons", 0, 100_000_000,
        "persons who sold and have left, beside those of the roster; without it, as many as leave at "
        "`leaving.base` while a brand grows")
    street_price: float | None = parameter(
        None, "CNY", 0.01, 1e6, "price that consumers pay; without it, the list price")
    factory_stock: int | None = parameter(
        None, "units", 0, 10**12,
        "finished goods at the brand; without it, `production.opening_stock`")

    @property
    def sells(self) -> bool:
        """Whether anybody sells before week 1."""
        return self.roster is not None or any(tier.resellers for tier in self.tiers)

    @property
    def given(self) -> bool:
        """Whether the scenario says anything about the market before week 1."""
        return bool(self.model_fields_set) and self != type(self)()
