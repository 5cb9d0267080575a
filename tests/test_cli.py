"""The command line: help on each, exit codes 0, 1 and 2, JSON where a script would read it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from coded_video import write_video
from synthetic import noise
from typer.testing import CliRunner

import videxplore
from videxplore.workbench.cli import app

COMMANDS = ["demo", "lab", "ingest", "search", "assess", "verify", "bench"]
runner = CliRunner()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    result = runner.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_version_and_wrong_use():
    assert videxplore.__version__ in runner.invoke(app, ["--version"]).output
    assert runner.invoke(app, ["nonsense"]).exit_code == 2
    assert runner.invoke(app, ["search"]).exit_code == 2


def test_module_and_script_are_one_command():
    out = subprocess.run(
        [sys.executable, "-m", "videxplore", "--version"], capture_output=True, text=True, check=True
    )
    assert videxplore.__version__ in out.stdout


def test_searching_a_library_that_is_not_there_is_wrong_use(tmp_path):
    result = runner.invoke(app, ["search", str(tmp_path / "none.lance"), "gunshot"])
    assert result.exit_code == 2
    assert "videxplore ingest" in result.output
    assert not (tmp_path / "none.lance").exists()


def test_ingest_and_search_from_the_shell(tmp_path):
    library, film = str(tmp_path / "cli.lance"), str(tmp_path / "film.mp4")
    write_video(film, count=300, sound=noise(12.0, 0.05))
    broken = tmp_path / "broken.mp4"
    broken.write_text("this is no video")
    result = runner.invoke(app, ["ingest", library, film, str(broken), "--json", "--workers", "1"])
    assert result.exit_code == 1, result.output
    rows = json.loads(result.stdout)
    assert sorted(row["status"] for row in rows) == ["done", "failed"]
    again = runner.invoke(app, ["ingest", library, film])
    assert again.exit_code == 0
    assert "1 already there" in again.output

    result = runner.invoke(app, ["search", library, "gunshot", "-k", "2", "--json"])
    assert result.exit_code == 0, result.output
    hits = json.loads(result.stdout)
    assert [hit["rank"] for hit in hits] == [1, 2]
    reranked = runner.invoke(app, ["search", library, "gunshot", "-k", "2", "--rerank"])
    assert reranked.exit_code == 0
    assert len(reranked.output.splitlines()) >= 2
    assert runner.invoke(app, ["search", library, "gunshot", "--level", "act"]).exit_code == 1
