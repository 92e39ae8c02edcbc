"""Hallucination rates of the answers in a Hugging Face dataset.

    python examples/hf_dataset.py

Put your own `datasets.load_dataset(...)` and your own corpus where the demo's stand.
"""

from datasets import Dataset

import halueval
from halueval.demo import demo_answers, demo_documents

answers = Dataset.from_list(demo_answers())  # columns: id, prompt, response, model

report = halueval.evaluate(answers, evidence=demo_documents())

print(report)
claims = report.claims().to_dataset()  # one row per claim, with its verdict and the passage that decided
print(claims)
print(claims.filter(lambda claim: claim["label"] == "refuted")[0])
