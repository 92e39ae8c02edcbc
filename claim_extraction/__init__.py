"""Extractors: answers in, atomic claims out, each placed in the text it was said in."""

if __name__ != "halueval.claim_extraction":
    raise ImportError("import halueval.claim_extraction; the top-level folder of that name is not a package of its own")

from halueval.claim_extraction.rules import RulesExtractor
from halueval.claim_extraction.sentences import SentencesExtractor

__all__ = ["RulesExtractor", "SentencesExtractor"]
