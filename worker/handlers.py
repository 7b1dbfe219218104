"""Which module does which kind of part."""

from collections.abc import Mapping

from app.domain.jobs import PartKind
from worker.jobs import (
    add_detector,
    calibrate,
    crop,
    export,
    maps,
    measure,
    order_queue,
    place_boxes,
    predict,
    propose,
    read_masks,
    recrop,
    strata,
    take_in,
    train,
    train_detector,
    webhook,
)
from worker.runner import Handler

HANDLERS: Mapping[PartKind, Handler] = {
    PartKind.STAGE: take_in.run_staging,
    PartKind.TAKE_IN: take_in.run,
    PartKind.CROP: crop.run,
    PartKind.RECROP: recrop.run,
    PartKind.PLACE_BOXES: place_boxes.run,
    PartKind.PROPOSE: propose.run,
    PartKind.REFINE: propose.run_refinement,
    PartKind.MAPS: maps.run,
    PartKind.TRAIN: train.run,
    PartKind.TRAIN_DETECTOR: train_detector.run,
    PartKind.ADD_DETECTOR: add_detector.run,
    PartKind.PREDICT: predict.run,
    PartKind.MEASURE: measure.run,
    PartKind.CALIBRATE: calibrate.run,
    PartKind.STRATA: strata.run,
    PartKind.QUEUE: order_queue.run,
    PartKind.WEBHOOK: webhook.run,
    PartKind.EXPORT: export.run,
    PartKind.READ_MASKS: read_masks.run,
}
