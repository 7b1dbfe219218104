"""How far strata mirror where the photographs come from."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats.contingency import association


def association_with_source(table: NDArray[np.integer]) -> float | None:
    """Return Cramér's V (1946) of strata and sources: 0 unrelated, 1 each tells the other.

    Args:
        table: shape (strata, sources), how many specimens have both. Rows and columns without
            any are left out.

    Returns:
        0…1, float; nothing where there is one stratum or one source only.
    """
    used = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(used.shape) < 2:
        return None
    return float(association(used, method="cramer"))
