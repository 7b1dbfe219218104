"""Errors that a person's input can cause, as sentences that can be translated."""


class BadInput(ValueError):
    """Something a person handed in cannot be used.

    The sentence is kept as a template with named values, so that whoever shows it can look the
    template up in a catalogue of translations first.

    Args:
        template: a whole sentence with ``{name}`` places: what was wrong and what to do.
        values: what goes into the places.
    """

    def __init__(self, template: str, **values: object) -> None:
        """Fill the template; the English sentence is what ``str`` gives."""
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class UnreadableImage(BadInput):
    """The bytes are no picture that can be used."""


class UnusableMask(BadInput):
    """The picture is readable, but is no mask for this specimen."""


class NotADetector(BadInput):
    """The ONNX file is no YOLO network in a layout that is known."""


class NotEnoughLabels(BadInput):
    """There are too few labels to train on."""


class CrfMissing(BadInput):
    """The dense CRF was asked for where it is not installed."""
