"""The command prove."""

from __future__ import annotations

from typing import Any

import click

from sim.cli.options import (
    answer,
    answer_json,
    command,
    json_option,
    option,
    overrides_option,
    persons_option,
    quiet_option,
    say,
)
from sim.cli.tables import paragraph, table
from sim.errors import UsageError
from sim.texts import _, mark

__all__ = ["prove"]


@command("prove", examples=(
    "weishang prove", "weishang prove beer_game",
    "weishang prove bullwhip --set moving_average.periods=4 --set ordering.cover=1",
    "weishang prove facts --seeds 5",
    "weishang prove economics", "weishang prove economics demand prosumer --set offer.quality=0.9"))
@click.argument("names", nargs=-1, metavar="[facts [FACT...] | economics [LAW|SCENARIO...] | LIMIT...]")
@overrides_option
@option("--seeds", type=click.IntRange(1, 100_000), metavar="N",
        help=mark("Replicates of each row (default: as many as each takes)."))
@option("--first-seed", type=click.IntRange(0), default=1, show_default=True, metavar="N",
        help=mark("The first of the seeds."))
@persons_option
@json_option
@quiet_option
def prove(
    names: tuple[str, ...], overrides: Any, seeds: int | None, first_seed: int,
    persons: str | None, as_json: bool, quiet: bool,
) -> int:
    """Check the model against closed forms, facts and laws of economics.

    Without names: every closed form. Exit code 1 when a closed form fails or a law is broken.
    """
    if "economics" in names:
        if persons is not None:
            overrides = (*overrides, ("persons", persons))
        return _economics([name for name in names if name != "economics"], dict(overrides), seeds,
                          first_seed, as_json, quiet)
    if "facts" in names:
        if overrides:
            raise UsageError(_("facts are about the shipped scenarios as they are: no --set"))
        if persons is not None and not persons.isdigit():
            raise UsageError(_("--persons takes a whole number"))
        return _facts([name for name in names if name != "facts"], seeds or 10, first_seed,
                      None if persons is None else int(persons), as_json)
    if persons is not None:
        overrides = (*overrides, ("persons", persons))
    return _limits(names, dict(overrides), seeds, first_seed, as_json, quiet)


def _limits(
    names: tuple[str, ...], overrides: dict[str, str], seeds: int | None, first_seed: int,
    as_json: bool, quiet: bool,
) -> int:
    from sim.studies.prove import LEVEL, names_of, prove

    wanted = names_of(names)
    if len(wanted) > 1 and overrides:
        raise UsageError(_("--set goes with one closed form; name it"))
    for name in wanted:
        say(_("{name} ...").format(name=name), quiet=quiet)
    found: Any = prove(wanted, overrides, seeds=seeds, first_seed=first_seed, texts=True)
    passed = bool(found["passed"].all())
    if as_json:
        answer_json({"level": LEVEL, "passed": passed, "rows": found.to_dict("records")})
        return 0 if passed else 1
    answer(table(
        (_("closed form"), _("expected"), _("bias"), _("simulated"), _("error"), _("n"), "z",
         _("result")),
        [
            (f"{row.limit}: {row.quantity}", _number(row.expected), _number(row.bias),
             _number(row.simulated), _number(row.error), str(row.replicates), f"{row.z:.1f}",
             _("pass") if row.passed else f"{_('FAIL')} {row.remark}".strip())
            for row in found.itertuples()
        ], flexible=0))
    remarks = dict.fromkeys(
        f"{row.limit}: {row.remark}" for row in found.itertuples() if row.bias and row.remark)
    if remarks:
        answer("\n" + _("bias (worked out, never fitted):"))
        for remark in remarks:
            answer(paragraph(remark, "  "))
    answer("\n" + _("sources:"))
    for line in dict.fromkeys(f"{row.limit}: {row.source}" for row in found.itertuples()):
        answer(paragraph(line, "  "))
    count = int(found["passed"].sum())
    answer("\n" + _("{count} of {all} pass; the chance of any false alarm in the table is {level}")
           .format(count=count, all=len(found), level=f"{LEVEL:.0%}"))
    return 0 if passed else 1


def _economics(
    names: list[str], overrides: dict[str, str], seeds: int | None, first_seed: int, as_json: bool,
    quiet: bool,
) -> int:
    from sim.cli.progress import Progress
    from sim.studies.economics import LAWS, prove_economics
    from sim.studies.economics.judging import BROKEN, LEVEL
    from sim.studies.economics.trying import SEEDS

    known = {law.name for law in LAWS}
    plans = [name for name in names if name not in known and _is_scenario(name)]
    laws = [name for name in names if name not in plans]
    with Progress(quiet=quiet or as_json) as progress:
        found = prove_economics(
            laws, overrides, seeds=seeds or SEEDS, first_seed=first_seed, scenarios=plans,
            texts=True, progress=progress)
    broken = int((found["verdict"] == BROKEN).sum())
    if as_json:
        answer_json({"level": LEVEL, "passed": not broken, "rows": found.to_dict("records")})
        return 1 if broken else 0
    rows = found.to_dict("records")
    answer(table(
        (_("law"), _("scenario"), _("expected"), _("found"), _("95 % interval"), _("verdict"),
         _("change")),
        [
            (row["law"], row["scenario"], row["expected"], _change(row["found"], row["expected"]),
             f"{_change(row['low'], row['expected'])} .. {_change(row['high'], row['expected'])}",
             _(row["verdict"]), f"{row['change']}: {row['measure']}"
             + (f" ({row['remark']})" if row["remark"] else ""))
            for row in rows
        ]))
    answer("\n" + _("reasons:"))
    for name, reason in dict.fromkeys((row["law"], row["reason"]) for row in rows):
        answer(paragraph(f"{name}: {_(reason)}", "  "))
    lived = found["seeds"]
    answer("\n" + _("{count} of {all} rows hold, {broken} are broken; {seeds} paired seeds, "
                    "{persons} persons").format(
        count=int((found["verdict"] == "holds").sum()), all=len(rows), broken=broken,
        seeds=lived.min(), persons=f"{rows[0]['persons']:,}"))
    again = list(dict.fromkeys(found.loc[lived > lived.min(), "law"]))
    if again:
        answer(_("{laws}: unclear at first, and tried again on {seeds} fresh seeds").format(
            laws=", ".join(again), seeds=lived.max()))
    return 1 if broken else 0


def _is_scenario(name: str) -> bool:
    from pathlib import Path

    from sim.scenario.load import shipped

    return name in shipped() or Path(name).suffix in (".yaml", ".yml")


def _change(value: float, expected: str) -> str:
    """Return a relative difference in per cent, other figures as they are."""
    if expected.startswith("elasticity") or expected == "nothing":
        return _number(value)
    return f"{value:+.1%}"


def _facts(
    names: list[str], seeds: int, first_seed: int, persons: int | None, as_json: bool
) -> int:
    from sim.studies.facts import facts

    found = facts(names, seeds=seeds, first_seed=first_seed, persons=persons)
    if as_json:
        answer_json({"rows": found.to_dict("records")})
        return 0
    answer(table(
        (_("fact"), _("statement"), _("band"), _("simulated"), _("95 % interval"), _("agrees"),
         _("set to meet it")),
        [
            (row["fact"], row["statement"], f"{_number(row['low'])} .. {_number(row['high'])}",
             _number(row["simulated"]), f"{_number(row['from'])} .. {_number(row['to'])}",
             row["agrees"], row["set to meet it"])
            for row in found.to_dict("records")
        ], flexible=1))
    answer("\n" + _("sources:"))
    for row in found.to_dict("records"):
        answer(paragraph(f"{row['fact']}: {row['source']} ({row['scenario']}, {row['seeds']} seeds)", "  "))
    return 0


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
