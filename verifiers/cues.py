"""Words that say which way a result went, and how sure: small tables of English stems, written by hand.

Everything is looked up by Snowball stem (see :func:`halueval.text.tokens.stems`), so each table reads as plain words.
"""

from __future__ import annotations

from halueval.text.tokens import stems

__all__ = ["ANTONYMS", "BACKGROUND", "COMPARED", "CONCLUSION", "CUE", "HEDGES", "NEGATIONS", "RESULT", "SAME"]


def _table(**words: str) -> dict[str, str]:
    return {stem: name for name, text in words.items() for stem in stems(text)}


# Which way: more or less of something, better or worse for the patient, or no difference.
CUE: dict[str, str] = _table(
    up="increase increased higher greater more elevated elevate rise rose risen raised raise enhance "
    "enhanced augmented longer gain gained upregulated upregulate upregulation promote promotes "
    "accelerate activated activate activates activation induce induces stimulate higher highest above "
    "exceed exceeded larger stronger faster heavier worsened growth grew elevation increment potentiate "
    "amplify amplified exacerbate doubled tripled surge frequent older exacerbate fuel",
    down="decrease decreased lower fewer less reduce reduced reduction decline declined diminish diminished "
    "shorter shortened drop dropped fall fell suppressed suppress suppresses inhibit inhibits inhibited "
    "inhibition attenuate attenuated attenuates downregulated downregulate downregulation smaller weaker "
    "slower loss lost lowered lowest below minimise minimize lessen alleviate blocked block blocks "
    "impair impaired impairs deplete depletion abolish abolished prevent prevented prevents "
    "inversely inverse halved reduces mitigate mitigated curb younger limit",
    good="better improve improved improvement improves superior superiority efficacious efficacy "
    "benefit beneficial benefits best protect protective protects protection success successful safe "
    "helpful recommended advantage favourable favorable favour favor favours ameliorate "
    "ameliorated recovery tolerated promising",
    bad="worse worsening worsen worsens inferior harmful harm detrimental ineffective poorer worst adverse "
    "failed fail fails fail failure unsafe toxic dangerous unfavourable unfavorable useless insufficient "
    "inadequate lack lacks lacking unlikely unable",
    many="most mostly majority all many common commonly widespread vast every always main major primarily "
    "dominant numerous usually predominantly largely often everyone substantial strong strongly large",
    few="few rare rarely minority negligible little only uncommon seldom hardly scarce minimal minor weak "
    "weakly limited small slight slightly sporadic occasional",
    same="similar similarly equivalent unchanged unaffected nonsignificant insignificant ns equal "
    "same noninferior unrelated indistinguishable equally independent regardless steady stable "
    "constant",
)
NEGATIONS: frozenset[str] = frozenset(
    stems(
        "no not without cannot neither nor never none nothing absence didn doesn isn wasn weren aren don "
        "hasn haven couldn won non"
    )
)
# After a negation these make it "no difference".
SAME: frozenset[str] = frozenset(
    stems(
        "difference differences differ differed different effect effects affect affected influence "
        "influenced association associated associate correlation correlated related change changed changes "
        "alter altered improvement improve significant significantly significance benefit increase decrease "
        "reduce reduction evidence higher lower superior better relationship impact interaction "
        "statistically reach vary varied modify"
    )
)
COMPARED: frozenset[str] = frozenset(stems("than compared comparison versus vs"))
HEDGES: frozenset[str] = frozenset(
    stems(
        "may might could possibly possible suggest suggests suggesting appear appears seem seems likely "
        "potential potentially perhaps probably unclear unknown whether hypothesis hypothesize speculate "
        "uncertain controversial"
    )
)
BACKGROUND: frozenset[str] = frozenset(
    stems(
        "aim aimed objective background purpose methods method design protocol designed hypothesized "
        "investigate evaluate assess determine review questionnaire validated measured enrolled recruited "
        "randomly assigned collected analyzed"
    )
)
RESULT: frozenset[str] = frozenset(
    stems(
        "result results found finding findings showed observed demonstrated revealed significantly "
        "significant p ci vs versus respectively"
    )
)
CONCLUSION: frozenset[str] = frozenset(
    stems(
        "conclusion conclusions conclude concluded interpretation summary suggest indicate demonstrate thus "
        "therefore overall findings support"
    )
)

_OPPOSITES = (
    "increase decrease|higher lower|more less|more fewer|greater smaller|improve worsen|better worse|"
    "activate inhibit|induce suppress|promote inhibit|enhance reduce|upregulate downregulate|"
    "positive negative|high low|long short|longer shorter|early late|early delayed|present absent|"
    "presence absence|safe unsafe|safe harmful|effective ineffective|gain loss|up down|above below|"
    "before after|maximum minimum|with without|all none|always never|many few|most few|common rare|"
    "likely unlikely|able unable|stable unstable|stabilize destabilize|resistant sensitive|"
    "resistance sensitivity|sensitive insensitive|male female|men women|adult child|acute chronic|"
    "primary secondary|systolic diastolic|left right|dependent independent|significant insignificant|"
    "superior inferior|accelerate slow|raise lower|rise fall|enable prevent|allow prevent|cause prevent|"
    "protect harm|homozygous heterozygous|agonist antagonist|dominant recessive|internal external|"
    "upper lower|strong weak|rapid slow|asymptomatic symptomatic|fatal nonfatal|"
    "hyperglycemia hypoglycemia|hypertension hypotension|expensive cheap|increase reduce|"
    "increase decline|rise decline|increase attenuate|increase inhibit|improve impair|enhance impair|"
    "higher reduced|lower elevated|lower increased|decrease elevated|decrease rise|benefit harm|"
    "mild severe|old young|older younger|large small|infected uninfected|vaccinated unvaccinated|"
    "exceed below|necessary unnecessary|minority majority|start stop|continue discontinue"
)
ANTONYMS: dict[str, frozenset[str]] = {}
for _pair in _OPPOSITES.split("|"):
    _a, _b = stems(_pair)
    if _a != _b:
        ANTONYMS[_a] = ANTONYMS.get(_a, frozenset()) | {_b}
        ANTONYMS[_b] = ANTONYMS.get(_b, frozenset()) | {_a}
