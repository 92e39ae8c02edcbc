"""Two models on the same prompts: is one more often wrong, or was it the draw of the prompts?

    python examples/compare_models.py

Every prompt was answered by both models, so the comparison is made within prompts: the claims of the two answers are
swapped at random, and the p-value says how often that gives a difference as large as the one observed.
"""

import halueval
from halueval.demo import demo_answers, demo_documents
from halueval.metrics import compare_models

report = halueval.evaluate(demo_answers(), evidence=demo_documents())

for model, summary in report.by_model.items():
    print(model, summary.rates["refuted"])

print(compare_models(report.results, "demo-model-a", "demo-model-b"))
