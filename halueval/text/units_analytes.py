"""Amounts of a named substance across kinds of units: mg/dL and mmol/L, mEq and mmol, IU and micrograms, HbA1c.

Sources: molar masses as in any chemistry table; HbA1c by the IFCC–NGSP master equation
NGSP = 0.09148 · IFCC + 2.152; vitamin D 40 IU = 1 µg, vitamin A (retinol) 1 IU = 0.3 µg, natural vitamin E
1 IU = 0.67 mg, benzylpenicillin 1 MU = 0.6 g, insulin 1 µIU/mL = 6.0 pmol/L.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from halueval.text.units_scale import scale

__all__ = ["Analyte", "analyte_base", "find_analyte"]

_HBA1C = "hba1c"
_MASS, _AMOUNT, _ACTIVITY, _EQUIVALENT = "[mass]", "[substance]", "[activity]", "[equivalent]"
_PER_MOLE = "[moles under]"


@dataclass(frozen=True, slots=True)
class Analyte:
    """A substance: its name, molar mass in g/mol, charge, grams or moles per international unit."""

    name: str
    molar_mass: float | None
    charge: float | None
    grams_per_unit: float | None
    moles_per_unit: float | None


@cache
def _table() -> tuple[dict[str, Analyte], re.Pattern[str]]:
    names: dict[str, Analyte] = {}
    for line in files("halueval.text").joinpath("analytes.tsv").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        spelled, mass, charge, unit = line.split("\t")
        kind, _, size = unit.partition(":")
        all_names = spelled.split("; ")
        analyte = Analyte(
            all_names[0],
            None if mass == "-" else float(mass),
            None if charge == "-" else float(charge),
            float(size) if kind == "g" else None,
            float(size) if kind == "mol" else None,
        )
        names.update(dict.fromkeys(all_names, analyte))
    longest_first = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
    return names, re.compile(rf"(?<![A-Za-z0-9])(?:{longest_first})(?![A-Za-z0-9])")


@lru_cache(maxsize=4096)
def find_analyte(text: str) -> Analyte | None:
    """The first substance of the table that a phrase names.

    Examples
    --------
    >>> find_analyte("a fasting glucose of 7 mmol/L").name, find_analyte("7 mmol/L")
    ('glucose', None)
    """
    names, pattern = _table()
    m = pattern.search(text.lower())
    return names[m.group()] if m else None


def analyte_base(value: float, unit: str, analyte: Analyte) -> tuple[str, float] | None:
    """A value of a substance in the one kind of unit that all its units come down to; None where none is known.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        UCUM-like.
    analyte : Analyte
        The substance.

    Returns
    -------
    tuple of str and float, or None
        Dimension and value in its base unit, moles in place of mass where the molar mass is known.

    Examples
    --------
    >>> glucose = find_analyte("glucose")
    >>> a, b = analyte_base(126.0, "mg/dL", glucose), analyte_base(7.0, "mmol/L", glucose)
    >>> a[0] == b[0], round(a[1] / b[1], 2)
    (True, 1.0)
    >>> round(analyte_base(48.0, "mmol/mol", find_analyte("HbA1c"))[1], 1)
    6.5
    """
    if analyte.name == _HBA1C:
        if unit == "%":
            return "HbA1c", value
        return ("HbA1c", 0.09148 * value + 2.152) if unit == "mmol/mol" else None
    dimension, factor = scale(unit)
    powers = dict(part.rsplit("^", 1) for part in dimension.split(" * ")) if "^" in dimension else {}
    for kind, moles in (
        (_MASS, 1000 / analyte.molar_mass if analyte.molar_mass else None),
        (_EQUIVALENT, 1 / analyte.charge if analyte.charge else None),
        (_ACTIVITY, _moles_per_unit(analyte)),
    ):
        if powers.get(kind) == "1" and moles and _PER_MOLE not in powers:
            rest = {b: p for b, p in powers.items() if b != kind} | {_AMOUNT: "1"}
            return " * ".join(f"{b}^{p}" for b, p in sorted(rest.items())), value * factor * moles
    return dimension, value * factor


def _moles_per_unit(analyte: Analyte) -> float | None:
    if analyte.moles_per_unit:
        return analyte.moles_per_unit
    return analyte.grams_per_unit / analyte.molar_mass if analyte.grams_per_unit and analyte.molar_mass else None
