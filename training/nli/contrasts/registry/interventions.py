"""Who was given what: doses and arms."""

from __future__ import annotations

from random import Random

from contrasts.registry import arms, compared, doses
from contrasts.registry.text import Opposites

__all__ = ["interventions"]

_KINDS = (
    *(doses.detail,) * 5,
    *(doses.cycles,) * 2,
    doses.daily,
    doses.any_route,
    *(compared.compared,) * 2,
    compared.sameness,
    *(arms.who_gets,) * 3,
    *(arms.which_drug,) * 2,
    arms.added,
    arms.before_or_after,
    arms.how_many,
    arms.modality,
)


def interventions(random: Random) -> Opposites:
    return random.choice(_KINDS)(random)
