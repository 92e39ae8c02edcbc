"""Medical prose: sentences, quantities and units, negation, abbreviations, entities, and the spaCy pipeline in use."""
