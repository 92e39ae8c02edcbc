"""Verifiers: a claim and passages in, a verdict out."""

if __name__ != "halueval.verifiers":
    raise ImportError("import halueval.verifiers; the bare name 'verifiers' belongs to another project")
