"""The `race` command: one prompt, three precisions of the same model."""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cli import cmd_demo as demo
from core.cli.arguments import add_json, add_trust, at_least
from core.cli.cmd_compile import compile_engine
from core.cli.output import Output
from core.errors import UsageError
from core.events import Event, Loaded
from core.fsio import make_folder
from core.ngf.reader import read_header
from core.race.lanes import Runner, demo_requests, together
from core.race.track import Track, commands, first_difference, places
from core.system import cpu_threads, data_dir, memory
from core.worker.job import WorkerJob

HELP = "Let bf16, int8 and int4 engines of one model answer the same prompt: speed, finish, and where they part."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "--engine",
        type=Path,
        action="append",
        metavar="ENGINE.ngf",
        help="an engine that races, once for each; the first is the reference (default: the demo model's three)",
    )
    parser.add_argument("--question", default=demo.QUESTION, help=f"the prompt (default: {demo.QUESTION})")
    parser.add_argument("--max-new-tokens", type=at_least(2), default=128, help="longest answer (default: 128)")
    parser.add_argument("--threads", type=at_least(0), default=0, help="threads of all lanes (default: 0, choose)")
    add_trust(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Race."""
    output = Output(as_json=arguments.json)
    paths = arguments.engine or demo_engines(output, arguments)
    if len(paths) < 2:
        raise UsageError("A race needs two engines at least.", "Give --engine twice or more.")
    runners = []
    for path in paths:
        header = read_header(path)
        runners.append(Runner(path.absolute(), header.spec, header.config))
    threads = arguments.threads or cpu_threads()
    parallel = together(runners, threads, memory().available)
    output.line(
        "all at once" if parallel else "one after another: too few threads or too little memory for all at once"
    )
    tracks = [Track(runner.name) for runner in runners]
    each = threads // len(runners) if parallel else arguments.threads
    jobs = [
        WorkerJob(*commands(str(runner.path), arguments.question, arguments.max_new_tokens, each, runner.name,
                            trust=arguments.trust),
                  worker=arguments.worker)
        for runner in runners
    ]  # fmt: skip
    for lane, event in _together(jobs) if parallel else _in_turn(jobs):
        tracks[lane].take(event, time.monotonic())
        if isinstance(event, Loaded):
            output.line(f"{tracks[lane].name}: {event.engine}")
    output.json({"event": "raced", "parallel": parallel, "lanes": [lane_report(track, tracks) for track in tracks]})
    for line in _lines(tracks):
        output.line(line)
    return 0


def demo_engines(output: Output, arguments: argparse.Namespace) -> list[Path]:
    """Return the demo model's engine of each precision; what is missing is compiled first. Raises C10Error."""
    base = demo.demo_request(data_dir())
    requests = demo_requests(replace(base, model_path=data_dir() / "race-build" / "onnx" / "model.onnx"))
    missing = [request for request in requests.values() if demo.ready_engine(request) is None]
    if missing:
        make_folder(base.target_path)
        with demo.exported(missing[0].model_path.parent, output, arguments, engines=len(missing)):
            for request in missing:
                compile_engine(request, output, arguments)
    return [demo.ready_engine(request) or request.outputs()[0] for request in requests.values()]


def lane_report(track: Track, tracks: list[Track]) -> dict[str, Any]:
    """Return what one lane did as JSON values; the first lane is the reference."""
    figures = track.metrics
    return {
        "name": track.name,
        "tokens": len(track.steps),
        "decode_tokens_per_s": figures.decode_tokens_per_s if figures else 0.0,
        "ttft_s": figures.ttft_s if figures else 0.0,
        "place": places(tracks).get(track.name, 0),
        "first_difference": None if track is tracks[0] else first_difference(track.tokens, tracks[0].tokens),
        "text": track.text,
    }


def _in_turn(jobs: list[WorkerJob]) -> Iterator[tuple[int, Event]]:
    for lane, job in enumerate(jobs):
        for event in job.results():
            yield lane, event


def _together(jobs: list[WorkerJob]) -> Iterator[tuple[int, Event]]:
    """Run all jobs at once; the first error ends them all."""
    shared: queue.Queue[tuple[int, Event | BaseException | None]] = queue.Queue()

    def follow(lane: int) -> None:
        try:
            for event in jobs[lane].results():
                shared.put((lane, event))
            shared.put((lane, None))
        except BaseException as error:  # noqa: BLE001 -- raised again on the caller's thread
            shared.put((lane, error))

    threads = [threading.Thread(target=follow, args=(lane,), daemon=True) for lane in range(len(jobs))]
    for thread in threads:
        thread.start()
    left = len(jobs)
    try:
        while left:
            lane, event = shared.get()
            if isinstance(event, BaseException):
                raise event
            if event is None:
                left -= 1
            else:
                yield lane, event
    finally:
        for job in jobs:
            job.cancel()
        for thread in threads:
            thread.join()


def _lines(tracks: list[Track]) -> list[str]:
    """Return the result as a table, then the answers with the place where each leaves the reference's."""
    rows = ["", f"{'lane':<6}{'place':>6}{'tokens':>8}{'decode tok/s':>14}{'TTFT s':>9}  first difference"]
    for track in tracks:
        report = lane_report(track, tracks)
        differs = report["first_difference"]
        where = "reference" if track is tracks[0] else "none" if differs is None else f"token {differs + 1}"
        rows.append(
            f"{track.name:<6}{report['place']:>6}{report['tokens']:>8}{report['decode_tokens_per_s']:>14.1f}"
            f"{report['ttft_s']:>9.3f}  {where}"
        )
    for track in tracks:
        differs = lane_report(track, tracks)["first_difference"]
        same = len(track.steps) if differs is None else differs
        rows += [
            "",
            f"{track.name}:",
            track.text_of(same) + (f" ▶▶ {_rest(track, same)}" if differs is not None else ""),
        ]
    return rows


def _rest(track: Track, count: int) -> str:
    return track.text[len(track.text_of(count)) :]
