"""The wheel holds everything that an installed semsearch needs."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (made,) = folder.glob("semsearch-*.whl")
    return made


def shipped() -> set[str]:
    """Every file of the two packages in the working tree, but for what Python makes itself."""
    found = set()
    for source in (ROOT / "src", ROOT / "cli"):
        for path in source.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                found.add(path.relative_to(source).as_posix())
    return found


@pytest.mark.slow
def test_wheel_holds_every_file_of_both_packages(wheel):
    """Code, sample, templates and static files are all in it, and nothing else is."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert shipped() == names
    assert "semsearch/sample/articles.jsonl" in names
    assert any(name.startswith("semsearch/service/templates/") for name in names)
    assert any(name.startswith("semsearch/service/static/") for name in names)


@pytest.mark.slow
def test_wheel_names_its_command_and_licence(wheel):
    """The script and the licence come with it."""
    archive = zipfile.ZipFile(wheel)
    by_name = {name.split("/")[-1]: name for name in archive.namelist() if ".dist-info/" in name}
    assert b"semsearch = semsearch_cli.app:main" in archive.read(by_name["entry_points.txt"])
    assert b"Apache License" in archive.read(by_name["LICENSE"])


@pytest.mark.slow
def test_both_packages_import_from_the_wheel(wheel, tmp_path):
    """Unpacked elsewhere, the command runs from the wheel and finds the sample."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import semsearch, semsearch_cli.app; from importlib import resources; "
        "print(semsearch.__file__); print(semsearch_cli.__file__); "
        "print((resources.files('semsearch') / 'sample' / 'articles.jsonl').is_file())"
    )
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
    engine, program, sample = done.stdout.splitlines()
    assert Path(engine).is_relative_to(tmp_path)
    assert Path(program).is_relative_to(tmp_path)
    assert "True" == sample


def imported() -> dict[str, str]:
    """Every other distribution that the two packages import, with a file that does."""
    distributions = metadata.packages_distributions()
    found: dict[str, str] = {}
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                if top not in sys.stdlib_module_names and not top.startswith("semsearch"):
                    found[canonical(distributions.get(top, [top])[0])] = str(path.relative_to(ROOT))
    return found


def canonical(name: str) -> str:
    """A distribution's name as the registry writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_imported_is_declared_and_pinned():
    """pyproject.toml names every package that the code imports, and constraints.txt its tested version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {canonical(re.split(r"[^\w.-]", line)[0]) for line in project["dependencies"]}
    dev = {canonical(re.split(r"[^\w.-]", line)[0]) for line in project["optional-dependencies"]["dev"]}
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {canonical(line.split("==")[0]): line for line in lines if not line.startswith("#")}
    assert {} == {name: file for name, file in imported().items() if name not in declared}
    assert set() == (declared | dev) - set(pinned)
    assert [] == [line for line in pinned.values() if not re.fullmatch(r"[\w.-]+==[\w.]+", line)]


def test_what_is_pinned_is_what_the_tests_run_with():
    """The environment has the versions of constraints.txt, so that a green run speaks for them."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    wrong = {}
    for name, version in (line.split("==") for line in lines if not line.startswith("#")):
        try:
            installed = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            continue  # of another platform
        if installed != version:
            wrong[name] = f"{version} pinned, {installed} installed"
    assert {} == wrong
