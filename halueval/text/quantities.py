"""Numbers with their units in medical prose: found, and compared.

Examples
--------
>>> [q.unit for q in find_quantities("amoxicillin 500 mg q8h for 7 days")]
['mg', '/d', 'd']
>>> phrase_relation("4 g", "4000 mg"), phrase_relation("5 mg", "5 mcg")
('equal', 'contradicts')
"""

from __future__ import annotations

from halueval.text.quantities_find import find_quantities
from halueval.text.quantities_phrases import known_phrase_relation, phrase_relation
from halueval.text.quantities_relation import relation

__all__ = ["find_quantities", "known_phrase_relation", "phrase_relation", "relation"]
