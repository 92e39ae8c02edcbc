"""The project itself: what is installed is what is in the tree, and importing it costs next to nothing."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import halueval

ROOT = Path(__file__).parent.parent
FOLDERS = {"halueval": "halueval", "halueval.claim_extraction": "claim_extraction", "halueval.verifiers": "verifiers"}


def modules() -> list[str]:
    return sorted(m.name for m in pkgutil.walk_packages(halueval.__path__, "halueval."))


def test_every_package_in_the_tree_is_listed_for_the_wheel() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    in_tree = {
        ".".join([name, *path.parent.relative_to(ROOT / folder).parts])
        for name, folder in FOLDERS.items()
        for path in (ROOT / folder).rglob("__init__.py")
        if "__pycache__" not in path.parts
    }
    assert listed == in_tree


@pytest.mark.parametrize("folder", ["verifiers", "claim_extraction"])
def test_a_stray_import_of_a_top_level_folder_fails_loudly(folder: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", f"import {folder}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode != 0
    assert f"import halueval.{folder}" in ran.stderr


def test_importing_halueval_imports_nothing_heavy_and_opens_no_socket() -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "import halueval, halueval.evaluation, halueval.plugins, halueval.testing\n"
        "heavy = {'spacy','scispacy','litellm','sklearn','datasets','pandas','pyarrow','torch','pydantic','scipy',"
        "'tantivy','rich','jinja2','numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_torch_is_not_installed_by_a_plain_install() -> None:
    assert find_spec("torch") is None or os.environ.get("HALUEVAL_TORCH")


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings_run(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_no_file_names_a_registry_host() -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "anaconda" + ".org")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".toml", ".txt", ".md", ".yaml", ".cfg", ""}:
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not any(h in text for h in hosts), name


def test_no_public_name_is_hidden_by_a_module_of_the_same_name() -> None:
    tops = {m.name.split(".")[1] for m in pkgutil.walk_packages(halueval.__path__, "halueval.")}
    assert not tops & set(halueval.__all__)
    for _ in range(2):
        assert callable(halueval.evaluate)
