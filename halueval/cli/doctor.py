"""``doctor``: what is installed, what is missing, and how to get better."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata

import typer

from halueval.cli.session import UNUSABLE

__all__ = ["doctor"]


def doctor() -> None:
    """Say what is installed, what is missing and how to get better.

    Names the Python, the packages that halueval needs with the versions it wants, the spaCy pipelines that it can
    parse with, best first, the extractors and verifiers it can load, and the extras. Nothing is downloaded.

    \b
    Example:
      halueval doctor
    """
    from halueval import __version__
    from halueval.plugins import available
    from halueval.text.pipeline import UPGRADE, installed_pipelines

    typer.echo(
        f"halueval {__version__} on Python {platform.python_version()} ({platform.system()} {platform.machine()})"
    )
    typer.echo("\nPackages")
    missing = list(_packages(""))
    typer.echo("\nspaCy pipelines, best first")
    pipelines = installed_pipelines()
    for i, pipeline in enumerate(pipelines):
        typer.echo(f"  {pipeline.name} {pipeline.version} ({pipeline.kind})" + (", in use" if i == 0 else ""))
    if pipelines[0].kind != "scispacy":
        typer.echo("\n" + "\n".join("  " + line for line in UPGRADE.splitlines()))
    for seam in ("extractors", "verifiers"):
        typer.echo(f"\n{seam.capitalize()}: {', '.join(available(seam))}")
    extras = _extras()
    if extras:
        typer.echo("\nExtras")
    for extra in extras:
        lacking = list(_packages(extra))
        typer.echo(f"  {extra}: " + (f"not installed; pip install 'halueval[{extra}]'" if lacking else "installed"))
    if missing:
        typer.echo(f"\nTo mend it: pip install --upgrade {' '.join(repr(m) for m in missing)}")
        raise typer.Exit(UNUSABLE)
    typer.echo("\nAll that halueval needs is here.")


def _extras() -> list[str]:
    return [e for e in metadata.metadata("halueval").get_all("Provides-Extra") or [] if e != "dev"]


def _packages(extra: str) -> Iterator[str]:
    """Say what there is of what halueval itself, or one of its extras, requires; yield what lacks or does not fit."""
    from packaging.requirements import Requirement

    for line in metadata.requires("halueval") or []:
        wanted = Requirement(line)
        of_extra = wanted.marker is not None and "extra" in str(wanted.marker)
        if of_extra != bool(extra) or (wanted.marker is not None and not wanted.marker.evaluate({"extra": extra})):
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            found = "missing"
        fits = found != "missing" and wanted.specifier.contains(found, prereleases=True)
        if not extra:
            typer.echo(f"  {wanted.name} {found}" + ("" if fits else f"   <- wanted: {wanted.specifier}"))
        if not fits:
            yield f"{wanted.name}{wanted.specifier}"
