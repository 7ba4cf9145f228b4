"""Double of the vendor's compile script: the same flags, names and files; the project's own compiler does the work."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hx_double import SIMULATED, log, need, use_project, wrap

BOOLEANS = {"--is-bf16": True, "--quant": True, "--int4": False, "--ngf": True}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model-path", required=True)
    parser.add_argument("--target-path", default=".")
    parser.add_argument("--static-batch-size", type=int, default=1)
    parser.add_argument("--total-len", type=int, default=2048)
    parser.add_argument("--pre-len", type=int, default=256)
    parser.add_argument("--export-name", default="glm2_6b")
    for flag, default in BOOLEANS.items():
        parser.add_argument(flag, type=bool, default=default)  # as the vendor's: every text but "" is true
    for word, value in zip(sys.argv, sys.argv[1:], strict=False):
        need(word not in BOOLEANS or value in ("True", ""), f"{word} {value!r} means true to this script")
    return parser.parse_args()


def main() -> None:
    print(f"glm2_6b_dyn: {SIMULATED}", flush=True)  # noqa: T201 -- the script talks on stdout
    log(f"glm2_6b_dyn({json.dumps(sys.argv[1:])})")
    flags = parse()
    need(Path("compile/glm2_6b_dyn.py").is_file(), "the script is started in the folder of the sample")
    use_project()
    from core.compiler.pipeline import compile_engine
    from core.compiler.plan import CompileRequest
    from core.spec import EngineConfig

    config = EngineConfig(
        batch=flags.static_batch_size,
        pre_len=flags.pre_len,
        total_len=flags.total_len,
        dtype="bf16" if flags.is_bf16 else "fp32",
        quantisation="int4" if flags.int4 else "int8" if flags.quant else "none",
    )
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(os.environ.get("C10_DOUBLE_PREBUILT", ""))
        request = CompileRequest(Path(flags.model_path), ready, flags.export_name, config)
        if not (request.folder.is_absolute() and all(part.is_file() for part in request.outputs())):
            request = replace(request, target_path=Path(folder))
            compile_engine(request, lambda _: None)
        target = Path(flags.target_path) / request.name
        target.mkdir(parents=True, exist_ok=True)
        for engine in request.outputs():
            (target / engine.name).with_suffix(".tar").write_bytes(b"tar of the double\n")
            if flags.ngf:
                wrap(engine, target / engine.name)
            print(f"export {engine.stem}", flush=True)  # noqa: T201 -- the script talks on stdout
        for name in () if flags.ngf else ("base.json", "inc.json"):
            (target / name).write_text("{}\n")


if __name__ == "__main__":
    main()
