"""Hand labels: which claims a clinician should label, the sheet and the page to do it on, and the rate they correct."""

from __future__ import annotations

from halueval.labelling.correcting import Correction, ModelCorrection, correct
from halueval.labelling.drawing import Draw, DrawnClaim, labels_to_draw
from halueval.labelling.page import label_page
from halueval.labelling.reading import LabelProblem, Labels, read_labels
from halueval.labelling.sheet import SheetRow, write_sheet

__all__ = [
    "Correction",
    "Draw",
    "DrawnClaim",
    "LabelProblem",
    "Labels",
    "ModelCorrection",
    "SheetRow",
    "correct",
    "label_page",
    "labels_to_draw",
    "read_labels",
    "write_sheet",
]
