"""From a sample to a report: on drawn embeddings of a known law, on a folder of films, and from the shell."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import FPS, RATE, moving, noise, reencode
from typer.testing import CliRunner

import videxplore as vx
from videxplore.stages.licensing.archives import simulate_tranche, simulate_world
from videxplore.stages.licensing.intervals import ONE_SOURCE
from videxplore.values.assessments import SampleReport
from videxplore.workbench.assessment.command import Order, run, with_options
from videxplore.workbench.assessment.drawing import UNDECLARED, check_draw
from videxplore.workbench.assessment.files import read_report, write_report
from videxplore.workbench.assessment.kept import Kept
from videxplore.workbench.assessment.sides import Film
from videxplore.workbench.assessment.sources import UNKNOWN
from videxplore.workbench.cli import app

CARD = vx.EncoderCard("toy", 32)
DESIGN = vx.SamplingDesign("vendor-random", "fixed beforehand", method="cluster")
runner = CliRunner()


def embeddings_of(tranche, tag: str, rows=None) -> vx.Embeddings:
    rows = np.arange(len(tranche.vectors)) if rows is None else rows
    ids = tuple(f"{tag}{i:05d}" for i in rows)
    return vx.Embeddings(tranche.vectors[rows], ids, ("scene",) * len(ids), CARD)


def make_drawn(seed: int, sample: int, owned: int, clips: float = 12):
    rng = np.random.default_rng(seed)
    world = simulate_world(rng)
    return (
        simulate_tranche(rng, world, sample, novelty=0.4, clips=clips),
        simulate_tranche(rng, world, owned, clips=clips),
    )


@pytest.fixture(scope="module")
def drawn():
    """A sample with 40 % of another kind, and what is owned."""
    return make_drawn(3, 24, 30)


@pytest.fixture(scope="module")
def few():
    """The same, smaller."""
    return make_drawn(4, 11, 11, clips=3)


def assess_drawn(drawn, **options) -> SampleReport:
    sample, owned = drawn
    given = {
        "sampling": DESIGN,
        "sources": sample.names,
        "owned_sources": owned.names,
        "durations_s": sample.durations,
        "archive_bytes": 1e15,
    }
    return vx.assess(embeddings_of(sample, "s"), embeddings_of(owned, "o"), **given | options)


def all_estimates(report: SampleReport):
    yield from (measure.estimate for measure in report.measures)
    yield from (light.estimate for light in report.verdict.lights if light.name != "sources")
    yield from (curve.whole for curve in report.diversity)
    yield from (request.estimate for request in report.requests)


# ---------------------------------------------------------------------------------------- vectors alone


def test_embeddings_alone_say_what_vectors_can(drawn):
    report = assess_drawn(drawn)
    sample = drawn[0]
    truth = sample.durations @ sample.novel / sample.durations.sum()
    found = report["novelty.excess"].estimate
    assert found.low <= truth <= found.high
    clips = report.clips
    assert clips.novel @ clips.weights / clips.weights.sum() == pytest.approx(
        report["novelty.useful"].estimate.value
    )
    assert report["novelty.beyond"].moments == np.count_nonzero(clips.novel)
    assert all(evidence.twin.owned for evidence in report["novelty.beyond"].evidence)
    assert report.costs.hours.likely > 0
    assert report.tranche.perfect >= report.tranche.worth >= 0
    assert "technical.usable" not in {measure.key for measure in report.measures}
    assert "not measured" in report.verdict.sentence


@settings(max_examples=4)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_clips_does_not_matter(few, random):
    sample, owned = few
    rows = list(range(len(sample.vectors)))
    random.shuffle(rows)
    turned = vx.assess(
        embeddings_of(sample, "s", np.array(rows)),
        embeddings_of(owned, "o"),
        sampling=DESIGN,
        sources=[sample.names[i] for i in rows],
        owned_sources=owned.names,
        durations_s=sample.durations[rows],
        archive_bytes=1e15,
    )
    first = assess_drawn(few)
    same = {"made_at": "", "prediction": None}
    assert replace(turned, **same).to_json() == replace(first, **same).to_json()
    assert turned.prediction.figures == first.prediction.figures


def test_one_source_says_cannot_estimate_everywhere(few):
    report = assess_drawn(few, sources=["only"] * len(few[0].vectors))
    estimates = list(all_estimates(report))
    assert not any(estimate.estimated for estimate in estimates)
    assert report["novelty.beyond"].estimate.reason == ONE_SOURCE
    assert report.check.refusal == ONE_SOURCE
    assert report.prediction is None


@pytest.mark.parametrize("kind", ["chosen", "undeclared", "unnamed"])
def test_what_may_not_be_inferred_has_no_interval_and_a_neutral_verdict(few, kind):
    options = {
        "chosen": {"sampling": vx.SamplingDesign("vendor-chosen")},
        "undeclared": {"sampling": None},
        "unnamed": {"sources": None},
    }[kind]
    report = assess_drawn(few, **options)
    assert not any(estimate.estimated for estimate in all_estimates(report))
    assert np.isnan(report.discovery.low).all()
    assert report.discovery.sources.max(initial=0) <= report.discovery.reference
    assert {light.color for light in report.verdict.lights if light.name != "sources"} == {"none"}
    assert report.verdict.outcome == "negotiate or sample more"
    assert report.prediction is None
    assert report.tranche is None
    assert not report.requests
    assert math.isnan(report["breadth.doubled"].estimate.value)
    assert math.isnan(report["coverage.p"].estimate.value)
    # What was seen is described all the same.
    assert len(set(report.clips.topics)) > 1
    assert report["novelty.beyond"].estimate.value > 0
    if kind != "chosen":
        assert report.check.refusal == {"undeclared": UNDECLARED, "unnamed": UNKNOWN}[kind]


def test_too_few_owned_sources_are_refused_and_not_raised(few):
    sample, owned = few
    names = [f"owned {int(source) % 3}" for source in owned.sources]
    report = assess_drawn((sample, owned), owned_sources=names)
    for key in ("novelty.beyond", "novelty.excess", "coverage.coverage", "coverage.p"):
        assert "3 sources" in report[key].estimate.reason
    unnamed = assess_drawn((sample, owned), owned_sources=None)
    assert "owned_sources=" in unnamed["novelty.beyond"].estimate.reason
    alone = vx.assess(embeddings_of(sample, "s"), sampling=DESIGN, sources=sample.names)
    assert "nothing that is owned" in alone["novelty.beyond"].estimate.reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"sampling": "buyer"},
        {"sources": 3},
        {"manifest": "archive.csv"},
        {"thresholds": 0.5},
        {"earlier": "report"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_arguments_are_checked_before_a_file_is_looked_at(few, monkeypatch, wrong):
    monkeypatch.setattr("videxplore.workbench.assessment.assess.see", lambda *_, **__: pytest.fail("looked"))
    with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be"):
        assess_drawn(few, **wrong)
    with pytest.raises(ValueError, match="one name per clip"):
        assess_drawn(few, sources=["a", "b", "c"])


def test_sides_that_cannot_meet_are_refused(few, tmp_path):
    sample, owned = (embeddings_of(tranche, tag) for tranche, tag in zip(few, "so", strict=True))
    with pytest.raises(vx.CardMismatchError):
        vx.assess(sample, replace(owned, card=vx.EncoderCard("other", 32)))
    shared = vx.export_vectors(owned, few[1].names, tmp_path / "owned.npz", secret="a long secret")
    with pytest.raises(ValueError, match="same secret"):
        vx.assess(sample, shared, sources=few[0].names, sampling=DESIGN)
    both = vx.Embeddings(
        np.eye(2, 32, dtype=np.float32), ("a", "b"), ("video", "scene"), CARD, video_ids=("v", "v")
    )
    with pytest.raises(ValueError, match="each hour must count once"):
        vx.assess(both)
    with pytest.raises(TypeError, match="Library"):
        vx.assess(3)


def test_exported_vectors_say_the_same_as_the_library_they_come_from(few, tmp_path):
    sample, owned = few
    files = [
        vx.export_vectors(embeddings_of(t, tag), t.names, tmp_path / f"{tag}.npz", secret="a long secret")
        for t, tag in zip(few, "so", strict=True)
    ]
    turned = vx.assess(*files, sampling=DESIGN, durations_s=sample.durations)
    plain = assess_drawn(few)
    assert turned["novelty.beyond"].estimate.value == pytest.approx(
        plain["novelty.beyond"].estimate.value, abs=1e-5
    )
    assert owned.names[0] not in {name for clip in turned.clips.sources for name in clip}


def test_a_second_tranche_is_held_against_the_prediction(drawn, tmp_path):
    rng = np.random.default_rng(3)
    world = simulate_world(rng)
    simulate_tranche(rng, world, 24, novelty=0.4)
    owned = simulate_tranche(rng, world, 30)
    first = assess_drawn(drawn)
    second = assess_drawn((simulate_tranche(rng, world, 24, novelty=0.4), owned))
    assert first.prediction.commitment != second.prediction.commitment
    scored = vx.score_prediction(first.prediction, first, second, first.prediction.commitment)
    rows = {row["figure"]: row for row in scored.rows}
    assert rows["novelty.beyond"]["observed"] == second["novelty.beyond"].estimate.value
    assert rows["new topics"]["observed"] > 0
    changed = replace(first.prediction, nonce="another")
    with pytest.raises(ValueError, match="changed"):
        vx.score_prediction(changed, first, second, first.prediction.commitment)

    # Written, read and written again: the hash that was handed over stays.
    written, paths = write_report(first, tmp_path)
    read = read_report(tmp_path)
    assert read.to_json() == written.to_json()
    again = replace(first.prediction, nonce="made anew")
    kept, _ = write_report(replace(first, prediction=again), tmp_path)
    assert kept.prediction == first.prediction
    assert paths["commitment.txt"].read_text().strip() == first.prediction.commitment
    write_report(second, tmp_path)
    assert (tmp_path / f"prediction-{first.prediction.commitment[:12]}.json").is_file()
    assert vx.score_prediction(read.prediction, read, second, first.prediction.commitment) == scored
    with pytest.raises(vx.LibraryError, match="holds no report"):
        read_report(tmp_path / "nothing")


# ------------------------------------------------------------------------------------------- the draw


def make_manifest(channels: int = 30, clips: int = 6) -> vx.Manifest:
    index = np.repeat(np.arange(channels), clips)
    ids = tuple(f"channel-{s:02d}/clip-{i}" for i, s in enumerate(index))
    kinds = tuple(("news", "sport")[s % 2] for s in index)
    return vx.Manifest(
        ids, tuple(f"channel-{s:02d}" for s in index), np.full(len(ids), 60.0), {"kind": kinds}
    )


def films_of(ids) -> list[Film]:
    return [Film(name, name, Path("/films") / f"{name}.mp4", 60.0) for name in ids]


def test_a_draw_is_repeated_and_what_does_not_fit_is_said():
    manifest = make_manifest()
    drawn = vx.draw(manifest, 0.8, seed=7, committed=manifest.sha256, per_source=4)
    every = vx.draw(manifest, manifest.hours, seed=7, committed=manifest.sha256, per_source=4).ids
    sources = [manifest.sources[row] for row in drawn.rows]

    def doubts(ids, design=drawn.design, **options):
        named = [manifest.sources[manifest.ids.index(name)] for name in ids]
        checked = check_draw(films_of(ids), named, design, manifest, **options)
        return [doubt for doubt in checked.check.doubts if "draw" in doubt]

    assert doubts(drawn.ids) == []
    assert doubts(drawn.ids, drawn) == []
    assert "1 file that the seed draws" in doubts([i for i in drawn.ids if i != drawn.ids[3]])[0]
    later = every[len(drawn.ids) : 2 * len(drawn.ids)]
    assert "48 files come earlier" in doubts(later)[0]
    assert doubts(later, earlier=set(sources)) == []
    favourites = [name for name in manifest.ids if name.startswith(("channel-03", "channel-04"))][:8]
    assert doubts(favourites)
    assert "not among those" in doubts(favourites, drawn)[0]
    found = check_draw(films_of(drawn.ids), sources, drawn.design, manifest)
    assert found.inclusion == pytest.approx(drawn.inclusion)


def test_a_stratified_draw_is_repeated_stratum_by_stratum():
    manifest = make_manifest()
    drawn = vx.draw(manifest, 0.8, seed=7, committed=manifest.sha256, method="stratified", stratum="kind")
    assert drawn.design.stratum == "kind"

    def check(ids, design=drawn.design):
        named = [manifest.sources[manifest.ids.index(name)] for name in ids]
        return check_draw(films_of(ids), named, design, manifest)

    def doubts(ids, design=drawn.design):
        return [doubt for doubt in check(ids, design).check.doubts if "draw" in doubt]

    assert doubts(drawn.ids) == []
    assert check(drawn.ids).inclusion == pytest.approx(drawn.inclusion)
    without = [name for name in drawn.ids if name != drawn.ids[3]]
    assert doubts(without) == ["1 file that the seed draws as well came not with the sample."]
    assert "come earlier" in doubts(drawn.ids[5:])[0]
    assert "which nobody named" in doubts(drawn.ids, replace(drawn.design, stratum=""))[0]


def test_sources_are_named_in_every_way(few):
    sample, _ = few
    given = embeddings_of(sample, "s")
    by_id = dict(zip(given.segment_ids, sample.names, strict=True))
    first = vx.assess(given, sampling=DESIGN, sources=by_id)
    assert first.clips.sources == vx.assess(given, sampling=DESIGN, sources=sample.names).clips.sources
    with pytest.raises(ValueError, match="names no source for"):
        vx.assess(given, sources={"s00000": "a"})
    with pytest.raises(ValueError, match="one name per clip"):
        vx.assess(given, sources=["a"])
    with pytest.raises(ValueError, match="must be a column"):
        vx.assess(given, sources="channel")


# ------------------------------------------------------------------------------------- a folder of films


def write_film(path: Path, seed: int, seconds: float = 4.0) -> None:
    rgb = moving(2.0, 1.0, seconds, seed=seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=round(FPS), options={"crf": "20"})
        picture.height, picture.width = rgb.shape[1:3]
        picture.pix_fmt = "yuv420p"
        sound = output.add_stream("aac", rate=RATE, layout="mono")
        for frame in rgb:
            output.mux(picture.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(picture.encode(None))
        samples = noise(seconds, 0.1, seed).astype(np.float32)[None]
        heard = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        heard.sample_rate = RATE
        output.mux(sound.encode(heard))
        output.mux(sound.encode(None))


HOSTILE = "<img src=x onerror=alert(1)>.mp4"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three channels: a film, its copy encoded again, an exact copy with a hostile name, a broken file."""
    place = tmp_path_factory.mktemp("assess")
    sample = place / "sample"
    write_film(sample / "a" / "one.mp4", 1)
    write_film(sample / "b" / "two.mp4", 2, seconds=5.0)
    reencode(sample / "a" / "one.mp4", sample / "b" / "again.mp4", crf=26)
    (sample / "c").mkdir()
    shutil.copy(sample / "b" / "two.mp4", sample / "c" / HOSTILE)
    (sample / "c" / "broken.mp4").write_text("this is no video")
    (sample / "a" / "one.en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello there\n")
    with (place / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "source", "duration_s", "kind"])
        for path in sorted(sample.rglob("*.mp4")):
            seconds = 5.0 if path.name in ("two.mp4", HOSTILE, "broken.mp4") else 4.0
            rows.writerow([path.relative_to(sample).with_suffix(""), path.parent.name, seconds, "news"])
        for i in range(20):
            rows.writerow([f"d{i}/x", f"d{i}", 5.0, "sport"])
    return place


def order_of(folder: Path, out: Path, **options) -> Order:
    given = {
        "manifest": folder / "manifest.csv",
        "sources": "source",
        "design": "vendor-random",
        "archive_bytes": 1e12,
        "limits": with_options(vx.Limits(), ["lines=20", "sound=yes", "frozen=1"]),
        "workers": 1,
        "progress": False,
    }
    return Order(folder / "sample", out, **given | options)


@pytest.fixture(scope="module")
def outcome(folder, tmp_path_factory):
    return run(order_of(folder, tmp_path_factory.mktemp("report")))


def test_a_folder_becomes_a_report(outcome, folder):
    report = outcome.report
    assert {video.name for video in report.videos} == {
        "one.mp4",
        "two.mp4",
        "again.mp4",
        HOSTILE,
        "broken.mp4",
    }
    assert [Path(record.path).name for record in report.failed] == ["broken.mp4"]
    assert report.check.clips == 5
    # The broken file is as long as the manifest says, and of no use.
    broken = next(video for video in report.videos if video.name == "broken.mp4")
    assert (broken.duration_s, broken.usable_s, broken.source) == (5.0, 0.0, "c")
    usable = sum(video.usable_s for video in report.videos) / sum(video.duration_s for video in report.videos)
    assert 0 < report["technical.usable"].estimate.value <= usable + 1e-9
    # Of two files with the same content one repeats the other, wherever it lies.
    exact = [e for e in report["redundancy.extra"].evidence if e.score == 1.0]
    assert [e.moment.note for e in exact] == ["exactly the same file"]
    again = next(video for video in report.videos if video.name == "again.mp4")
    pairs = {(e.moment.video_id, e.twin.video_id) for e in report["redundancy.extra"].evidence}
    assert any(again.video_id in pair for pair in pairs)
    assert report["redundancy.in_source"].estimate.value == 0
    assert report["language.subtitles"].estimate.value > 0
    assert "language.en" in {measure.key for measure in report.measures}
    assert report.settings["limit lines"] == 20
    clips = report.clips.to_pandas()
    assert (clips.useful <= clips.usable + 1e-9).all()
    assert (clips.useful <= 1 - clips.copied + 1e-9).all()


def test_the_files_of_a_report(outcome):
    names = {"report.json", "measures.csv", "videos.csv", "clips.csv", "clips.npz", "scorecard.html"}
    assert names <= set(outcome.paths)
    told = json.loads(json.dumps(outcome.to_dict()))
    assert told["outcome"] in ("license", "negotiate or sample more", "decline")
    assert told["measures"]["technical.usable"]["value"] == outcome.report["technical.usable"].estimate.value
    page = outcome.paths["scorecard.html"].read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert read_report(outcome.paths["report.json"].parent).to_json() == outcome.report.to_json()


def test_a_second_run_looks_at_nothing_again_and_says_the_same(outcome, folder, monkeypatch):
    from videxplore.workbench.assessment import files, looking

    def hire(*_, **__):
        raise AssertionError("a file was looked at again")

    monkeypatch.setattr(looking, "WorkerProcess", hire)
    monkeypatch.setattr(files, "write_scorecard", lambda *_, **__: None)  # is the same, and takes its time
    out = outcome.paths["report.json"].parent
    expected = tables(out)
    commitment = outcome.report.prediction.commitment
    again = run(order_of(folder, out, earlier=out, commitment=commitment))
    assert tables(out) == expected
    assert again.report.prediction == outcome.report.prediction
    # The same files as the next tranche are what was predicted, and bring no new topic.
    observed = {row["figure"]: row["observed"] for row in again.score.rows}
    assert observed["technical.usable"] == outcome.report["technical.usable"].estimate.value
    assert observed["new topics"] == 0
    assert json.loads((out / "score.json").read_text())["commitment"] == commitment
    with pytest.raises(ValueError, match="is not that of this prediction"):
        run(order_of(folder, out, earlier=out, commitment="0" * 64))


def test_what_was_kept_is_used_only_if_it_is_whole(outcome):
    place = Path(outcome.paths["report.json"].parent) / "sample.lance.assessed"
    kept = Kept(place)
    video_id = outcome.report.videos[0].video_id
    look = kept.look(video_id)
    assert look.inspection.video_id == video_id
    copy = Kept(place.with_name("copied"))
    copy.keep_look(video_id, look)
    assert copy.look(video_id).inspection == look.inspection
    told = copy.folder / f"{video_id}.json"
    told.write_text(told.read_text()[:40])
    assert copy.look(video_id) is None
    copy.keep_look(video_id, look)
    (copy.folder / f"{video_id}.npz").write_bytes(b"PK")
    assert copy.look(video_id) is None
    assert not list(copy.folder.glob("*.part"))


def test_wrong_use_from_the_shell(folder, tmp_path):
    sample = str(folder / "sample")
    out = ["--out", str(tmp_path / "out")]
    for wrong in (
        [str(tmp_path / "none"), *out],
        [sample, *out, "--design", "buyer-drawn"],
        [sample, *out, "--design", "nonsense"],
        [sample, *out, "--threshold", "nonsense=1"],
        [sample, *out, "--limit", "lines=many"],
        [sample, *out, "--commitment", "abc"],
    ):
        assert runner.invoke(app, ["assess", *wrong]).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_of_other_files_is_refused(outcome, folder, tmp_path):
    out = outcome.paths["report.json"].parent
    write_film(tmp_path / "x" / "other.mp4", 9)
    with pytest.raises(vx.LibraryError, match="another --out"):
        run(replace(order_of(folder, out), folder=tmp_path / "x"))


COMMAND = [sys.executable, "-m", "videxplore", "assess"]


def shell(folder: Path, out: Path) -> list[str]:
    return [
        *COMMAND, str(folder / "sample"), "--out", str(out), "--manifest", str(folder / "manifest.csv"),
        "--sources", "source", "--design", "vendor-random", "--archive-bytes", "1e12", "--limit", "lines=20",
        "--limit", "frozen=1", "--json",
    ]  # fmt: skip


def tables(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in ("measures.csv", "videos.csv", "clips.csv")]


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a POSIX signal")
def test_killed_on_the_way_it_goes_on_to_the_same_figures(outcome, folder, tmp_path):
    expected = tables(outcome.paths["report.json"].parent)
    rng = np.random.default_rng(5)
    for _ in range(6):
        process = subprocess.Popen(
            shell(folder, tmp_path / "out"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(float(rng.uniform(1.0, 12.0)))
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run(shell(folder, tmp_path / "out"), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["failed"]
    assert tables(tmp_path / "out") == expected


@pytest.mark.long
def test_two_at_a_time_do_not_disturb_each_other(outcome, folder, tmp_path):
    running = [
        subprocess.Popen(shell(folder, tmp_path / "out"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 1, said.decode()
    assert tables(tmp_path / "out") == tables(outcome.paths["report.json"].parent)
