"""The same weights for another batch or other lengths: python -m tests.bench.reshape ENGINE.ngf OUT.ngf --batch 8.

Only the code and the header are made anew, in seconds where quantising the model again takes minutes. The result is
what compiling for that shape gives, but for its producer.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from core import trust
from core.compiler.build import PARTS, build_part
from core.kernels.isa import host_target
from core.ngf.format import PlannedSection
from core.ngf.reader import NgfFile
from core.ngf.writer import NgfWriter
from core.spec import EngineConfig

_STEP = 32 << 20
"""Bytes that are copied at a time."""


def reshape(engine: Path, out: Path, config: EngineConfig) -> None:
    """Write the combined `engine` for `config`, which has the same precision, as `out`."""
    target = host_target()
    with NgfFile.open(engine) as file:
        header = file.header
        code = {}
        for part in PARTS:
            built = build_part(part, header.spec, config, target, lambda _: None)
            code |= {f"code.{part}.library": built.library, f"code.{part}.bytecode": built.bytecode}
        others = [section for section in header.sections if section.kind != "code"]
        planned = [
            *(PlannedSection(name, "code", len(data)) for name, data in code.items()),
            *(PlannedSection(s.name, s.kind, s.length, s.dtype, s.shape) for s in others),
        ]
        fresh = replace(header, config=config, sections=(), weights_digest="")
        out.parent.mkdir(parents=True, exist_ok=True)
        with NgfWriter(out, fresh, planned) as writer:
            for name, data in code.items():
                writer.write(name, data)
            with engine.open("rb") as source:
                for section in others:
                    source.seek(section.offset)
                    for done in range(0, section.length, _STEP):
                        writer.write(section.name, source.read(min(_STEP, section.length - done)))
    trust.note_built(writer.digest, (), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--pre-len", type=int, default=256)
    parser.add_argument("--total-len", type=int, default=2048)
    words = parser.parse_args()
    with NgfFile.open(words.engine) as file:
        config = replace(file.header.config, batch=words.batch, pre_len=words.pre_len, total_len=words.total_len)
    config.check()
    reshape(words.engine.absolute(), words.out.absolute(), config)


if __name__ == "__main__":
    main()
