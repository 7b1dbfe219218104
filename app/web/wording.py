"""Sentences and names in the reader's language. Codes of the domain get their words here only."""

import gettext

from app.domain.labelling import CARRIED, CARRIED_FROM, HAND, RESTORED, UPLOAD
from app.domain.notices import Notice, NoticeKind
from app.domain.queue import Why
from app.services.calibrating import Standing
from app.services.queueing import Reason

translations = gettext.NullTranslations()  # the English catalogue is the source itself
_ = translations.gettext

TITLES = {
    HAND: "By hand",
    UPLOAD: "Uploaded",
    RESTORED: "Restored",
    CARRIED: "Carried over to another box",
    "border": "Border + Otsu",
    "grabcut": "GrabCut",
    "grabcut-wide": "GrabCut wide",
    "grabcut-border": "GrabCut border",
    "grabcut-centre": "GrabCut centre",
    "grabcut-stretched": "GrabCut, contrast stretched",
    "grabcut-spread": "GrabCut, largest spread",
    "grabcut+crf": "GrabCut + CRF",
    "grabcut+thin": "GrabCut, thin parts kept",
    "grabcut+closed": "GrabCut, gaps closed",
    "saliency-grabcut": "Saliency + GrabCut",
    "kanezaki": "Kanezaki",
    "kanezaki-grabcut": "Kanezaki + GrabCut",
    "merged": "Colour blocks",
}

CODES = {
    # states of specimens, jobs and parts
    "imported": "imported",
    "uncropped": "no specimen found",
    "cropped": "cropped",
    "proposed": "to review",
    "labelled": "labelled",
    "unusable": "unusable",
    # kinds of jobs and parts
    "stage": "Handing in",
    "take-in": "Reading files",
    "crop": "Finding the specimen",
    "recrop": "Finding the specimen anew",
    "place-boxes": "Placing boxes",
    "propose": "First masks",
    "refine": "More masks",
    "maps": "Regions to pick from",
    "train": "Training",
    "train-detector": "Training a detector",
    "add-detector": "Adding a detector",
    "detector": "Detector",
    "predict": "Predicting",
    "measure": "Measuring",
    "export": "Export",
    "import": "Import",
    "crops": "Boxes and crops",
    "table": "a table of boxes",
    "round": "Round",
    "strata": "Wing-colour strata",
    "calibration": "Learning the order of masks",
    "calibrate": "Learning the order of masks",
    "learning": "learning",
    # what a part says of itself
    "taking in": "files",
    "unpacking": "unpacking",
    "kanezaki": "step",
    "colours": "looking at wings",
    "sample": "drawing a sample",
    "stability": "measuring how firm strata are",
    "sheets": "contact sheets",
    "gather-training": "gathering labels",
    "gather-validation": "gathering labels",
    "boxes-of-masks": "looking at masks",
    "read": "reading photographs",
    "compare": "comparing detectors",
    "opening": "opening the file",
    # how the specimen was found on the photograph
    "fallback": "found without a trained detector",
    "hand": "drawn by hand",
    # what about a box deserves a look
    "doubtful": "need a look",
    "unchecked": "not looked at",
    "unsure": "unsure",
    "touches-border": "touches the border",
    "aspect": "aspect unusual",
    "ruler-or-card": "ruler or card suspected",
    "nothing-found": "nothing found",
    # how the import of a file ended
    "waiting": "still to be read",
    "new": "new",
    "duplicate": "there already",
    "conflict": "same name, other picture",
    "refused": "refused",
    "unpacked": "unpacked",
    # how the reading of a mask file ended, and what became of it
    "matched": "matched",
    "unmatched": "no such specimen",
    "ambiguous": "several specimens fit",
    "wrong-size": "wrong size",
    "empty": "empty mask",
    "unreadable": "unreadable",
    "repeated": "further file for a specimen",
    "versions": "became label versions",
    "candidates": "wait in the review",
    "read-masks": "Reading masks",
    "mask": "Black and white",
    "blocks": "Colour blocks, background black",
    "inverse-cutout": "Specimen cut away",
    # notes on photographs
    "alpha-dropped": "its transparency was dropped",
    "grey-to-rgb": "it was grey and is kept as RGB",
    "palette-to-rgb": "its palette was resolved",
    "cmyk-to-rgb": "it was converted from CMYK",
    "16-bit-to-8-bit": "it had 16 bits per channel and is used with 8",
    "orientation-ignored": "it asks to be shown rotated; it is used as stored",
    # kinds and frames of exports
    "masks": "Masks",
    "blue": "On blue",
    "black": "On black",
    "cutout": "Cut-outs with transparency",
    "pairs256": "Training pairs, 256 × 256",
    "all": "Everything",
    "editing": "For editing",
    "photograph": "Whole photograph",
    # values of configurations
    "adamw": "AdamW",
    "sgd": "SGD",
    "plateau": "lowered when Dice stays",
    "cosine": "along a cosine",
    "bf16": "bfloat16",
    "fp16": "float16",
    "iou": "IoU",
    "dice": "Dice",
    "unet16": "U-Net of 16 channels, half resolution: quick on a CPU",
    "unet32": "U-Net of 32 channels, deep",
    "unet64": "U-Net of 64 channels (the lab's)",
    "unet64-transposed": "U-Net of 64 channels, transposed convolutions",
    "tversky": "Tversky",
    "focal-tversky": "focal Tversky",
    "generalised-dice": "generalised Dice",
    "weighted-cross-entropy": "weighted cross-entropy",
    "binary-cross-entropy": "binary cross-entropy",
    "flips-and-scales": "flips and scales",
    "guided": "guided filter",
    "crf": "CRF",
    "keep": "kept",
    "discard": "discarded",
    # decisions
    "accept": "accepted",
    "reject": "rejected",
    "skip": "skipped",
    "retract": "took back a decision",
    # reasons
    "wing-cut": "wing cut off",
    "background-included": "background included",
    "shadow-included": "shadow included",
    "pin-or-label-included": "pin or label included",
    "antenna-or-leg-included": "antenna or leg included",
    "rough-edge": "rough edge",
    "hole": "hole",
    "wrong-object": "not the specimen",
    "wings-not-spread": "wings not spread",
    "side-view": "side view",
    "damaged": "damaged or partial",
    "label-photograph": "photograph of a label",
    "genitalia": "genitalia",
    "blurred": "blurred",
    "other": "other",
}

DETECTORS = {
    "fallback": "Classical, without a network",
    "shipped": "Shipped with Mothmask",
    "setting": "From MOTHMASK_DETECTOR",
}

LAYOUTS = {"v8": "YOLOv8 or v11", "v5": "YOLOv5", "yolox": "YOLOX", "v4": "YOLOv4"}

PRESETS = {
    "tiny": "small and quick, for machines without a graphics card",
    "gpu": "larger, for one modern graphics card",
    "lab": "the lab's network with all of its settings",
    "unet64": "the lab's network with plain settings",
}


DRAWS = {
    "random": "from everything",
    "single": "one hard specimen over and over besides",
    "multi": "several hard specimens besides",
    "mix": "both kinds of hard batches besides",
}


REASONS = {
    Why.UNCERTAIN: "uncertain edge {value:.2f}",
    Why.SHORTAGE: "few labels of its stratum: short by {value:.0%}",
    Why.DISAGREEMENT: "model and best other mask differ: {value:.0%}",
    Why.LOT: "drawn by lot",
    Why.PROMISING: "promising first mask",
    Why.BENCHMARK: "benchmark: needs a label",
    Why.CHECK: "random check",
    Why.PUT_OFF: "was put off {value:.0f} ×",
    Why.NO_CANDIDATE: "needs a hand: no candidate is left",
    Why.LABELLED: "has a label already",
}
"""Why a specimen is next in review."""


def sentence(template: str, **values: object) -> str:
    """The sentence in the reader's language, with its values in place."""
    return _(template).format(**values)


def word(code: str) -> str:
    """What people read for a code of the domain."""
    return _(CODES.get(code, code))


def preset(name: str) -> str:
    """The name of a preset, and in a few words what it is for."""
    return f"{name}: {_(PRESETS[name])}" if name in PRESETS else name


def variant(name: str) -> str:
    """How a variant of a round draws its pictures, after its name."""
    return f"{name}: {_(DRAWS[name])}" if name in DRAWS else name


def detector(name: str) -> str:
    """What people read for the name of a detector, or for where else a box is from."""
    if name.startswith("detector:"):
        return sentence("Detector {number}", number=name.removeprefix("detector:"))
    return _(DETECTORS[name]) if name in DETECTORS else word(name)


def layout(code: str) -> str:
    """The kind of YOLO that a layout of outputs is known from."""
    return _(LAYOUTS.get(code, code))


def title(origin: str) -> str:
    """What people read for the origin of a candidate or label version."""
    if origin.startswith(CARRIED_FROM):
        return sentence("{title}, carried over", title=title(origin.removeprefix(CARRIED_FROM)))
    if origin.startswith("model:"):
        return sentence("U-Net {number}", number=origin.removeprefix("model:"))
    if origin.startswith("models:"):
        numbers = origin.removeprefix("models:").replace("+", " + ")
        return sentence("U-Nets {numbers} together", numbers=numbers)
    if origin.startswith(f"{UPLOAD}:"):
        origin = UPLOAD  # what follows is the number of the file
    return _(TITLES.get(origin, origin.replace("-", " ").capitalize()))


def reason_sentence(reason: Reason) -> str:
    return sentence(REASONS[reason.why], value=reason.value)


def notice_sentence(notice: Notice) -> str:
    values = notice.values
    match notice.kind:
        case NoticeKind.ROUND_DONE:
            return sentence("Round {round} is done.", **values)
        case NoticeKind.ROUND_FAILED:
            return sentence("Round {round} has failed: {message}", **values)
        case NoticeKind.PREDICTIONS_DONE:
            return sentence("The predictions of job {job} are done.", **values)
        case NoticeKind.PREDICTIONS_FAILED:
            return sentence("The predictions of job {job} have failed: {message}", **values)
        case NoticeKind.IMPORT_DONE:
            return sentence("The import of job {job} is done.", **values)
        case NoticeKind.IMPORT_FAILED:
            return sentence("The import of job {job} has failed: {message}", **values)
        case NoticeKind.ASSIGNMENT_DONE:
            return sentence("{person} has gone through “{name}”.", **values)
        case NoticeKind.PROMOTED:
            return sentence("U-Net {model} serves from now on.", **values)


def order_sentence(order: Standing | None) -> str:
    """What the order of a specimen's candidates rests on."""
    if order is None:
        return sentence("Order by the program's own scores")
    values = {"decisions": order.calibration.reviews, "source": order.source}
    if order.used:
        return sentence("Order learned from {decisions} decisions in {source}", **values)
    return sentence(
        "Order by the program's own scores: {decisions} decisions in {source} taught none better",
        **values,
    )
