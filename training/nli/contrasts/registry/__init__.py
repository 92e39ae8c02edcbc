"""Made-up trials in the layout of a registry, and statements about them, one section each."""
