"""Who validates, as labels grow from round to round."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.specimens import Split
from app.services.splitting import Member, validating

STRATA = st.one_of(st.none(), st.integers(1, 6))
ROUNDS = st.lists(st.lists(STRATA, min_size=4, max_size=60), min_size=1, max_size=6)


def settle(members: list[Member]) -> list[Member]:
    chosen = validating(members)
    return [
        replace(member, split=Split.VALIDATION if member.specimen_id in chosen else Split.TRAINING)
        if member.split is None
        else member
        for member in members
    ]


def fresh(strata: list[int | None], first: int = 1) -> list[Member]:
    return [Member(first + index, stratum, None) for index, stratum in enumerate(strata)]


def validation(members: list[Member]) -> list[Member]:
    return [member for member in members if member.split is Split.VALIDATION]


@given(ROUNDS)
def test_a_tenth_but_at_least_one_validates_in_each_round(rounds: list[list[int | None]]) -> None:
    members: list[Member] = []
    for strata in rounds:
        members = settle(members + fresh(strata, len(members) + 1))
        assert len(validation(members)) == max(1, round(0.1 * len(members)))


@given(ROUNDS)
def test_nobody_changes_sides(rounds: list[list[int | None]]) -> None:
    members: list[Member] = []
    for strata in rounds:
        before = {member.specimen_id: member.split for member in members}
        members = settle(members + fresh(strata, len(members) + 1))
        after = {member.specimen_id: member.split for member in members}
        assert before.items() <= after.items()


@given(st.lists(st.integers(1, 6), min_size=4, max_size=300))
def test_each_stratum_has_its_share(strata: list[int]) -> None:
    members = settle(fresh(list(strata)))
    sizes = Counter(strata)
    chosen = Counter(member.stratum for member in validation(members))
    for number, size in sizes.items():
        if size >= 2:
            assert abs(chosen[number] - 0.1 * size) <= 1


@given(st.lists(st.sampled_from([1, 2, 3]), min_size=4, max_size=100), st.randoms())
def test_the_order_of_specimens_does_not_matter(strata: list[int], random: object) -> None:
    members = fresh(list(strata))
    shuffled = list(members)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert validating(shuffled) == validating(members)


def test_a_stratum_of_one_keeps_its_specimen_for_training_where_others_have_more() -> None:
    members = fresh([1, 2, *[4] * 12])
    assert [member.stratum for member in validation(settle(members))] == [4]


def test_half_of_what_is_new_is_learned_although_validation_lacks_more() -> None:
    old = [Member(number, 1, Split.TRAINING) for number in range(1, 191)]
    new = fresh([1] * 10, first=200)
    assert len(validating(old + new)) == 5


def test_nothing_new_validates_where_there_is_enough() -> None:
    old = [Member(number, 1, Split.VALIDATION) for number in range(1, 11)]
    assert validating(old + fresh([1] * 40, first=20)) == set()
