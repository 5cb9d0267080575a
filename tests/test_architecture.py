"""The layout is a promise: import contracts, module sizes, the public face, the cost of an import."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import chain

import pytest
import yaml
from conftest import ROOT

import videxplore

PACKAGE = ROOT / "videxplore"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

CONTRACTS = {
    "workbench joins views and stages; both stand on values, never on each other",
    "stages are siblings on top of features, pooling and decoding",
    "values flow one way",
    "values need numpy and nothing else",
    "stages never draw",
    "views never compute",
}


def test_no_import_contract_was_dropped():
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    assert {c["name"] for c in contracts} == CONTRACTS
    exhaustive = [c for c in contracts if c.get("exhaustive")]
    assert len(exhaustive) == 3
    assert exhaustive[0]["exhaustive_ignores"] == ["__main__"]


def test_import_contracts_hold():
    # In a process of its own: the tool reconfigures logging.
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_modules_stay_small():
    lines = {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in MODULES}
    too_long = {str(p): n for p, n in lines.items() if n > 400}
    assert not too_long
    assert statistics.median(lines.values()) < 150


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_functions_stay_small(path):
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_names_are_imported_from_the_module_that_defines_them(path):
    roots = {
        "videxplore",
        "videxplore.values",
        "videxplore.stages",
        "videxplore.views",
        "videxplore.workbench",
    }
    offending = [
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module in roots
        # `from videxplore.views import figures` names a module, which is where names are defined.
        and not all((ROOT / node.module.replace(".", "/") / f"{a.name}.py").is_file()
                    or (ROOT / node.module.replace(".", "/") / a.name).is_dir() for a in node.names)
        and not (node.module == "videxplore" and [a.name for a in node.names] == ["__version__"])
    ]  # fmt: skip
    assert not offending


@pytest.mark.parametrize("name", videxplore.__all__)
def test_every_public_name_loads_and_is_documented(name):
    value = getattr(videxplore, name)
    assert (value.__doc__ or "").strip(), f"{name} has no docstring"
    if name in videxplore._MODULES:
        assert import_module(f"videxplore.{name}") is value
        return
    home = import_module(videxplore._HOME_OF[name])
    assert getattr(home, name) is value


def test_public_names_are_sorted_and_unique():
    assert videxplore.__all__ == sorted(set(videxplore.__all__))
    assert set(videxplore.__all__) <= set(dir(videxplore))


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        videxplore.nonsense  # noqa: B018


def test_import_is_instant_and_light():
    code = """
import sys, time
start = time.process_time()
import videxplore
spent = time.process_time() - start
heavy = "numpy torch transformers lancedb pyarrow umap plotly anywidget av decord pandas sklearn scipy PIL"
print(spent, sorted(set(heavy.split()) & set(sys.modules)))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    spent, heavy = out.split(" ", 1)
    assert heavy.strip() == "[]"
    assert float(spent) < 0.2


def test_every_extra_that_an_error_names_exists():
    extras = set(PYPROJECT["project"]["optional-dependencies"])
    named = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "missing_extra":
                named.add(ast.literal_eval(node.args[1]))
    assert named <= extras


def test_environment_yml_is_in_step_with_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())
    python = next(d for d in conda["dependencies"] if isinstance(d, str) and d.startswith("python"))
    assert python.removeprefix("python") == PYPROJECT["project"]["requires-python"]
    pip = next(d["pip"] for d in conda["dependencies"] if isinstance(d, dict))
    assert pip[0] == "-c constraints.txt"
    extras = pip[1].removeprefix("-e .[").removesuffix("]").split(",")
    assert set(extras) <= set(PYPROJECT["project"]["optional-dependencies"])


def test_lock_covers_every_direct_dependency():
    from packaging.requirements import Requirement

    locked = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        requirement = Requirement(line)
        locked.setdefault(requirement.name.lower().replace("_", "-"), []).append(requirement)
    assert [str(r.specifier) for r in locked["torch"]] == ["==2.13.0"]
    project = PYPROJECT["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    for text in wanted:
        requirement = Requirement(text)
        if requirement.name == "videxplore":
            continue
        pins = locked[requirement.name.lower().replace("_", "-")]
        for pin in pins:
            version = str(pin.specifier).removeprefix("==")
            assert requirement.specifier.contains(version), f"{pin} does not satisfy {requirement}"


def test_packages_the_user_named_are_required():
    from packaging.requirements import Requirement

    required = {Requirement(r).name for r in PYPROJECT["project"]["dependencies"]}
    assert {
        "ipywidgets",
        "torch",
        "transformers",
        "decord",
        "lancedb",
        "plotly",
        "umap-learn",
    } <= required
    assert "jupyterlab" in {Requirement(r).name for r in PYPROJECT["project"]["optional-dependencies"]["lab"]}
    for name in (
        "pyproject.toml",
        "README.md",
        "notebooks",
        "videxplore",
        "tests",
        "data",
        "environment.yml",
    ):
        assert (ROOT / name).exists()


def test_version_is_said_once():
    assert PYPROJECT["project"]["version"] == videxplore.__version__


def test_nothing_in_the_repository_names_a_private_path():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    private = ["/" + "work/", "/" + "opt/wheels", "/" + "root/"]
    offending = [
        name
        for name in tracked
        if name and (ROOT / name).is_file()
        and any(p in (ROOT / name).read_text(errors="ignore") for p in private)
    ]  # fmt: skip
    assert not offending
