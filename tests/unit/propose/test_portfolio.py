"""Which methods run: the budget, the stages, and pictures that hardly differ from their ground."""

from collections.abc import Callable

import numpy as np
import pytest

from ml import crf
from ml.imaging.arrays import Mask, Pixels
from ml.imaging.drawn import draw_specimen
from ml.propose.finishing import Finishing
from ml.propose.portfolio import PORTFOLIO, Member, can_crf, is_faint, proposed

DRAWN = draw_specimen(40, width=240, height=170)


class Machine:
    """Time that only methods take, and which of them ran."""

    def __init__(self, pace: float = 1.0) -> None:
        self.pace, self.now = pace, 0.0
        self.ran: list[str] = []

    def member(self, name: str, seconds: float, mask: Mask = DRAWN.mask, **more: object) -> Member:
        def method(_pixels: Pixels) -> Mask:
            self.now += seconds * self.pace
            self.ran.append(name)
            return mask

        return Member(name, method, seconds, **more)  # type: ignore[arg-type]

    def clock(self) -> float:
        return self.now


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    trust = dict.fromkeys(("first", "second", "third", "last", "first+crf"), 1.0)
    monkeypatch.setattr("ml.propose.ranking._TRUST", trust)
    return Machine()


def test_a_later_stage_is_left_out_where_an_earlier_one_is_sure(machine: Machine) -> None:
    stages = [[machine.member("first", 0.1), machine.member("second", 0.1)]]
    (only,) = proposed(
        DRAWN.pixels, [*stages, [machine.member("last", 1)]], seconds=9, clock=machine.clock
    )
    assert machine.ran == ["first", "second"]
    assert {only.method, *only.agreeing} == {"first", "second"}


def test_a_later_stage_runs_where_an_earlier_one_is_not_sure(machine: Machine) -> None:
    corner = np.zeros_like(DRAWN.mask)
    corner[:80, :100] = 255
    stages = [[machine.member("first", 0.1, corner)], [machine.member("last", 1)]]
    proposed(DRAWN.pixels, stages, seconds=9, clock=machine.clock)
    assert machine.ran == ["first", "last"]


@pytest.mark.parametrize(
    ("pace", "ran"), [(1, ["first", "second", "third"]), (3, ["first", "third"]), (99, ["first"])]
)
def test_what_does_not_fit_in_the_budget_is_left_out_and_what_is_short_still_runs(
    pace: float, ran: list[str], machine: Machine
) -> None:
    machine.pace = pace
    times = {"first": 0.2, "second": 0.4, "third": 0.1}
    members = [machine.member(name, seconds) for name, seconds in times.items()]
    assert proposed(DRAWN.pixels, [members], seconds=1, clock=machine.clock)
    assert machine.ran == ran


def test_a_method_makes_its_raw_mask_once_however_often_it_is_finished(machine: Machine) -> None:
    first = machine.member("first", 0.1)
    second = Member("second", first.method, 0.1, Finishing(opened=0))
    proposed(DRAWN.pixels, [[first, second]], seconds=9, clock=machine.clock)
    assert machine.ran == ["first"]


def test_a_member_may_be_for_certain_pictures_only(machine: Machine) -> None:
    members = [machine.member("first", 0.1), machine.member("second", 0.1, when=is_faint)]
    proposed(DRAWN.pixels, [members], seconds=9, clock=machine.clock)
    assert machine.ran == ["first"]


def test_a_picture_is_faint_when_nothing_on_it_differs_much_from_its_border() -> None:
    assert not is_faint(DRAWN.pixels)
    assert is_faint((120 + DRAWN.pixels.astype(np.float32) * 0.1).astype(np.uint8))


def test_without_the_crf_there_are_no_candidates_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def names(available: Callable[[], bool]) -> set[str]:
        monkeypatch.setattr(crf, "is_available", available)
        members = [member for stage in PORTFOLIO for member in stage]
        wanted = [each for each in members if each.when is can_crf or each.name == "grabcut"]
        found = proposed(DRAWN.pixels, [wanted], seconds=9)
        return {name for each in found for name in (each.method, *each.agreeing)}

    assert names(lambda: False) == {"grabcut"}
    assert names(lambda: True) == {"grabcut", "grabcut+crf"}
