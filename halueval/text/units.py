"""Unit words and symbols of medical prose, read into UCUM-like names: "mcg" and "µg" are ``ug``, "mm Hg" is ``mm[Hg]``.

Reading only; what a unit measures and how it converts is :mod:`halueval.text.units_scale`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["PERIODS", "TIME_UNITS", "UnitMatch", "is_unit", "match_unit"]

TIME_UNITS = frozenset({"s", "min", "h", "d", "wk", "mo", "a"})
PERIODS = {"minute": "min", "hour": "h", "day": "d", "night": "d", "week": "wk", "month": "mo", "year": "a"}


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """A unit read at a place: where it ends, its name, and what the number before it is multiplied by."""

    end: int
    unit: str
    factor: float = 1.0


def _spellings(table: str) -> dict[str, str]:
    """Lines of "ucum: spelling spelling ..."; a space inside a spelling is written "_"."""
    out: dict[str, str] = {}
    for line in table.strip().splitlines():
        unit, _, names = line.partition(": ")
        for name in names.split():
            out[name.replace("_", " ")] = unit.strip()
    return out


# Symbols are told apart by their case: "L" and "l", "mM" and "mm".
_SYMBOLS = _spellings("""
mg: mg MG Mg mgs
ug: ug mcg µg MCG mcgs Mcg UG
g: g gm gms G gr
kg: kg KG Kg kgs kilo kilos
ng: ng
pg: pg
fg: fg
L: L l
dL: dL dl DL
mL: mL ml ML cc mls mLs
uL: uL ul µL µl mcL
nL: nL nl
fL: fL fl
mol: mol
mmol: mmol mmols
umol: umol µmol mcmol
nmol: nmol
pmol: pmol
mmol/L: mM
umol/L: uM µM
nmol/L: nM
meq: mEq meq mEQ MEQ mequiv
ueq: µEq uEq
eq: Eq
[IU]: IU iu I.U. UI
m[IU]: mIU mUI
u[IU]: µIU uIU mcIU
k[IU]: kIU
U: U
mU: mU
uU: µU uU
kU: kU
m: m
cm: cm CM cms
mm: mm
um: um µm
nm: nm
km: km
m2: m2 m² m^2 sqm
cm2: cm2 cm² cm^2
mm2: mm2 mm²
mm3: mm3 mm³ mm^3 cmm
cm3: cm3 cm³ cm^3
m3: m3 m³
[in_i]: inch inches
[ft_i]: ft feet foot
[yd_i]: yd yard yards
[mi_i]: mile miles
[lb_av]: lb lbs
[oz_av]: oz
[foz_us]: fl_oz
[tsp_us]: tsp tsps
[tbs_us]: tbsp tbsps Tbsp
kcal: kcal kcals Cal Cals
cal: cal
kJ: kJ kj
J: J
W: W
Gy: Gy
cGy: cGy
mGy: mGy
Sv: Sv
mSv: mSv
uSv: µSv uSv
Bq: Bq
MBq: MBq
GBq: GBq
Ci: Ci
mCi: mCi
uCi: µCi uCi
ms: ms msec
s: s sec secs
min: min mins
h: h hr hrs Hr Hrs
d: d
wk: wk wks
mo: mo mos mth mths
a: yr yrs y yo y/o y.o.
mm[Hg]: mmHg mmhg mmHG
cm[H2O]: cmH2O cmH20
kPa: kPa
Pa: Pa
mbar: mbar
Hz: Hz
kHz: kHz
MHz: MHz
dB: dB
mV: mV
V: V
mA: mA
mosm: mOsm mosm mOsmol mosmol
osm: Osm
[ppm]: ppm
%: % pct
[ppth]: ‰
Cel: °C ℃ degC
[degF]: °F ℉ degF
deg: °
/min: bpm rpm
{fold}: fold
""")
_WORDS = _spellings("""
mg: milligram milligrams milligramme milligrammes
ug: microgram micrograms microgramme microgrammes
g: gram grams gramme grammes
kg: kilogram kilograms kilogramme kilogrammes
ng: nanogram nanograms
pg: picogram picograms
L: liter liters litre litres
dL: deciliter deciliters decilitre decilitres
mL: milliliter milliliters millilitre millilitres
uL: microliter microliters microlitre microlitres
mol: mole moles
mmol: millimole millimoles
umol: micromole micromoles
nmol: nanomole nanomoles
pmol: picomole picomoles
meq: milliequivalent milliequivalents
eq: equivalents
U: unit units
m: meter meters metre metres
cm: centimeter centimeters centimetre centimetres
mm: millimeter millimeters millimetre millimetres
um: micrometer micrometers micron microns micrometre micrometres
nm: nanometer nanometers nanometre nanometres
km: kilometer kilometers kilometre kilometres
[lb_av]: pound pounds
[oz_av]: ounce ounces
[stone_av]: stone stones
[tsp_us]: teaspoon teaspoons teaspoonful teaspoonfuls teaspoonsful
[tbs_us]: tablespoon tablespoons tablespoonful tablespoonfuls tablespoonsful
[cup_us]: cup cups cupful cupfuls
[pt_us]: pint pints
[qt_us]: quart quarts
[gal_us]: gallon gallons
kcal: kilocalorie kilocalories calorie calories kcal
kJ: kilojoule kilojoules
J: joule joules
Gy: gray grays
rad: rad rads
Sv: sievert sieverts
mSv: millisievert millisieverts
s: second seconds
ms: millisecond milliseconds
min: minute minutes
h: hour hours
d: day days night nights
wk: week weeks
mo: month months
a: year years
%: percent
mosm: milliosmole milliosmoles
decade: decade decades
fortnight: fortnight fortnights
Hz: hertz
dB: decibel decibels
kPa: kilopascal kilopascals
[diop]: diopter diopters dioptre dioptres
{tablet}: tablet tablets tab tabs
{capsule}: capsule capsules cap caps softgel softgels
{caplet}: caplet caplets
{pill}: pill pills
{puff}: puff puffs
{spray}: spray sprays
{drop}: drop drops gtt gtts
{patch}: patch patches
{dose}: dose doses
{session}: session sessions
{fraction}: fraction fractions
{ampule}: ampule ampules ampoule ampoules
{vial}: vial vials
{sachet}: sachet sachets packet packets
{suppository}: suppository suppositories
{lozenge}: lozenge lozenges
{scoop}: scoop scoops scoopful scoopfuls
{injection}: injection injections shot shots
{infusion}: infusion infusions
{inhalation}: inhalation inhalations
{actuation}: actuation actuations
{application}: application applications
{cycle}: cycle cycles
{drink}: drink drinks
{pump}: pumps
{fold}: fold
""")
# Read as written, white space apart; the first that matches wins.
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern + r"(?![A-Za-z])", flags), unit)
    for pattern, unit, flags in (
        (r"mm\s?Hg", "mm[Hg]", re.I),
        (r"mill?imet(?:er|re)s?\s+of\s+mercury", "mm[Hg]", re.I),
        (r"cm\s?(?:of\s)?\s?H(?:2|₂)[O0]", "cm[H2O]", re.I),
        (r"cent[ie]met(?:er|re)s?\s+of\s+water", "cm[H2O]", re.I),
        (r"(?:degrees?|deg\.?|[°º])\s?(?:C|Celsius|centigrade)", "Cel", re.I),
        (r"(?:degrees?|deg\.?|[°º])\s?(?:F|Fahrenheit)", "[degF]", re.I),
        (r"degrees?", "deg", re.I),
        (r"milli[- ]?international\s+units?", "m[IU]", re.I),
        (r"micro[- ]?international\s+units?", "u[IU]", re.I),
        (r"milli[- ]?units?", "mU", re.I),
        (r"micro[- ]?units?", "uU", re.I),
        (r"international\s+units?", "[IU]", re.I),
        (r"i\.u\.", "[IU]", re.I),
        (r"USP\s+units?", "U", 0),
        (r"fl(?:uid|\.)?\s?(?:ounces?|oz)", "[foz_us]", re.I),
        (r"(?:cubic|cu\.?)\s?(?:millimet(?:er|re)s?|mm)", "mm3", re.I),
        (r"(?:cubic|cu\.?)\s?(?:centimet(?:er|re)s?|cm)", "cm3", re.I),
        (r"square\s?met(?:er|re)s?", "m2", re.I),
        (r"square\s?centimet(?:er|re)s?", "cm2", re.I),
        (r"per\s?cent(?:age\s+points?)?", "%", re.I),
        (r"(?:heart\s?)?beats\s?(?:/|per|a)\s?min(?:ute)?", "/min", re.I),
        (r"(?:breaths|respirations|cycles)\s?(?:/|per|a)\s?min(?:ute)?", "/min", re.I),
        (r"pack[- ]years?", "{pack}.a", re.I),
        (r"(?:y/o|y\.o\.)", "a", re.I),
        (r"mmol\s?/\s?mol", "mmol/mol", 0),
        (r"K(?=\s?/\s?(?:[uµμ]L|mm))", "10*3", 0),
        (r"M(?=\s?/\s?(?:[uµμ]L|mm))", "10*6", 0),
        (r"MU", "MU", 0),
    )
)
_MULTIPLES = {"MU": ("U", 1e6), "decade": ("a", 10.0), "fortnight": ("wk", 2.0)}
_ODD_START = frozenset("mMcCdDiIfFsSpPbBhHrRyYKU°º")
_SYMBOL = re.compile(r"[A-Za-zµ]+(?:[²³]|\^?[23](?!\d))?|°[CF]|[%‰℃℉°]")
_COUNTED = re.compile(r"(?:cells?|copies|colonies|CFU|cfu|counts?|platelets|leu[ck]ocytes|RBCs?|WBCs?)\s?(?=/|per\b)")
_PER = re.compile(
    r"\s?/\s?|\s+per\s+(?!cent(?:age)?\b)|(?<=[A-Za-z¹1)])\s?[.·*]?\s?(?=[A-Za-zµ]{1,6}[23²]?\s?(?:⁻¹|\^?[-−–]1(?!\d)|\^?\([-−–]1\)))"
)
_INVERSE = re.compile(r"\s?(?:⁻¹|\^?[-−–]1(?!\d)|\^?\([-−–]1\))")
_BODY_AREA = re.compile(r"1\.73\s?(?:m2|m²|m\^2|sq\.?\s?m|square\s?met(?:er|re)s?)?", re.I)
_PER_SPAN = re.compile(r"24[\s-]?(?:h(?:ou)?rs?|h)\b", re.I)
_SPACE = re.compile(r"[ \t\u00a0\u2009\u202f]{0,2}")
_HYPHEN = re.compile(r"\s?\n?[-‐‑–]|[ \t\u00a0\u2009\u202f\n]{0,3}")
_FORM = re.compile(
    r"(?:(?:divided|separate|equal|extra|additional|oral|full|whole|half|single|heaped|level|heaping|rounded|measured|small|"
    r"large|booster|further|more|standard|chewable|coated|vaginal|rectal|nasal|intravenous|subcutaneous|intramuscular|treatment|"
    r"therapy|metered)[\s-]+){1,2}(?=[a-z])"
)
# Units that are also ordinary letters or words count only where the number stands before them as numbers do.
_NEED_SPACE = frozenset({"s", "gr", "eq", "cal"})
_NOT_AFTER_HYPHEN = frozenset({"s", "V", "W", "J", "U"})
_INCH = re.compile(
    r"in\.?(?=\s*(?:$|[,;:)\]]|tall\b|long\b|wide\b|high\b|deep\b|thick\b|in diameter\b|\(|or\b|and\b)|\.$|\.\s+[A-Z])"
)
_BARE_DEGREE = re.compile(r"[CF](?![A-Za-z0-9'’-])")


def match_unit(text: str, start: int, value: float | None = None) -> UnitMatch | None:
    """Read the unit that follows a number ending at ``start``; None where none stands there.

    Parameters
    ----------
    text : str
        The prose, the Greek letter mu written as the micro sign.
    start : int
        Where the number ends; a hyphen ("4-mm") or white space may come first.
    value : float, optional
        The number, needed to tell "101 F" from a name.

    Returns
    -------
    UnitMatch or None
        With rates read as far as they go: "mg per kg per day" is ``mg/kg/d``.

    Examples
    --------
    >>> match_unit("5 mcg/kg/min of it", 1)
    UnitMatch(end=12, unit='ug/kg/min', factor=1.0)
    >>> match_unit("5 apples", 1) is None
    True
    """
    slash = _PER.match(text, start)
    if slash and slash.group().strip() in ("/", "per"):
        return _denominators(text, start, "", 1.0)
    gap = _HYPHEN.match(text, start)
    at = gap.end() if gap else start
    counted = _COUNTED.match(text, at)
    if counted:
        return _denominators(text, counted.end(), "", 1.0)
    hyphened = at > start and text[at - 1] in "-‐‑–"
    form = _FORM.match(text, at)
    if form:
        atom = _atom(text, form.end(), value, spaced=True)
        if atom is not None and atom.unit.startswith("{") and atom.unit != "{fold}":
            return _denominators(text, atom.end, atom.unit, 1.0)
    atom = _atom(text, at, value, spaced=at > start and not hyphened)
    if atom is None or (hyphened and atom.unit in _NOT_AFTER_HYPHEN):
        return None
    if atom.unit in _MULTIPLES:
        unit, factor = _MULTIPLES[atom.unit]
        return _denominators(text, atom.end, unit, factor)
    rate = _denominators(text, atom.end, atom.unit, atom.factor)
    return rate if rate is not None else atom


def _atom(text: str, at: int, value: float | None, *, spaced: bool) -> UnitMatch | None:
    if at >= len(text):
        return None
    first = text[at]
    if first in _ODD_START:
        for pattern, unit in _PHRASES:
            m = pattern.match(text, at)
            if m:
                return UnitMatch(m.end(), unit)
        if first in "CF" and value is not None and _BARE_DEGREE.match(text, at):
            if first == "F" and 90 <= value <= 115:
                return UnitMatch(at + 1, "[degF]")
            if first == "C" and 30 <= value <= 45:
                return UnitMatch(at + 1, "Cel")
        if first == "i":
            m = _INCH.match(text, at)
            if m and spaced:
                return UnitMatch(at + 2, "[in_i]")
    m = _SYMBOL.match(text, at)
    if m is None:
        return None
    found = _named(m.group())
    end = m.end()
    if found is None and m.group()[-1] in "²³23":
        word = m.group().rstrip("²³23^")
        found, end = _named(word), at + len(word)
    if found is None or (found in _NEED_SPACE and not spaced and len(m.group()) < 3):
        return None
    return UnitMatch(end, found)


def _named(word: str) -> str | None:
    return _SYMBOLS.get(word) or _WORDS.get(word) or _WORDS.get(word.lower())


def _denominators(text: str, at: int, unit: str, factor: float) -> UnitMatch | None:
    """Everything after "/" or "per" that is a unit; None when nothing was read and there is no unit before it."""
    start = at
    while True:
        if text.startswith("⁻¹", at):
            break
        per = _PER.match(text, at)
        if per is None:
            break
        after = per.end()
        area = _BODY_AREA.match(text, after)
        if area:
            unit, at = unit + "/{1.73_m2}", area.end()
            continue
        day = _PER_SPAN.match(text, after)
        if day:
            unit, at = unit + "/d", day.end()
            continue
        atom = _atom(text, after, None, spaced=True)
        if (
            atom is None
            or atom.unit.startswith("{")
            and atom.unit not in ("{dose}", "{actuation}", "{tablet}", "{puff}")
        ):
            break
        if text[after : atom.end] == "a":
            break
        inverse = _INVERSE.match(text, atom.end)
        if not per.group().strip(" .·*") and inverse is None:
            break
        unit, at = unit + "/" + atom.unit, inverse.end() if inverse else atom.end
    if at == start and not unit:
        return None
    return UnitMatch(at, unit, factor)


def is_unit(word: str) -> bool:
    """Whether a lower-cased word is a unit or a dose form, or part of one.

    Examples
    --------
    >>> is_unit("mg"), is_unit("tablets"), is_unit("dose"), is_unit("heart")
    (True, True, False, False)
    """
    return word in _UNIT_WORDS


# "dose" and its like are units when counted, and plain words of a claim otherwise.
_UNIT_WORDS = frozenset(
    {w.lower() for w in [*_SYMBOLS, *_WORDS]}
    - {"dose", "doses", "stone", "stones", "injection", "injections", "in", "d", "m"}
)
