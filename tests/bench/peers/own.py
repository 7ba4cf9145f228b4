"""This project's engine as a peer: own.py ENGINE.ngf [BATCH_ENGINE.ngf]. Without prompt lookup."""

import sys
import time
from pathlib import Path

import numpy as np
from loop import ids, serve

from core.runtime.engine import Engine
from core.runtime.session import Session

sessions = [Session(Engine.open(Path(name))) for name in sys.argv[1:]]


def measure(prompt, new, batch):
    session = next((s for s in sessions if s.engine.config.batch == batch), None)
    if session is None:
        return None
    session.forget()
    length = session.engine.config.pre_len
    tokens = {}
    begun = time.perf_counter()
    for row in range(batch):
        asked = ids(prompt, row)
        for at in range(0, prompt, length):
            logits = session.prefill(row, asked[at : at + length])
        tokens[row] = int(np.argmax(logits))
    first = time.perf_counter()
    for _ in range(new - 1):
        logits = session.decode(tokens)
        tokens = {row: int(np.argmax(logits[row])) for row in tokens}
    return first - begun, time.perf_counter() - first


serve(measure)
