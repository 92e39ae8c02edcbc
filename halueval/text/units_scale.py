"""What a UCUM-like unit measures and how much of it: dimensions and factors, by pint.

Three things differ from plain dimensional analysis, because in medicine they do: kilograms under the stroke of a dose
("mg/kg") are body weight and do not cancel, moles under the stroke ("mmol/mol") do not cancel either, and things
that are counted (tablets, units, equivalents, folds) are dimensions of their own.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

__all__ = ["DIMENSIONLESS", "TEMPERATURE", "dimension", "scale", "to_base"]

DIMENSIONLESS = "dimensionless"
TEMPERATURE = "[temperature]"

_PINT_NAMES = {
    "mg": "milligram", "ug": "microgram", "g": "gram", "kg": "kilogram", "ng": "nanogram", "pg": "picogram",
    "fg": "femtogram", "L": "liter", "dL": "deciliter", "mL": "milliliter", "uL": "microliter", "nL": "nanoliter",
    "fL": "femtoliter", "mol": "mole", "mmol": "millimole", "umol": "micromole", "nmol": "nanomole", "pmol": "picomole",
    "m": "meter", "cm": "centimeter", "mm": "millimeter", "um": "micrometer", "nm": "nanometer", "km": "kilometer",
    "m2": "meter**2", "cm2": "centimeter**2", "mm2": "millimeter**2", "mm3": "millimeter**3", "cm3": "centimeter**3",
    "m3": "meter**3", "[in_i]": "inch", "[ft_i]": "foot", "[yd_i]": "yard", "[mi_i]": "mile", "[lb_av]": "pound",
    "[oz_av]": "ounce", "[stone_av]": "stone", "[foz_us]": "fluid_ounce", "[tsp_us]": "teaspoon",
    "[tbs_us]": "tablespoon", "[cup_us]": "cup", "[pt_us]": "pint", "[qt_us]": "quart", "[gal_us]": "gallon",
    "kcal": "kilocalorie", "cal": "calorie", "kJ": "kilojoule", "J": "joule", "W": "watt", "ms": "millisecond",
    "s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year",
    "mm[Hg]": "mmHg", "cm[H2O]": "cmH2O", "kPa": "kilopascal", "Pa": "pascal", "mbar": "millibar", "Hz": "hertz",
    "kHz": "kilohertz", "MHz": "megahertz", "mV": "millivolt", "V": "volt", "mA": "milliampere", "A": "ampere",
    "{1.73_m2}": "(1.73*meter**2)",
}  # fmt: skip
# Dimensions of their own: name of the base, and how many of it one is.
_COUNTED: dict[str, tuple[str, float]] = {
    "U": ("activity", 1.0), "[IU]": ("activity", 1.0), "m[IU]": ("activity", 1e-3), "u[IU]": ("activity", 1e-6),
    "k[IU]": ("activity", 1e3), "mU": ("activity", 1e-3), "uU": ("activity", 1e-6), "kU": ("activity", 1e3),
    "meq": ("equivalent", 1e-3), "ueq": ("equivalent", 1e-6), "eq": ("equivalent", 1.0),
    "mosm": ("osmole", 1e-3), "osm": ("osmole", 1.0),
    "Gy": ("absorbed_dose", 1.0), "cGy": ("absorbed_dose", 1e-2), "mGy": ("absorbed_dose", 1e-3),
    "rad": ("absorbed_dose", 1e-2),
    "Sv": ("equivalent_dose", 1.0), "mSv": ("equivalent_dose", 1e-3), "uSv": ("equivalent_dose", 1e-6),
    "Bq": ("decay", 1.0), "MBq": ("decay", 1e6), "GBq": ("decay", 1e9), "Ci": ("decay", 3.7e10),
    "mCi": ("decay", 3.7e7), "uCi": ("decay", 3.7e4),
    "dB": ("loudness", 1.0), "deg": ("angle", 1.0), "[diop]": ("diopter", 1.0), "[pH]": ("acidity", 1.0),
}  # fmt: skip
_NUMBERS = {"1": 1.0, "%": 0.01, "[ppth]": 1e-3, "[ppm]": 1e-6}
_POWER = re.compile(r"10\*(\d+)$")
_BODY_MASS = {"kg": 1.0, "g": 1e-3, "mg": 1e-6, "[lb_av]": 0.45359237}
_AMOUNT_UNDER = {"mol": 1.0, "mmol": 1e-3}


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry()


@lru_cache(maxsize=4096)
def scale(unit: str) -> tuple[str, float]:
    """The dimension of a unit, as a sorted text, and its size in base units of that dimension.

    Parameters
    ----------
    unit : str
        UCUM-like, as :func:`halueval.text.units.match_unit` writes it. Temperatures have the size of a degree; their
        zero is for :func:`to_base`. A unit that is not known is a dimension of its own.

    Examples
    --------
    >>> scale("mg")[0] == scale("ug")[0], round(scale("mg")[1] / scale("ug")[1])
    (True, 1000)
    >>> scale("mg/kg")[0] == scale("mg")[0], scale("%")
    (False, ('dimensionless', 0.01))
    """
    if unit in ("Cel", "[degF]", "K"):
        return TEMPERATURE, 1.0
    powers: dict[str, float] = {}
    factor = 1.0
    for i, part in enumerate(unit.split("/")):
        name, size = _atom(part, under=i > 0)
        sign = -1 if i else 1
        factor *= size**sign
        for base, power in name.items():
            powers[base] = powers.get(base, 0) + sign * power
    text = " * ".join(f"{b}^{p:g}" for b, p in sorted(powers.items()) if abs(p) > 1e-9)
    return text or DIMENSIONLESS, factor


def _atom(part: str, *, under: bool) -> tuple[dict[str, float], float]:
    if not part or part in _NUMBERS:
        return {}, _NUMBERS.get(part, 1.0)
    power = _POWER.match(part)
    if power:
        return {}, 10.0 ** int(power.group(1))
    if under and part in _BODY_MASS:
        return {"[body weight]": 1.0}, _BODY_MASS[part]
    if under and part in _AMOUNT_UNDER:
        return {"[moles under]": 1.0}, _AMOUNT_UNDER[part]
    if part in _COUNTED:
        base, size = _COUNTED[part]
        return {f"[{base}]": 1.0}, size
    name = _PINT_NAMES.get(part)
    if name is None:
        return {part: 1.0}, 1.0
    quantity = (1.0 * _registry().parse_expression(name)).to_base_units()
    return {k: float(v) for k, v in quantity.dimensionality.items()}, float(quantity.magnitude)


def dimension(unit: str) -> str:
    """What a unit measures; two units convert into each other when this is equal.

    Examples
    --------
    >>> dimension("mg") == dimension("[lb_av]"), dimension("{tablet}") == dimension("{capsule}")
    (True, False)
    """
    return scale(unit)[0]


@lru_cache(maxsize=65536)
def to_base(value: float, unit: str) -> float:
    """A value in the base units of its dimension; temperatures in degrees Celsius.

    Examples
    --------
    >>> round(to_base(98.6, "[degF]"), 6), to_base(37.0, "Cel")
    (37.0, 37.0)
    """
    if unit == "Cel":
        return value
    if unit in ("[degF]", "K"):
        name = "degF" if unit == "[degF]" else "kelvin"
        return float(_registry().Quantity(value, name).to("degC").magnitude)
    return value * scale(unit)[1]
