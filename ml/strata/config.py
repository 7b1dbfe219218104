"""How wing-colour strata are made; without scikit-learn."""

from dataclasses import dataclass

LEAST_PER_STRATUM = 5


@dataclass(frozen=True)
class StrataConfig:
    """Everything that decides, with the specimens and their masks, which strata come out.

    Args:
        rows: grid cells over the wings from head to tail.
        columns: grid cells from wing tip to wing tip.
        body: share of the columns, in the middle, that is left out: the body is no wing.
        patch: rows and columns of pixels that are averaged in each cell.
        covered: a cell with less than this share of its pixels inside the mask is missing.
        present: cells that are missing from more than 1 − this share of the specimens are not used.
        kept: share of the cells that is used: those whose saturation varies most.
        dimensions: principal components that are clustered.
        evened: 0 leaves the components as differently spread as they are, 1 spreads them alike.
        threshold: radius of Birch's small groups, where the first component has a spread of 1.
        groups: most small groups; with more the radius is made larger.
        fewest: least number of strata.
        most: greatest number of strata.
        sample: specimens that strata are fitted to; others join the nearest.
        resamples: halves of the sample that stability is measured with.
        seed: of the sample and of the halves.
    """

    rows: int = 20
    columns: int = 25
    body: float = 0.12
    patch: int = 6
    covered: float = 0.3
    present: float = 0.5
    kept: float = 0.5
    dimensions: int = 8
    evened: float = 0.5
    threshold: float = 0.1
    groups: int = 3_000
    fewest: int = 6
    most: int = 15
    sample: int = 5_000
    resamples: int = 20
    seed: int = 0

    @property
    def least_specimens(self) -> int:
        """How many specimens strata need at least."""
        return self.fewest * LEAST_PER_STRATUM
