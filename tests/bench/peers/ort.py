"""ONNX Runtime GenAI as a peer: ort.py MODEL_FOLDER THREADS (the thread count goes into its genai_config.json)."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime_genai as genai
from loop import ids, serve

settings = Path(sys.argv[1], "genai_config.json")
config = json.loads(settings.read_text())
config["model"]["decoder"]["session_options"]["intra_op_num_threads"] = int(sys.argv[2])
settings.write_text(json.dumps(config, indent=1))
model = genai.Model(sys.argv[1])


def measure(prompt, new, batch):
    parameters = genai.GeneratorParams(model)
    length = prompt + new
    parameters.set_search_options(max_length=length, min_length=length, batch_size=batch, do_sample=False)
    generator = genai.Generator(model, parameters)
    tokens = np.array([ids(prompt, row) for row in range(batch)], np.int32)
    begun = time.perf_counter()
    generator.append_tokens(tokens if batch > 1 else tokens[0])
    generator.generate_next_token()
    first = time.perf_counter()
    for _ in range(new - 1):
        generator.generate_next_token()
    return first - begun, time.perf_counter() - first


serve(measure)
