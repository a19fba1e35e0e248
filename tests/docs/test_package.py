"""The wheel holds everything that an installed semsearch needs."""

import subprocess
import sys
import zipfile
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
