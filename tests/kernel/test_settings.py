import pytest
from pydantic import ValidationError

from sim.kernel.settings import Prior, Settings, fen, parameter
from sim.market.settings import Controls


class Toy(Settings):
    """Settings of the test's own."""

    share: float = parameter(0.5, "share", 0, 1, "a share")
    weight: float = parameter(None, "weight", 0, 10, "follows", control=("feedback", 2.0, 4.0))


@pytest.mark.parametrize("wrong", [
    {"share": 1.1}, {"share": -0.1}, {"share": "0.5"}, {"share": float("nan")},
    {"share": float("inf")}, {"shares": 0.5}, {"share": True}, {"share": None},
])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Toy(**wrong)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Toy().share = 0.1  # type: ignore[misc]


@pytest.mark.parametrize(("feedback", "weight"), [(0.0, 2.0), (0.25, 2.5), (1.0, 4.0)])
def test_what_is_left_to_a_control_follows_it(feedback: float, weight: float) -> None:
    assert Toy().following(Controls(feedback=feedback)).weight == weight
    assert Toy(weight=9.0).following(Controls(feedback=feedback)).weight == 9.0


def test_yuan_in_fen() -> None:
    assert fen(0.29) == 29
    assert fen(128) == 12_800


@pytest.mark.parametrize(("low", "high", "default"), [(-0.1, 0.6, 0.5), (0.4, 1.1, 0.5), (0.6, 0.8, 0.5)])
def test_a_prior_lies_within_the_bounds_around_the_default(
    low: float, high: float, default: float
) -> None:
    with pytest.raises(ValueError, match="within the bounds, around the default"):
        parameter(default, "share", 0, 1, "a share", prior=Prior(low, high, "a test"))


@pytest.mark.parametrize(("low", "high", "log"), [(1.0, 1.0, False), (2.0, 1.0, False), (0.0, 1.0, True)])
def test_a_prior_is_a_range(low: float, high: float, log: bool) -> None:
    with pytest.raises(ValueError, match="no prior from"):
        Prior(low, high, "a test", log)
