"""Whether words say anything: a claim that doesn't isn't asked about, and a quote that doesn't decides nothing."""

from __future__ import annotations

from halueval.text.tokens import words
from halueval.text.word_sets import word_set

__all__ = ["has_substance", "says_something"]

# Words that make a verifier nod without saying anything ("One Token to Fool LLM-as-a-Judge", arXiv 2507.08794), and
# those that stand around them.
_EMPTY = word_set(
    """a an the this that these those it its is are was were be been being am do does did has have had here there so
    now then and or but of to in on at by for with from as if not no yes ok okay well let lets let's us me my we our i
    you your he she they them his her their
    solution solutions answer answers thought thoughts thinking think process step steps solve problem question
    explanation explain reasoning reason final result results conclusion response output verdict label judgement
    judgment correct incorrect right wrong true false supported refuted sure certainly first next finally following
    lösung antwort solución respuesta réponse résposta resposta risposta soluzione svar løsning ответ решение
    解 解答 答案 答 解析 思考过程 回答 结论 かいせつ 解説 답 정답 풀이 الحل الإجابة उत्तर समाधान"""
)


def has_substance(text: str) -> bool:
    """Whether there is a word in a text that isn't empty talk.

    Examples
    --------
    >>> has_substance("The answer is:"), has_substance("Contraindicated.")
    (False, True)
    """
    return any(word not in _EMPTY and (len(word) > 1 or not word.isascii()) for word in words(text))


def says_something(text: str) -> bool:
    """Whether a claim has content to check: two words at least, and one that isn't empty talk.

    Examples
    --------
    >>> [says_something(text) for text in (":", "Solution", "Let's think step by step.", "Aspirin thins blood.")]
    [False, False, False, True]
    """
    found = words(text)
    if len(found) < 2 and (not found or found[0].isascii() or len(found[0]) < 4):
        return False
    return has_substance(text)
