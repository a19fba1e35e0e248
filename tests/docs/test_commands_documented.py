"""Every command is documented and has help; every setting is in README's table."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from semsearch_cli.app import app
from tests.docs.settings_table import README, TABLE, settings_table

DOCUMENTS = [README, *sorted((README.parent / "docs").glob("**/*.md"))]


def commands(command=None, path="semsearch"):
    """All commands with their full names."""
    command = command or get_command(app)
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from commands(child, f"{path} {name}")


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_documented(path, command):
    """README or a page of docs names the command in full."""
    assert any(re.search(rf"{path}\b", document.read_text("utf-8")) for document in DOCUMENTS)


@pytest.mark.parametrize(
    ("path", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_parameter_has_help(path, command):
    """Nothing in --help is left unexplained, and every command takes the common options."""
    assert command.help
    assert [] == [param.name for param in command.params if not getattr(param, "help", None)]
    names = {option for param in command.params for option in param.opts}
    wanted = {"--indexes", "--format"} | ({"--index"} if path != "semsearch demo" else set())
    assert set() == wanted - names


def test_readme_names_no_command_that_does_not_exist():
    """What README says after `semsearch` is a command."""
    known = {path for path, _ in commands()}
    for group, name in re.findall(r"(?<!from )semsearch ([a-z]+)(?: ([a-z]+)\b)?", README.read_text("utf-8")):
        assert f"semsearch {group}" in known or f"semsearch {group} {name}" in known


def test_settings_table_is_as_the_options_are():
    """`python -m tests.docs.settings_table` writes what this expects."""
    match = TABLE.search(README.read_text("utf-8"))
    assert settings_table() == match[2]


def test_links_of_the_documents_lead_somewhere():
    """A relative link points at a file of the project."""
    root = README.parent
    for document in [*DOCUMENTS, root / "CONTRIBUTING.md", root / "CHANGELOG.md", root / "indexes/README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_make_help_shows_every_command_of_the_makefile():
    """A target for people has its words after ##."""
    text = Path(README.parent / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split()
    assert [] == [name for name in phony if not re.search(rf"^{name}:.*## \S", text, re.M)]
