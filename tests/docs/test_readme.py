"""README's first minute works as it stands, with the real model."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.settings_table import README

TESTED = re.compile(r"<!-- tested: [^>]*-->\n```(sh|python)\n(.*?)```", re.S)


@pytest.mark.model
@pytest.mark.slow
def test_the_first_minute_and_the_python_example(tmp_path):
    """The blocks that are marked as tested run in turn in an empty folder, and find what they say."""
    blocks = TESTED.findall(README.read_text("utf-8"))
    assert ["sh", "python"] == [language for language, _ in blocks]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEMSEARCH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    outputs = []
    for language, code in blocks:
        command = (
            ["bash", "-euo", "pipefail", "-c", code] if language == "sh" else [sys.executable, "-c", code]
        )
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert 0 == done.returncode, done.stderr
        outputs.append(done.stdout)
    shell, python = outputs
    assert "Index 'default' is live with generation" in shell
    assert "Council closes village school" in shell
    assert '"id": "a2"' in shell
    assert python.startswith("1 ")
    assert "Parents march against school closure" in python
