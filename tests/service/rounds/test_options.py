"""What a lead may want of a round, and what is frozen with it."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from app.blobs import FolderBlobs
from app.db import Database
from app.domain.people import Person
from app.domain.rounds import Round
from app.domain.specimens import Specimen, Split
from app.errors import Refused
from app.services import round_starting, tags
from app.services.round_options import MIX_FACTOR, RoundOptions, configure
from ml.config import ContourWeighting, TrainingConfig
from ml.presets import PRESETS
from tests import factories
from tests.service.rounds import flow
from tests.service.rounds.conftest import AddLabels


def start(db: Database, **wishes: Any) -> Round:
    with db.transaction() as session:
        return round_starting.start_round(
            session, preset="tiny", person_id=None, options=RoundOptions(**wishes)
        )


def tag(db: Database, person: Person, ids: list[int], word: str = "white wing") -> None:
    with db.transaction() as session:
        tags.tag(session, person.id, ids, word, on=True)


def settle(db: Database, sides: dict[int, Split]) -> None:
    """As if earlier rounds had put the specimens on these sides."""
    with db.transaction() as session:
        for specimen_id, split in sides.items():
            session.get_one(Specimen, specimen_id).split = split


def config_of(round_: Round) -> TrainingConfig:
    (config,) = round_.configs.values()
    return TrainingConfig.from_json(config)


def configured(preset: str, options: RoundOptions) -> TrainingConfig:
    (config,) = configure(preset, options).values()
    return config


@pytest.mark.parametrize("preset", list(PRESETS))
def test_without_wishes_the_preset_is_as_it_is(preset: str) -> None:
    assert configured(preset, RoundOptions()) == PRESETS[preset]


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_takes_every_wish(preset: str) -> None:
    config = configured(
        preset,
        RoundOptions(
            draws=("multi",), sample_factor=2, minority=0.5, contour_weight=3, transfer=True, seed=7
        ),
    )
    assert (config.sampling.draw, config.sampling.sample_factor) == ("multi", 2)
    assert config.sampling.minority == 0.5
    assert config.loss.contour is not None
    assert config.loss.contour.weight == 3
    assert config.augmentation.transfer > 0
    assert config.seed == 7
    assert TrainingConfig.from_json(json.loads(json.dumps(asdict(config)))) == config


def test_contour_weighting_and_transfer_go_on_and_off() -> None:
    on = configured("tiny", RoundOptions(contour=True, transfer=True))
    off = configured("lab", RoundOptions(contour=False, transfer=False))
    assert on.loss.contour == (PRESETS["tiny"].loss.contour or ContourWeighting())
    assert off.loss.contour is None
    assert off.augmentation.transfer == 0


@pytest.mark.parametrize(("wanted", "factor"), [(None, MIX_FACTOR), (1, 1), (5, 5)])
def test_mix_draws_the_hard_group_as_often_as_the_lab_did(wanted: int | None, factor: int) -> None:
    options = RoundOptions(draws=("mix",), sample_factor=wanted)
    assert configured("tiny", options).sampling.sample_factor == factor


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"draws": ("all",)}, "cannot be drawn as “all”; use one of random, single, multi, mix"),
        ({"sample_factor": 0}, "sample factor is a number from 1 to 20, not 0"),
        ({"minority": 1.5}, "strata is a number from 0 to 1, not 1.5"),
        ({"minority": float("nan")}, "not nan"),
        ({"contour_weight": 0.5}, "edge is a number from 1 to 20.0, not 0.5"),
        ({"sample_factor": 3}, "hard group is drawn changes nothing"),
        ({"contour": False, "contour_weight": 3}, "edge changes nothing while it is off"),
        ({"seed": -1}, "seed is a number"),
        ({"hard_tags": (" ",)}, "type the word"),
    ],
)
def test_what_cannot_be_is_refused(
    db: Database, add_labels: AddLabels, wishes: dict[str, Any], sentence: str
) -> None:
    add_labels(4)
    with pytest.raises(Refused, match=sentence):
        start(db, **wishes)


def test_the_hard_group_is_frozen_as_it_was_tagged(
    db: Database, person: Person, add_labels: AddLabels
) -> None:
    labels = add_labels(8)
    settle(db, dict.fromkeys(labels[:3], Split.TRAINING))
    tag(db, person, labels[:2])
    tag(db, person, labels[2:3], "transparent")
    tag(db, person, labels[4:5], "pretty")
    round_ = start(db, draws=("mix",), hard_tags=("white wing", " transparent", "white wing"))
    tag(db, person, labels[5:])
    with db.reading() as session:
        versions = {session.get_one(Specimen, number).version_id for number in labels[:3]}
    assert {label.version_id for label in flow.frozen(db, round_) if label.hard} == versions
    assert round_.hard_tags == ["white wing", "transparent"]
    assert config_of(round_).sampling.draw == "mix"


def test_a_hard_draw_without_tags_is_refused(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    with pytest.raises(Refused, match="Choose the tags that make up the hard group"):
        start(db, draws=("single",))


def test_a_hard_draw_without_hard_labels_to_train_on_is_refused(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    validating, measured, *_ = add_labels(6)
    with db.transaction() as session:
        unlabelled = factories.make_specimen(session, blobs, "unlabelled")
        factories.join_benchmark(session, measured)
    settle(db, {validating: Split.VALIDATION})
    tag(db, person, [validating, measured, unlabelled.id])
    with pytest.raises(Refused, match=r"None of the labels .* has the tag “white wing”"):
        start(db, draws=("multi",), hard_tags=("white wing",))


def test_tags_that_would_change_nothing_are_refused(
    db: Database, person: Person, add_labels: AddLabels
) -> None:
    tag(db, person, add_labels(4))
    with pytest.raises(Refused, match="change nothing while pictures are drawn from everything"):
        start(db, hard_tags=("white wing",))


def test_strata_are_frozen_and_can_be_evened_out(db: Database, add_labels: AddLabels) -> None:
    labels = add_labels(8)
    with pytest.raises(Refused, match="not in several wing-colour strata"):
        start(db, minority=0.5)
    with db.transaction() as session:
        for index, number in enumerate(labels[:6]):
            session.get_one(Specimen, number).stratum = index % 2
    round_ = start(db, minority=0.5)
    assert sorted(str(label.stratum) for label in flow.frozen(db, round_)) == [
        *"000111",
        "None",
        "None",
    ]


def test_light_is_transferred_only_between_sources(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    add_labels(4)
    with pytest.raises(Refused, match="of one source"):
        start(db, transfer=True)
    with db.transaction() as session:
        for number in range(3):
            specimen = factories.make_specimen(session, blobs, f"o{number}", source_code="OTHER")
            factories.make_version(session, blobs, specimen, person)
    round_ = start(db, transfer=True)
    assert len({label.source_id for label in flow.frozen(db, round_)}) == 2
    assert config_of(round_).augmentation.transfer > 0


def test_from_scratch_no_model_is_gone_on_from(db: Database, add_labels: AddLabels) -> None:
    add_labels(4)
    flow.add_model(db, start(db))
    anew = start(db, from_scratch=True)
    flow.finish(db, anew)
    assert anew.start_model_id is None
    assert start(db).start_model_id is not None


def test_what_validated_once_is_never_trained_on(
    db: Database, blobs: FolderBlobs, person: Person, add_labels: AddLabels
) -> None:
    """Whatever is asked for, labelled anew or added in between."""
    labels = add_labels(10)
    sides: dict[int, set[Split]] = {number: set() for number in labels}
    for wishes in ({}, {"draws": ("mix",), "hard_tags": ("white wing",)}, {"from_scratch": True}):
        tag(db, person, labels)
        round_ = start(db, **wishes)
        split = {label.version_id: label.split for label in flow.frozen(db, round_)}
        flow.finish(db, round_)
        with db.transaction() as session:
            for number in labels:
                specimen = session.get_one(Specimen, number)
                assert specimen.version_id is not None
                sides[number].add(split[specimen.version_id])
                factories.make_version(session, blobs, specimen, person, grown=1)
        add_labels(5)
    assert all(len(seen) == 1 for seen in sides.values())
    assert {Split.VALIDATION} in sides.values()
