"""What is seen in a claim, in a sentence, and between the two."""

from __future__ import annotations

import numpy as np
import pytest

from halueval.verifiers.claims import Idf, read_claim
from halueval.verifiers.documents import read_document
from halueval.verifiers.features import FEATURES, compare, matrix
from halueval.verifiers.reading import read_passage, read_sentence
from halueval.verifiers.trees import Trees

IDF = Idf(1000, {"the": 990, "of": 980, "a": 970, "in": 960, "is": 900, "with": 900, "and": 900, "was": 800})


def features(claim: str, passage: str) -> dict[str, float]:
    found = compare(read_claim(claim, IDF), read_document(read_passage(passage), IDF))
    assert len(found.values) == len(FEATURES)
    return dict(zip(FEATURES, found.values, strict=True))


@pytest.mark.parametrize(
    ("sentence", "points"),
    [
        ("Zinc increased survival.", (1, 0, 0)),
        ("Zinc decreased survival.", (-1, 0, 0)),
        ("Zinc did not increase survival.", (0, 0, 1)),
        ("Survival was similar in both groups.", (0, 0, 1)),
        ("There was no significant difference in survival.", (0, 0, 1)),
        ("Survival was longer with zinc (p = 0.4).", (1, 0, 1)),
        ("Pain improved with zinc.", (0, 1, 0)),
        ("Pain worsened with zinc.", (0, -1, 0)),
        ("Zinc is a metal.", (0, 0, 0)),
        ("Zinc was compared with placebo.", (0, 0, 0)),
        ("The groups were comparable.", (0, 0, 1)),
    ],
)
def test_which_way_a_sentence_points(sentence: str, points: tuple[float, float, float]) -> None:
    assert read_sentence(sentence).points == points


@pytest.mark.parametrize(
    ("sentence", "p_value"),
    [
        ("It fell (p < 0.001).", 0.001),
        ("It fell (P=0.34).", 1.0),
        ("It fell (P value of 0.03).", 0.03),
        ("It fell (p=0·02 and p=0·6).", 0.02),
        ("It fell (p > 0.05).", 1.0),
        ("It fell by 0.05.", None),
    ],
)
def test_p_values(sentence: str, p_value: float | None) -> None:
    assert read_sentence(sentence).p_value == p_value


@pytest.mark.parametrize(
    ("name", "claim", "passage", "value"),
    [
        ("share_best", "Zinc shortens colds.", "Rain fell. Zinc shortens colds.", 1),
        ("share_all", "Zinc shortens colds.", "Rain fell. It snowed.", 0),
        ("negation_differs", "Zinc shortens colds.", "Zinc never shortens colds.", 1),
        ("negation_differs", "Zinc never shortens colds.", "Zinc never shortens colds.", 0),
        ("agrees_best", "Zinc increased survival.", "Zinc decreased survival.", -1),
        ("agrees_best", "Zinc increased survival.", "Survival did not differ with zinc.", -1),
        ("agrees_best", "Zinc made no difference to survival.", "Survival was similar with zinc.", 1),
        ("antonyms_best", "The tumour is benign in acute cases.", "The tumour is benign in chronic cases.", 1),
        ("numbers_all", "Take 5 of 20.", "Take 5 of 30.", 0.5),
        ("numbers_near", "About 6 percent fell ill.", "Of all, 5.9% fell ill.", 1),
        ("orientation", "Zinc better than placebo.", "Placebo better than zinc.", -1),
        ("orientation", "Zinc better than placebo.", "Zinc better than placebo.", 1),
        ("agrees_best", "Zinc is effective.", "Zinc had an effect on mice.", 0),
    ],
)
def test_features_say_what_their_names_say(name: str, claim: str, passage: str, value: float) -> None:
    assert features(claim, passage)[name] == pytest.approx(value)


def test_everyday_and_professional_words_meet() -> None:
    assert features("High doses harm the kidneys.", "High doses harm renal function.")["share_best"] > 0.99


@pytest.mark.parametrize("extra", ["Goats eat grass.", "Goats eat grass. Rain fell."])
def test_the_number_of_sentences_is_not_seen_in_how_the_best_one_looks(extra: str) -> None:
    claim, passage = "Zinc increased survival.", "Zinc increased survival in goats."
    short, long = features(claim, passage), features(claim, f"{passage} {extra}")
    same = [name for name in FEATURES if name.endswith("_best") or name.startswith("claim_")]
    assert {name: short[name] for name in same} == {name: long[name] for name in same}


def test_sums_of_weights_do_not_depend_on_the_order() -> None:
    idf = Idf(997, {f"w{n}": n for n in range(1, 900)})
    weights = [idf(f"w{n}") for n in range(1, 900)]
    assert sum(weights) == sum(reversed(weights)) == sum(sorted(weights))
    assert sum(w * w for w in weights) == sum(w * w for w in sorted(weights))


def test_rarer_words_weigh_more() -> None:
    assert IDF("the") < IDF("was") < IDF("zinc") == 1


def test_a_comparison_is_taken_apart() -> None:
    claim = read_claim("Compared with the placebo, zinc significantly shortened fever.", IDF)
    assert ({"placebo"} <= claim.reference, {"zinc"} <= claim.subject, {"fever"} <= claim.outcome) == (True,) * 3


def test_no_comparisons_make_an_empty_matrix_of_the_right_width() -> None:
    assert matrix([]).shape == (0, len(FEATURES))


def test_trees_give_each_row_the_same_score_alone_and_among_others() -> None:
    rng = np.random.default_rng(0)
    trees = [
        {
            "class": k % 3,
            "feature": [k % 4, -1, (k + 1) % 4, -1, -1],
            "at": [rng.normal(), 0, rng.normal(), 0, 0],
            "left": [1, 0, 3, 0, 0],
            "right": [2, 0, 4, 0, 0],
            "value": rng.normal(size=5).tolist(),
        }
        for k in range(60)
    ]
    model, rows = Trees([0.1, 0.2, 0.3], trees), rng.normal(size=(700, 4))
    together = model.scores(rows)
    assert all((model.scores(rows[i : i + 1])[0] == together[i]).all() for i in range(0, 700, 37))
    for i in (0, 699):
        assert together[i] == pytest.approx(by_hand(trees, rows[i]))


def by_hand(trees: list[dict[str, list[float]]], row: np.ndarray) -> list[float]:
    scores = [0.1, 0.2, 0.3]
    for tree in trees:
        node = 0
        while tree["feature"][node] >= 0:
            side = "left" if row[int(tree["feature"][node])] <= tree["at"][node] else "right"
            node = int(tree[side][node])
        scores[int(tree["class"])] += tree["value"][node]  # type: ignore[call-overload]
    return scores
