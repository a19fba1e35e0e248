"""The public names are complete, loaded when used, and the same as at their homes."""

from __future__ import annotations

import subprocess
import sys

import pytest

import semsearch


@pytest.mark.parametrize("name", semsearch.__all__)
def test_every_public_name_can_be_had(name):
    """Each name of the export list is there."""
    assert name == getattr(semsearch, name).__name__


def test_a_name_that_is_not_there_says_which_are():
    """The error lists the public names."""
    with pytest.raises(AttributeError, match="Engine"):
        semsearch.nothing  # noqa: B018


def test_the_import_loads_no_room():
    """Importing the package loads none of its modules and no heavy library."""
    code = (
        "import sys, semsearch; print([m for m in sys.modules if m.startswith('semsearch.') or m == 'numpy'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == found.stdout.strip()
