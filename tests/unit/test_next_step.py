"""What to do now follows from how things stand."""

from dataclasses import replace

import pytest

from app.services.next_step import Facts, NextStep, Step, steps

NOTHING = Facts(
    specimens=0,
    waiting=0,
    needs_hand=0,
    boxes=0,
    labels=0,
    new_labels=0,
    round_running=False,
    jobs=0,
    members=0,
    has_strata=False,
    may_stop=False,
)
SOME = replace(NOTHING, specimens=400, has_strata=True, members=20)


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        (NOTHING, NextStep(Step.IMPORT)),
        (replace(NOTHING, jobs=1), NextStep(Step.WAIT)),
        (replace(SOME, jobs=1), NextStep(Step.WAIT)),
        (replace(SOME, waiting=12), NextStep(Step.REVIEW, 12)),
        (replace(SOME, waiting=12, labels=19, new_labels=19), NextStep(Step.REVIEW, 12)),
        (replace(SOME, waiting=12, labels=20, new_labels=20), NextStep(Step.RETRAIN, 20)),
        (replace(SOME, waiting=12, labels=300, new_labels=59), NextStep(Step.REVIEW, 12)),
        (replace(SOME, waiting=9, labels=300, new_labels=60), NextStep(Step.RETRAIN, 60)),
        (
            replace(SOME, waiting=9, labels=300, new_labels=60, round_running=True),
            NextStep(Step.REVIEW, 9),
        ),
        (replace(SOME, needs_hand=3, boxes=2), NextStep(Step.HAND, 3)),
        (replace(SOME, boxes=2), NextStep(Step.BOXES, 2)),
        (replace(SOME, waiting=9, labels=300, may_stop=True), NextStep(Step.SECOND_LOOK)),
        (replace(SOME, labels=60, members=0), NextStep(Step.BENCHMARK)),
        (replace(SOME, labels=60, has_strata=False), NextStep(Step.STRATA)),
        (replace(SOME, labels=60), NextStep(Step.EXPORT, 60)),
        (SOME, NextStep(Step.EXPORT, 0)),
    ],
)
def test_one_thing_comes_first(facts: Facts, first: NextStep) -> None:
    assert steps(facts)[0] == first


def test_the_rest_is_named_too() -> None:
    found = steps(replace(SOME, waiting=9, boxes=2, labels=60, members=0))
    assert [each.step for each in found] == [Step.REVIEW, Step.BOXES, Step.BENCHMARK]
