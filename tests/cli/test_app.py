"""The program as a whole: speed of its help, exit codes, and one clear end for every error."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import semsearch
from semsearch.errors import IndexNotFound
from semsearch_cli import app as program
from semsearch_cli import common
from semsearch_cli.app import run

HEAVY = (
    "torch",
    "faiss",
    "tantivy",
    "openvino",
    "numpy",
    "fastapi",
    "uvicorn",
    "sentence_transformers",
    "transformers",
)
SEMSEARCH = Path(sys.executable).with_name("semsearch")


def seconds(*command: str) -> float:
    """How long a new Python takes for a command line."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    "statement", ["import semsearch", "from semsearch_cli.app import run; run(['--help'])"]
)
def test_nothing_heavy_is_imported(statement):
    """Importing the package and showing help load no library that searches or serves."""
    code = f"import sys; {statement}; print('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "loaded:" == done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_help_takes_less_than_a_third_of_importing_torch():
    """The best of three, measured in turns, so that a busy machine slows both."""
    helps, torches = [], []
    for _ in range(3):
        torches.append(seconds("-c", "import torch"))
        helps.append(seconds("-c", "from semsearch_cli.app import run; run(['--help'])"))
    assert min(helps) < min(torches) / 3


def test_version(capsys):
    """--version says the name and the version of the package."""
    assert 0 == run(["--version"])
    assert f"semsearch {semsearch.__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["search"],
        ["search", "x", "--limit", "many"],
        ["search", "x", "--mode", "magic"],
        ["search", "x", "--after", "yesterday"],
        ["search", "x", "--facets", "section,colour"],
        ["related"],
        ["related", "1", "--text", "draft.txt"],
        ["index", "prune", "--keep", "0"],
        ["articles", "delete"],
        ["eval", "run", "--queries", "q"],
        ["index", "status", "--format", "xml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_a_word_on_standard_error(arguments, capsys):
    """Standard output stays empty, so that a program that reads it sees no half answer."""
    assert 2 == run(arguments)
    out, err = capsys.readouterr()
    assert "" == out
    assert "Usage: semsearch" in err
    assert "Traceback" not in err


def test_a_value_out_of_range_is_named(capsys):
    """Ranges are checked before an index is opened, with the value and what is allowed."""
    assert 1 == run(["search", "x", "--diversity", "7"])
    assert "semsearch: diversity is 7.0; give 0 to 1\n" == capsys.readouterr().err


def failing(error: BaseException):
    """An engine that cannot even be made."""

    def make_engine(settings):
        raise error

    return make_engine


def test_an_error_of_semsearch_is_one_line_and_exit_1(monkeypatch, capsys):
    """The message is fit to show; control characters in it are not, and are made harmless."""
    monkeypatch.setattr(common, "make_engine", failing(IndexNotFound("no index 'x\x1b[2J'; build it")))
    assert 1 == run(["index", "status"])
    assert ("", "semsearch: no index 'x\ufffd[2J'; build it\n") == capsys.readouterr()


def test_a_refusal_of_the_system_is_one_line_and_exit_1(monkeypatch, capsys):
    """A file that cannot be used is named, without a traceback."""
    monkeypatch.setattr(common, "make_engine", failing(PermissionError(13, "Permission denied", "/x/y")))
    assert 1 == run(["index", "status"])
    assert ("", "semsearch: /x/y: Permission denied\n") == capsys.readouterr()


def test_ctrl_c_is_a_word_and_exit_130(monkeypatch, capsys):
    """Stopping any command says so."""
    monkeypatch.setattr(common, "make_engine", failing(KeyboardInterrupt()))
    assert 130 == run(["index", "status"])
    out, err = capsys.readouterr()
    assert "" == out
    assert "Stopped.\n" == err


def test_a_defect_of_ours_is_not_hidden(monkeypatch):
    """Only expected errors become a line; a bug keeps its traceback."""
    monkeypatch.setattr(common, "make_engine", failing(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        run(["index", "status"])


def test_a_reader_that_leaves_is_no_error():
    """`semsearch … | head -1` ends quietly."""
    script = '"$0" -c "$1" | head -1 > /dev/null'
    code = "from semsearch_cli.app import run; import sys; sys.exit(run(['search', '--help']))"
    command = ["bash", "-o", "pipefail", "-c", script, sys.executable, code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_output_that_the_terminal_cannot_write_is_escaped():
    """With an ASCII terminal a message with other letters still comes through, and the code is right."""
    code = "from semsearch_cli.app import run; import sys; sys.exit(run(['articles', 'sh\xfcw']))"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert 2 == done.returncode
    assert "sh\\xfcw" in done.stderr


def test_the_module_that_pyproject_names_has_the_function_it_names():
    """The script of the package is semsearch_cli.app:main."""
    assert callable(program.main)
