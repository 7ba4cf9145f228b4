"""llama.cpp as a peer, through llama-cpp-python's low-level interface: llamacpp.py MODEL.gguf THREADS."""

import ctypes
import os
import sys
import time

import llama_cpp as lib
import numpy as np
from loop import ids, serve

ROUND, CONTEXT, ROWS = 512, 2048, 8
silent = lib.llama_log_callback(lambda *_: None)
lib.llama_log_set(silent, ctypes.c_void_p(0))
lib.llama_backend_init()
parameters = lib.llama_model_default_params()
parameters.n_gpu_layers = 0
parameters.use_extra_bufts = "C10_BENCH_PLAIN" not in os.environ
model = lib.llama_model_load_from_file(sys.argv[1].encode(), parameters)
vocab = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
contexts = {}
batch_of = lib.llama_batch_init(ROUND, 0, 1)


def context(rows):
    if rows not in contexts:
        wanted = lib.llama_context_default_params()
        wanted.n_ctx, wanted.n_batch, wanted.n_ubatch, wanted.n_seq_max = CONTEXT, ROUND, ROUND, rows
        wanted.n_threads = wanted.n_threads_batch = int(sys.argv[2])
        contexts[rows] = lib.llama_init_from_model(model, wanted)
    return contexts[rows]


def feed(where, entries):
    """Compute entries (token, position, row, whether logits are wanted)."""
    batch_of.n_tokens = len(entries)
    for i, (token, position, row, wanted) in enumerate(entries):
        batch_of.token[i], batch_of.pos[i], batch_of.n_seq_id[i] = token, position, 1
        batch_of.seq_id[i][0], batch_of.logits[i] = row, wanted
    if lib.llama_decode(where, batch_of):
        raise RuntimeError("llama_decode failed")


def likeliest(where, index):
    return int(np.ctypeslib.as_array(lib.llama_get_logits_ith(where, index), (vocab,)).argmax())


def measure(prompt, new, batch):
    where = context(batch)
    lib.llama_memory_clear(lib.llama_get_memory(where), True)
    tokens = []
    begun = time.perf_counter()
    for row in range(batch):
        entries = [(token, i, row, i == prompt - 1) for i, token in enumerate(ids(prompt, row))]
        for at in range(0, prompt, ROUND):
            feed(where, entries[at : at + ROUND])
        tokens.append(likeliest(where, -1))
    first = time.perf_counter()
    for step in range(new - 1):
        feed(where, [(token, prompt + step, row, 1) for row, token in enumerate(tokens)])
        tokens = [likeliest(where, row) for row in range(batch)]
    return first - begun, time.perf_counter() - first


serve(measure)
