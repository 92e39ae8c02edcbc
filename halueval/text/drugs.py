"""Names of drugs: brand, INN, USAN or abbreviation to one generic name.

The table (``drugs.tsv``) was written for this project. Names that merely look alike stay different drugs, and so do
salts that are dosed differently where both are named (metoprolol tartrate and succinate).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from halueval.records import Span
from halueval.text.word_sets import word_set

__all__ = ["brand_names", "find_drugs", "generic_name", "same_drug"]

_SALTS = word_set(
    """
    sodium potassium calcium magnesium hydrochloride hcl dihydrochloride hydrobromide sulfate sulphate phosphate
    acetate maleate mesylate mesilate besylate besilate tartrate bitartrate succinate fumarate citrate bromide
    chloride nitrate tosylate gluconate lactate pamoate carbonate monohydrate dihydrate anhydrous hyclate axetil
    disodium dipropionate trihydrate hemihydrate lysine arginine
    """
)
_FORMS = word_set(
    """
    xr sr er xl cr la ir dr ec cd od odt strength hfa respimat ellipta diskus flexpen kwikpen solostar tablet
    tablets capsule capsules cream ointment gel patch patches injection syrup solution suspension inhaler spray
    drops oral generic extended-release extra maximum junior infant childrens adult rapid release sustained-release
    modified-release immediate-release delayed-release controlled-release brand
    """
)
# Brands and abbreviations that are ordinary words too: known when asked for by name, not looked for in prose.
_AMBIGUOUS = word_set(
    """
    soma muse nix ella alli azo bayer edex tabloid sonata emend charcoal folate ethanol alcohol creatine
    """
)
_TRADEMARK = re.compile(r"[®™©]|\((?:r|tm)\)", re.I)
_PARTS = re.compile(r"\s*(?:/|\+|\band\b|\bwith\b|\bplus\b)\s*")
_WORD = re.compile(r"[A-Za-z0-9][\w.'’#,-]*[\w#]|[A-Za-z0-9]")


def _rows() -> Iterator[list[str]]:
    """The generic name, the other names and the brands of every drug."""
    text = files("halueval.text").joinpath("drugs.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


@cache
def brand_names() -> frozenset[str]:
    """Names that a maker gave, in lower case: what is approved or sold under one may not be under another.

    Examples
    --------
    >>> "ozempic" in brand_names(), "paracetamol" in brand_names()
    (True, False)
    """
    rows = [row for row in _rows() if len(row) > 2]
    others = {name.lower() for row in _rows() for names in row[:2] for name in names.split("; ")}
    return frozenset(name.lower() for row in rows for name in row[2].split("; ") if name) - others


@cache
def _table() -> tuple[dict[str, str], int]:
    """Name to generic name, and the number of words of the longest name."""
    names: dict[str, str] = {}
    for generic, *others in _rows():
        names[generic] = generic
        for name in "; ".join(others).split("; "):
            if name:
                names[name.lower()] = generic
    return names, max(len(n.split()) for n in names)


def _tidy(name: str) -> str:
    text = _TRADEMARK.sub("", name).lower().replace("’", "'").strip(" .,;:()")
    return " ".join(text.split())


@lru_cache(maxsize=65536)
def generic_name(name: str) -> str | None:
    """The generic name of a drug, in lower case: US name where the US and the INN differ.

    Parameters
    ----------
    name : str
        A brand, a generic name, a synonym or an abbreviation, in any case; release forms ("XR") and dose forms
        ("tablets") may follow it. Combinations may be joined by "/", "+", "and", "with".

    Returns
    -------
    str or None
        The generic name, parts of a combination in alphabetical order with "/" between; None for a name that the
        table doesn't know. A salt is dropped unless the table tells it apart.

    Examples
    --------
    >>> generic_name("Tylenol"), generic_name("paracetamol"), generic_name("acetaminophen")
    ('acetaminophen', 'acetaminophen', 'acetaminophen')
    >>> generic_name("Celexa"), generic_name("Celebrex"), generic_name("Toprol XL")
    ('citalopram', 'celecoxib', 'metoprolol succinate')
    >>> generic_name("clavulanate and amoxicillin"), generic_name("table salt")
    ('amoxicillin/clavulanate', None)
    """
    text = _tidy(name)
    if not text or len(text) > 200:
        return None
    found = _single(text)
    if found is not None:
        return found
    parts = _PARTS.split(text)
    if len(parts) > 1:
        generics = [_single(p) for p in parts if p]
        known = [g for g in generics if g is not None]
        if known and len(known) == len(generics):
            combined = "/".join(sorted({g for k in known for g in k.split("/")}))
            return _table()[0].get(combined, combined)
    return None


def _single(text: str) -> str | None:
    names, _ = _table()
    if text in names:
        return names[text]
    tokens = text.split()
    while len(tokens) > 1 and (tokens[-1] in _FORMS or tokens[-1] in _SALTS):
        tokens.pop()
        if " ".join(tokens) in names:
            return names[" ".join(tokens)]
    shorter = re.sub(r"^(?:oral|iv|intravenous|topical|inhaled|generic)\s+", "", text)
    if shorter != text:
        return _single(shorter)
    american = text.replace("sulph", "sulf").replace("aluminium", "aluminum").replace("oestr", "estr")
    american = american.replace("vitamin-", "vitamin ").replace(" hydroxide gel", " hydroxide")
    return _single(american) if american != text else names.get(text.replace("-", " "))


def same_drug(a: str, b: str) -> bool | None:
    """Whether two names are one drug; None where either is unknown.

    A name without its salt is the same drug as the name with it, two different salts are not.

    Examples
    --------
    >>> same_drug("Advil", "ibuprofen"), same_drug("hydralazine", "hydroxyzine"), same_drug("Advil", "blue pill")
    (True, False, None)
    >>> same_drug("metoprolol tartrate", "metoprolol succinate"), same_drug("metoprolol", "metoprolol succinate")
    (False, True)
    """
    x, y = generic_name(a), generic_name(b)
    if x is None or y is None:
        return None
    return same_generic(x, y)


def same_generic(x: str, y: str) -> bool:
    """Whether two generic names are one drug, a missing salt being no difference."""
    if x == y:
        return True
    short, long = sorted((x, y), key=len)
    return long.startswith(short + " ") and long[len(short) + 1 :] in _SALTS


def find_drugs(text: str) -> tuple[tuple[Span, str], ...]:
    """Drugs named in prose, longest name first at each place, with their generic names.

    Names that are ordinary words, hormones of the body, or shorter than four letters are left out.

    Examples
    --------
    >>> find_drugs("Take Tylenol, not St John's wort.")
    ((Span(start=5, end=12), 'acetaminophen'), (Span(start=18, end=32), "st. john's wort"))
    """
    names, longest = _table()
    found: list[tuple[Span, str]] = []
    tokens = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    lowered = text.lower().replace("’", "'")
    if len(lowered) != len(text):  # a few letters grow when lower-cased; offsets must hold
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("’", "'")
    i = 0
    while i < len(tokens):
        start = tokens[i][0]
        for j in range(min(i + longest, len(tokens)), i, -1):
            end = tokens[j - 1][1]
            name = lowered[start:end].rstrip(",-")
            if name in names and len(name) >= 4 and name not in _AMBIGUOUS:
                found.append((Span(start, start + len(name)), names[name]))
                i = j - 1
                break
        i += 1
    return tuple(found)
