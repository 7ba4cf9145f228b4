"""The `inspect` command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.arguments import add_json
from core.cli.output import Output
from core.errors import FormatError
from core.events import Inspected
from core.spec import EngineConfig
from core.system import format_bytes
from core.worker.job import run_command
from core.worker.protocol import Inspect

HELP = "Say what an ONNX model or an .ngf engine is, or why it can't be used."


_ORIGINS = {
    "built": "built on this computer",
    "approved": "from elsewhere, approved to run",
    "": "not built on this computer; it isn't run without --trust",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("file", type=Path, metavar="FILE", help="an .onnx or .ngf file")
    parser.add_argument(
        "--verify", action="store_true", help="check every digest (.ngf) or compute every layer (.onnx)"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Inspect a file."""
    output = Output(as_json=arguments.json)
    answer = run_command(Inspect(str(arguments.file.absolute()), arguments.verify), worker=arguments.worker)
    if isinstance(answer, Inspected):
        output.json(answer.report)
        show = _show_engine if answer.kind == "ngf" else _show_model
        show(answer.report, output)
        output.line(f"looked at by a process with: {', '.join(answer.report['worker']) or 'no limits of its own'}")
        if answer.report.get("verified") is False:
            raise FormatError(str(answer.report["damage"]), "Copy or compile the engine again.")
    return 0


def _show_engine(report: dict[str, Any], output: Output) -> None:
    target = report["target"]
    output.lines([
        ("engine", report["path"]),
        ("role", report["role"]),
        ("size", format_bytes(report["file_size"])),
        ("made by", f"c10-panel {report['producer']['program']}, TVM {report['producer']['tvm']}"),
        ("origin", _ORIGINS[report["trust"]]),
        ("target", f"{target['triple']}, {target['mcpu']}, kernels {target['kernel_class']}"),
        ("called by", f"convention {report['abi_version']}"),
        ("tokenizer", report["tokenizer"] or "none"),
        ("prompt format", report["chat"]["prompt_format"]),
        ("KV cache", EngineConfig.from_json(report["config"]).kv_format),
        ("end tokens", ", ".join(map(str, report["chat"]["eos_token_ids"])) or "none"),
    ])  # fmt: skip
    if report["refusal"]:
        output.line(f"can't be run: {report['refusal']}")
    _show_fields("config", report["config"], output)
    _show_fields("model", report["spec"], output)
    output.line(f"weights digest: {report['weights_digest']}")
    output.line(f"{'section':<28}{'kind':<11}{'type':<10}{'bytes':>12}  sha256")
    for section in report["sections"]:
        output.line(
            f"{section['name']:<28}{section['kind']:<11}{section.get('dtype') or '-':<10}{section['length']:>12}  "
            f"{section['sha256'][:16]}"
        )
    if report["verified"]:
        output.line("verified: every digest is right")


def _show_model(report: dict[str, Any], output: Output) -> None:
    output.line(f"model: {report['path']}")
    for name, value in report.items():
        if name in ("path", "spec", "checks", "external_files", "worker"):
            continue
        shown = format_bytes(value) if name.endswith("_bytes") else value
        output.line(f"{name.replace('_', ' ')}: {shown if shown not in (None, '') else 'none'}")
    for file in report.get("external_files") or []:
        output.line(f"external file: {file['name']} ({format_bytes(file['bytes'])})")
    _show_fields("model", report["spec"], output)
    for check in report.get("checks") or []:
        output.line("check: " + ", ".join(f"{key} {value}" for key, value in check.items()))


def _show_fields(title: str, fields: dict[str, Any], output: Output) -> None:
    output.line(f"{title}:")
    for name, value in fields.items():
        output.line(f"  {name}: {value}")
