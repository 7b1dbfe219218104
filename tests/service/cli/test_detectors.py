"""Detectors from the command line."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from app.domain.jobs import Part
from app.services import detectors
from app.services.detector_figures import LeftOut
from tests.service.cli.conftest import Mothmask
from tests.service.detectors.flow import COMPARISON, add_boxes, add_detector
from worker.context import Context


def test_a_training_is_started(mothmask: Mothmask, context: Context) -> None:
    add_boxes(context.db, context.blobs, 20)
    begun = mothmask("detector train", "--steps", 5, "--seed", 3)
    assert begun.code == 0
    assert "Training 1 of a detector has begun as job 1." in begun.out
    again = mothmask("detector train")
    assert (again.code, "still running" in again.err) == (1, True)


def test_too_few_boxes_are_refused(mothmask: Mothmask, context: Context) -> None:
    add_boxes(context.db, context.blobs, 3)
    refused = mothmask("detector train")
    assert (refused.code, "there are 3 on 3" in refused.err) == (1, True)


def test_one_is_promoted_and_listed(mothmask: Mothmask, context: Context) -> None:
    name = detectors.trained_name(add_detector(context.db).id)
    assert "serves" in mothmask("detector promote", name).out
    lines = mothmask("detector list").out.splitlines()
    own, fallback = (next(line for line in lines if each in line) for each in (name, "fallback"))
    assert "0.900" in own
    assert own.rstrip().endswith("all")
    assert "0.600" in fallback
    assert not fallback.rstrip().endswith("all")


def test_what_does_not_exist_is_not_promoted(mothmask: Mothmask, context: Context) -> None:
    add_boxes(context.db, context.blobs, 1)
    refused = mothmask("detector promote", "detector:9")
    assert (refused.code, refused.err) == (1, "There is no detector 9.\n")


def test_a_file_is_added_once(mothmask: Mothmask, context: Context, tmp_path: Path) -> None:
    add_boxes(context.db, context.blobs, 1)
    file = tmp_path / "外來.onnx"
    file.write_bytes(b"network")
    begun = mothmask("detector add", file, "--class", 3, "--class", 0)
    assert "外來.onnx is being opened and compared as job 1." in begun.out
    with context.db.reading() as session:
        (part,) = session.scalars(select(Part))
    assert part.payload["classes"] == [0, 3]
    assert context.blobs.read(part.payload["digest"]) == b"network"


def test_a_file_that_is_not_there_is_named(
    mothmask: Mothmask, context: Context, tmp_path: Path
) -> None:
    add_boxes(context.db, context.blobs, 1)
    refused = mothmask("detector add", tmp_path / "none.onnx")
    assert refused.code == 1
    assert refused.err == f"{tmp_path / 'none.onnx'} cannot be read: No such file or directory.\n"


def test_one_that_could_not_be_compared_is_named(mothmask: Mothmask, context: Context) -> None:
    absent = [LeftOut("detector:7", "It is missing.")]
    add_detector(context.db, replace(COMPARISON, absent=absent))
    assert "detector:7" not in mothmask("detector list").out, "there is no such detector any more"
    add_detector(context.db, replace(COMPARISON, absent=[LeftOut("detector:1", "It is missing.")]))
    assert "detector:1 is not compared: It is missing." in mothmask("detector list").out
