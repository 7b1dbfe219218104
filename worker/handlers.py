"""Which module does which kind of part."""

from collections.abc import Mapping

from app.domain.jobs import PartKind
from worker.jobs import (
    calibrate,
    crop,
    export,
    maps,
    measure,
    predict,
    propose,
    read_masks,
    strata,
    take_in,
    train,
)
from worker.runner import Handler

HANDLERS: Mapping[PartKind, Handler] = {
    PartKind.TAKE_IN: take_in.run,
    PartKind.CROP: crop.run,
    PartKind.PROPOSE: propose.run,
    PartKind.REFINE: propose.run_refinement,
    PartKind.MAPS: maps.run,
    PartKind.TRAIN: train.run,
    PartKind.PREDICT: predict.run,
    PartKind.MEASURE: measure.run,
    PartKind.CALIBRATE: calibrate.run,
    PartKind.STRATA: strata.run,
    PartKind.EXPORT: export.run,
    PartKind.READ_MASKS: read_masks.run,
}
