"""The ``videxplore`` command. Exit codes: 0 done, 1 something failed, 2 used wrongly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from videxplore import __version__
from videxplore.errors import VidexploreError

app = typer.Typer(
    name="videxplore",
    help="Explore video embeddings: segment by meaning, embed, search, rerank jointly, map.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

LibraryPath = Annotated[Path, typer.Argument(help="The library, a LanceDB folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for a script to read.")]


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"videxplore {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before any command."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the page and the library are written.")] = Path(
        "videxplore-demo"
    ),
    as_json: AsJson = False,
) -> None:
    """Run the quick start on the sample videos (and the open clips, when at hand); say what came out."""
    from videxplore.workbench.demo import run_demo

    summary = run_demo(out)
    typer.echo(json.dumps(summary.to_dict(), indent=2) if as_json else str(summary))


@app.command()
def lab(
    port: Annotated[int, typer.Option(help="Port of the notebook server.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on the notebooks."""
    from videxplore.workbench.demo import notebooks_folder

    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.port={port}"]
    command += [] if browser else ["--no-browser"]
    raise typer.Exit(subprocess.run(command, cwd=notebooks_folder(), check=False).returncode)


@app.command()
def ingest(
    library: LibraryPath,
    videos: Annotated[list[str], typer.Argument(help="Files, folders or glob patterns.")],
    workers: Annotated[int | None, typer.Option(help="Processes; by default one per core.")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds one file may take.")] = None,
    memory_limit: Annotated[float | None, typer.Option(help="GB one file's process may hold.")] = None,
    as_json: AsJson = False,
) -> None:
    """Segment, embed and store videos; what is already there is skipped. Exit code 1 if any file failed."""
    from videxplore.workbench.ingest import ingest as run_ingest
    from videxplore.workbench.library import Library

    report = run_ingest(
        videos,
        Library(library),
        workers=workers,
        progress=sys.stderr.isatty(),
        time_limit_s=time_limit,
        memory_limit_gb=memory_limit,
    )
    if as_json:
        typer.echo(report.to_pandas().to_json(orient="records", indent=2))
    else:
        typer.echo(repr(report))
    raise typer.Exit(1 if report.failed else 0)


@app.command()
def search(
    library: LibraryPath,
    query: Annotated[str, typer.Argument(help="What to look for, in words.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 10,
    level: Annotated[str, typer.Option(help="moment, scene, chapter, video, any or auto.")] = "any",
    rerank: Annotated[bool, typer.Option("--rerank", help="Order the candidates jointly.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search a library. Exit code 1 if nothing was found."""
    from videxplore.stages.reranking.rerank import rerank as rerank_jointly
    from videxplore.workbench.library import Library

    if not library.exists():
        raise typer.BadParameter(f"no library at {os.fspath(library)!r}; make one with: videxplore ingest")
    ranking = Library(library).search(query, k=k, level=level)
    if rerank:
        ranking = rerank_jointly(ranking)
    if as_json:
        typer.echo(ranking.to_pandas().to_json(orient="records", indent=2))
    else:
        for hit in ranking:
            typer.echo(str(hit))
    for note in ranking.notes:
        typer.echo(note, err=True)
    raise typer.Exit(0 if len(ranking) else 1)


@app.command()
def assess(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The files of the sample.")],
    out: Annotated[Path, typer.Option(help="Where library and report are written.")],
    owned: Annotated[
        Path | None, typer.Option(exists=True, help="A library, or vectors handed over (.npz).")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV: id, source, duration_s, ….")
    ] = None,
    sources: Annotated[
        str, typer.Option(help="'folder', the first level below the folder, or a column of the manifest.")
    ] = "folder",
    owned_sources: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Subfolders are the owned sources.")
    ] = None,
    design: Annotated[
        str | None, typer.Option(help="Who chose: buyer-drawn, vendor-random or vendor-chosen.")
    ] = None,
    method: Annotated[str, typer.Option(help="Of the draw: cluster, simple or stratified.")] = "cluster",
    stratum: Annotated[str, typer.Option(help="Column of the manifest, of a stratified draw.")] = "",
    seed: Annotated[int | None, typer.Option(help="Of the draw, named by the buyer.")] = None,
    committed: Annotated[str, typer.Option(help="The manifest's hash, as the vendor fixed it.")] = "",
    archive_bytes: Annotated[float | None, typer.Option(help="Size of the archive, such as 1e15.")] = None,
    threshold: Annotated[list[str] | None, typer.Option(help="usable=0.9; repeat for more.")] = None,
    limit: Annotated[list[str] | None, typer.Option(help="Technical, lines=720; repeat for more.")] = None,
    earlier: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Report of the tranche before.")
    ] = None,
    commitment: Annotated[str, typer.Option(help="Hash of its prediction, as it was handed over.")] = "",
    workers: Annotated[int | None, typer.Option(help="Processes; by default one per core.")] = None,
    as_json: AsJson = False,
) -> None:
    """Assess a sample: ingest, inspect, measure, decide, write. Killed, the same command goes on.

    Progress goes to the error stream. Exit code 1 if any file failed; the report is written all the same.
    """
    from videxplore.values.decisions import Thresholds
    from videxplore.values.inspections import Limits
    from videxplore.workbench.assessment.command import Order, run, with_options

    try:
        asked = with_options(Thresholds(), threshold or ())
        allowed = with_options(Limits(), limit or ())
        order = Order(
            folder, out, owned, manifest, sources, owned_sources, design, method, seed, committed,
            archive_bytes, asked, allowed, earlier, commitment, workers, stratum=stratum,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    outcome = run(order)
    typer.echo(json.dumps(outcome.to_dict(), indent=2) if as_json else str(outcome))
    raise typer.Exit(1 if outcome.report.failed else 0)


@app.command()
def verify(
    library: LibraryPath,
    repair: Annotated[bool, typer.Option(help="Repair what can be repaired without reading a video.")] = True,
    as_json: AsJson = False,
) -> None:
    """Check every row of a library. Exit code 1 if anything is wrong that was not repaired."""
    from videxplore.workbench.library import Library

    if not library.exists():
        raise typer.BadParameter(f"no library at {os.fspath(library)!r}; make one with: videxplore ingest")
    report = Library(library).verify(repair=repair)
    if as_json:
        typer.echo(report.to_pandas().to_json(orient="records", indent=2))
    else:
        typer.echo(repr(report))
    raise typer.Exit(0 if report.whole else 1)


@app.command()
def bench() -> None:
    """Print the benchmark tables (from a checkout of the repository)."""
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "run.py"
    if not script.is_file():
        typer.echo(
            f"the benchmarks are not part of the installed package ({script} is missing); "
            "clone the repository and run: make bench",
            err=True,
        )
        raise typer.Exit(2)
    raise typer.Exit(subprocess.run([sys.executable, str(script)], check=False).returncode)


def main() -> None:
    """Entry point of the ``videxplore`` command."""
    try:
        app()
    except (VidexploreError, ValueError) as error:
        typer.echo(f"videxplore: {error}", err=True)
        raise SystemExit(1) from error
