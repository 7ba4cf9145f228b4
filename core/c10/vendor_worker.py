r"""Runs in the interpreter of the vendor's SDK and does for the card what `core.c10.engine` asks for.

This one file is all that reaches that interpreter, which may be as old as Python 3.6 and lives on the host or in the
SDK's container. So: standard library and numpy only, no syntax newer than 3.6, nothing imported from this project.

The wire. Commands come on stdin, one JSON object a line: {"op": "step", "tokens": [...], "positions": [...]}. Each is
answered on the original stdout by one JSON line {"reply": ..., "bytes": n}, followed by n raw bytes: logits as
little-endian float32 in C order with the "shape" that the line names. (A step of ChatGLM2-6B has 65024 logits a row,
260 KB; base64 would make a third more of it, and a second copy.) Operations, in the order in which they are used:

    (start)  -> ready {python, pid}
    devices  -> devices {place, count}: how many cards the SDK sees
    load     {engine, base_length, total_len, static_batch, devices, limits, strategy, max_batch_size, golden}
             -> loaded {static_batch, devices, notes}
    begin    {prompts}: one list of token ids for each row of the static batch -> begun {rounds}
    round    -> round {number}, the last one with logits [rows, vocab] of the prompts' last tokens
    step     {tokens, positions}: one of each for every row -> step with logits [rows, vocab]
    combine  {inputs, output} -> combined
    compile  {words, folder, target}: run a script of the vendor's -> line {text} for each line it prints, tick while
             it prints none, at last ended {code, peak_bytes}
    quit

Whatever fails is answered by failed {code, message, hint}. End of input ends the process, whatever it is doing.
Everything else that is written to stdout, by the SDK's native code too, goes to stderr.
"""

import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

BASE, INCREMENTAL = 0, 1
"""The two engines in a combined file, as `model_idx`: prefill and decode."""
LOGITS = 3
"""Binding index of the output."""
JOB, JOBS = 0, 1
"""One job at a time goes through the card: its number, and how many there are."""
PAD = 0
TICK_S = 1.0


class Refusal(Exception):
    """An operation that can't be done: a sentence, and the next step."""

    def __init__(self, message: str, hint: str = "", code: str = "device") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class Batch:
    """The prompts of one static batch, padded on the left to a whole number of rounds of `length` tokens.

    A column is an index into the context of `total` tokens that all rows share; the prompts end at the column `width`.
    """

    def __init__(self, prompts: "list[list[int]]", length: int, total: int) -> None:
        self.length = length
        self.total = total
        self.rounds = -(-max(len(prompt) for prompt in prompts) // length)
        self.width = self.rounds * length
        self.pads = [self.width - len(prompt) for prompt in prompts]
        self.rows = [[PAD] * pad + list(prompt) for pad, prompt in zip(self.pads, prompts)]  # noqa: B905 -- strict= came with Python 3.10
        if self.width > total:
            raise Refusal(
                f"The longest prompt takes {self.rounds} rounds of {length} tokens, more than the context of {total}.",
                "Shorten the prompt, or compile with a larger --total-len.",
                "usage",
            )

    def base_inputs(self, number: int) -> "list[tuple[str, Any]]":
        """Return the named inputs of round `number`: ids (rows, length), positions (length, rows), mask.

        The mask (rows, 1, length, total) is True where a token must not look: at padding, and at later tokens. The
        padding itself looks at its own column only, so that no row of a softmax is empty; nobody looks at it.
        """
        import numpy as np

        start = number * self.length
        columns = np.arange(start, start + self.length)
        pads = np.array(self.pads)
        ids = np.array([row[start : start + self.length] for row in self.rows], dtype=np.int32)
        positions = np.maximum(columns[:, None] - pads[None, :], 0).astype(np.int32)
        every = np.arange(self.total)
        later = every[None, None, :] > columns[None, :, None]
        padding = every[None, None, :] < pads[:, None, None]
        own = every[None, None, :] == columns[None, :, None]
        mask = (later | padding) & ~own
        return [("input_ids", ids), ("pos_t", positions), ("attention_mask", mask[:, None, :, :])]

    def step_inputs(self, step: int, tokens: "list[int]", positions: "list[int]") -> "list[tuple[str, Any]]":
        """Return the named inputs of decode step `step`: ids (rows, 1), positions (1, rows), mask (rows, 1, 1, total).

        The padding stays masked, and so are the columns after the one that this step fills.
        """
        import numpy as np

        every = np.arange(self.total)
        mask = (every[None, :] < np.array(self.pads)[:, None]) | (every[None, :] > self.width + step)
        return [
            ("input_ids", np.array(tokens, dtype=np.int32)[:, None]),
            ("pos_t", np.array(positions, dtype=np.int32)[None, :]),
            ("attention_mask", mask[:, None, None, :]),
        ]


class Card:
    """A combined engine, loaded onto one or several cards."""

    def __init__(self, command: "dict[str, Any]") -> None:
        self._base_length = int(command["base_length"])
        self._total_len = int(command["total_len"])
        self._batch: Batch | None = None
        self._round = 0
        self._step = 0
        self.devices = _use_devices([int(one) for one in command["devices"]])
        options: dict[str, Any] = {
            "use_cache": True,
            "max_batch_size": int(command["max_batch_size"]),
            "dev_ids": [int(one) for one in command["devices"]],
            "dump_golden": 1 if command["golden"] else 0,
            "split_stragety": int(command["strategy"]),
        }
        if command["limits"]:
            options["dev_dram_limit"] = [int(one) for one in command["limits"]]
        hxinfer = _module("hxinfer")
        self._engine = hxinfer.HxInfer(command["engine"], **options)
        self._engine.set_batch_size(JOBS)
        self.static_batch = int(self._engine.get_static_batch())
        self.notes = [_describe(hxinfer)]
        if self.static_batch != int(command["static_batch"]):
            raise Refusal(
                "The engine has a static batch size of {}, not of {}.".format(
                    self.static_batch, command["static_batch"]
                ),
                f"Use --static-batch-size {self.static_batch}.",
                "mismatch",
            )

    def begin(self, prompts: "list[list[int]]") -> int:
        """Forget what the cache holds, take new prompts, and return the number of base rounds."""
        self._batch = Batch(prompts, self._base_length, self._total_len)
        self._round = self._step = 0
        self._engine.clear_use_cache()
        return self._batch.rounds

    def round(self) -> "tuple[int, Any]":
        """Run the next base round; return its number, and after the last one the logits (rows, vocab)."""
        batch = self._started()
        number = self._round
        self._run(batch.base_inputs(number), number, BASE)
        self._round += 1
        last = self._round == batch.rounds
        return number, self._logits(BASE, batch.length) if last else None

    def step(self, tokens: "list[int]", positions: "list[int]") -> Any:
        """Decode one token of every row; return the logits (rows, vocab)."""
        batch = self._started()
        context = batch.width + self._step
        if context >= self._total_len:
            raise Refusal(f"The context of {self._total_len} tokens is full.", "Start a new conversation.", "usage")
        self._run(batch.step_inputs(self._step, tokens, positions), context, INCREMENTAL)
        self._step += 1
        return self._logits(INCREMENTAL, 1)

    def _started(self) -> Batch:
        if self._batch is None:
            raise Refusal("No prompt was given.", "Ask a question first.", "worker")
        return self._batch

    def _run(self, inputs: "list[tuple[str, Any]]", context: int, model: int) -> None:
        import numpy as np

        for name, array in inputs:
            self._engine.set_input(JOB, name, np.ascontiguousarray(array), model)
        self._engine.run(JOBS, context, model)

    def _logits(self, model: int, length: int) -> Any:
        """Return the logits (rows, vocab) of the last of `length` tokens."""
        import numpy as np

        found = np.asarray(self._engine.get_output_by_binding_index(JOB, LOGITS, model))
        if found.ndim != 3 or found.shape[:2] != (self.static_batch, length):
            raise Refusal(
                f"The card's logits have the shape {found.shape}, not ({self.static_batch}, {length}, vocabulary).",
                "Check --base-length: it must be what the engine was compiled with.",
                "mismatch",
            )
        return np.ascontiguousarray(found[:, -1, :], dtype="<f4")


class Worker:
    """Answers operations, one after another."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._card: Card | None = None
        self._script: subprocess.Popen[bytes] | None = None

    def serve(self, lines: "queue.Queue[bytes]") -> None:
        """Answer the operations in `lines` until one says quit."""
        self._reply("ready", python=sys.version.split()[0], pid=os.getpid())
        while True:
            command = json.loads(lines.get().decode("utf-8"))
            if command["op"] == "quit":
                return
            try:
                getattr(self, "_op_" + command["op"])(command)
            except Refusal as refusal:
                self._reply("failed", code=refusal.code, message=refusal.message, hint=refusal.hint)
            except Exception as error:  # noqa: BLE001 -- the SDK may raise anything; it must become a sentence
                traceback.print_exc()
                message = "The C10 SDK failed in {!r}: {}: {}.".format(
                    command["op"], type(error).__name__, str(error).rstrip(".")
                )
                self._reply("failed", code="device", message=message, hint="The log has the details.")

    def abandon(self) -> None:
        """End a script that runs: nobody waits for it any more."""
        script = self._script
        if script is not None and script.poll() is None:
            script.kill()

    def _op_devices(self, _: "dict[str, Any]") -> None:
        self._reply("devices", place=_describe(_module("hxrt")), count=_count_devices())

    def _op_load(self, command: "dict[str, Any]") -> None:
        self._card = None  # give up the old engine's memory first
        self._card = card = Card(command)
        self._reply("loaded", static_batch=card.static_batch, devices=card.devices, notes=card.notes)

    def _op_begin(self, command: "dict[str, Any]") -> None:
        self._reply("begun", rounds=self._loaded().begin(command["prompts"]))

    def _op_round(self, _: "dict[str, Any]") -> None:
        number, logits = self._loaded().round()
        self._reply("round", logits, number=number)

    def _op_step(self, command: "dict[str, Any]") -> None:
        self._reply("step", self._loaded().step(command["tokens"], command["positions"]))

    def _op_combine(self, command: "dict[str, Any]") -> None:
        import importlib

        _module("hxinfer")
        utils = importlib.import_module("hxinfer.utils")
        utils.combine_engine_file(command["inputs"], command["output"])
        _give_to_owner(Path(command["output"]).parent)
        self._reply("combined")

    def _op_compile(self, command: "dict[str, Any]") -> None:
        words, folder = command["words"], command["folder"]
        script = Path(folder, words[0])
        if not script.is_file():
            raise Refusal(
                f"The vendor's compile script wasn't found: looked for {script}.",
                "Give the folder of the vendor's ChatGLM2-6B sample with --c10-home or C10_SDK_HOME.",
            )
        self._script = child = subprocess.Popen(  # noqa: S603 -- the vendor's script, from the folder the user named
            [sys.executable, "-u", *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,
        )
        for line in _lines(child):
            if line is None:
                self._reply("tick")
            else:
                self._reply("line", text=line)
        code = child.wait()
        _give_to_owner(Path(command["target"]))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        self._reply("ended", code=code, peak_bytes=peak)

    def _loaded(self) -> Card:
        if self._card is None:
            raise Refusal("No engine is loaded on the card.", "Load one first.", "worker")
        return self._card

    def _reply(self, reply: str, logits: Any = None, **values: Any) -> None:
        data = b"" if logits is None else logits.tobytes()
        head = dict(values, reply=reply, bytes=len(data))
        if logits is not None:
            head["shape"] = list(logits.shape)
        self._out.write(json.dumps(head).encode("ascii") + b"\n" + data)
        self._out.flush()


def _use_devices(wanted: "list[int]") -> int:
    """Check that the cards exist, choose the first, and return how many there are."""
    count = _count_devices()
    missing = [one for one in wanted if not 0 <= one < count]
    if missing:
        raise Refusal(
            f"Device {missing[0]} was asked for, but the SDK sees {count} cards.",
            f"Use --device 0 to {count - 1}." if count else "Check the driver: `ls /dev | grep gp`.",
        )
    status = _module("hxrt").set_device(wanted[0])
    if type(status) is int and status != 0:
        raise Refusal(
            f"Device {wanted[0]} can't be used: set_device gave the status {status}.",
            "Check whether another program uses it.",
        )
    return count


def _count_devices() -> int:
    """Return how many cards the SDK sees."""
    status, count = _module("hxrt").device_get_count()
    if status != 0:
        raise Refusal(
            f"The C10 driver doesn't answer: device_get_count gave the status {status}.",
            "Check the driver: `ls /dev | grep gp` must list the cards.",
        )
    return int(count)


def _module(name: str) -> Any:
    """Return a module of the SDK."""
    import importlib

    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Refusal(
            "The C10 SDK's module {} can't be imported by {} (Python {}): {}.".format(
                name, sys.executable, sys.version.split()[0], str(error).rstrip(".")
            ),
            "Name the SDK's interpreter with --c10-python or C10_SDK_PYTHON, or its container with --c10-container or "
            "C10_SDK_CONTAINER.",
        ) from error


def _describe(module: Any) -> str:
    """Return what a module of the SDK says of itself."""
    version = str(getattr(module, "__version__", "") or "no version given")
    place = getattr(module, "__file__", "") or "no file"
    return f"C10 SDK: {module.__name__} ({version}), {place}"


def _lines(child: "subprocess.Popen[bytes]") -> "Any":
    """Give the lines that a child prints, without their ends, and None for each second without one."""
    found: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        for line in child.stdout or ():
            found.put(line)
        found.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while True:
        try:
            line = found.get(timeout=TICK_S)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _give_to_owner(folder: Path) -> None:
    """Give everything in a folder to the folder's owner: in a container it belongs to root, who made it."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in folder.rglob("*"):
        os.chown(str(path), owner.st_uid, owner.st_gid)


def _die_with_parent() -> None:
    """Ask the kernel to kill this process when the worker dies."""
    import ctypes

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (OSError, AttributeError):
        return


def _read_commands(descriptor: int, lines: "queue.Queue[bytes]", worker: Worker) -> None:
    """Put lines from a file descriptor into a queue; the end of input ends the process."""
    with os.fdopen(descriptor, "rb") as source:
        for line in source:
            if line.strip():
                lines.put(line)
    worker.abandon()
    os._exit(0)


def main() -> None:
    """Serve on stdin and stdout; everything else that is written to stdout goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lines: queue.Queue[bytes] = queue.Queue()
    worker = Worker(out)
    commands = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    reader = threading.Thread(target=_read_commands, args=(commands, lines, worker), daemon=True)
    reader.start()
    worker.serve(lines)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # native threads of the SDK need not be waited for


if __name__ == "__main__":
    main()
