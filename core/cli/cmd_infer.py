"""The `infer` command: every flag of the vendor's demo, and more."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from core.cli import c10, cards
from core.cli.answers import Answers
from core.cli.arguments import add_flag, add_json, add_trust, at_least, number_rows
from core.cli.output import Output
from core.errors import ForeignEngineError, MismatchError, UsageError
from core.events import Generated
from core.ngf.format import Header
from core.spec import EngineConfig
from core.text.questions import QuestionKind, builtin_file, read_questions, take
from core.worker.job import WorkerJob
from core.worker.protocol import Generate, Load

HELP = "Answer questions with a combined engine, streamed, with the vendor's figures and the field's own."

DEFAULT_MAX_NEW_TOKENS = 2048


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--engine", type=Path, required=True, help="the combined engine to run")
    add_trust(parser)
    add_question_arguments(parser)
    add_engine_arguments(parser)
    add_sampling_arguments(parser)
    add_device_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what each device would hold, and end")


def add_question_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose what is asked."""
    group = parser.add_argument_group("questions")
    group.add_argument("--question", help="ask this")
    group.add_argument("--input-ids", type=number_rows, metavar="IDS", help="ask token ids: 1,2,3 or 1,2,3;4,5")
    group.add_argument(
        "--question-from",
        type=int,
        choices=(1, 2),
        help="1: questions from a JSON list, 2: one question a line (default: 1)",
    )
    group.add_argument("--question-index", type=int, default=0, help="first question to take, from 0 (default: 0)")
    group.add_argument("--question-file", type=Path, help="your own questions (default: built-in ones)")
    group.add_argument("--system", default="", help="system prompt, where the model's format has one")
    group.add_argument(
        "--raw", action="store_true", help="use the question as it is, without the model's prompt format"
    )
    group.add_argument("--tokenizer", type=Path, help="tokenizer file or folder (default: the engine's own)")


def add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that must agree with the engine; not given, they follow it."""
    group = parser.add_argument_group("engine")
    group.add_argument("--base-length", type=int, help="tokens of one base round (default: the engine's, usually 256)")
    group.add_argument("--static-batch-size", type=int, help="static batch size (default: the engine's, usually 1)")
    group.add_argument("--total-len", type=int, help="context length (default: the engine's, usually 2048)")
    group.add_argument("--dynamic-batch-size", type=at_least(1), default=1, help="jobs, one after another (default: 1)")
    group.add_argument("--max-batch-size", type=at_least(1), help="most sequences at once (default: no limit)")


def add_sampling_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how tokens are chosen and when to end."""
    group = parser.add_argument_group("sampling")
    add_flag(parser, "--do-sample", default=False, text="sample; otherwise the likeliest token is taken")
    group.add_argument("--temperature", type=float, default=0.85, help="with --do-sample (default: 0.85)")
    group.add_argument("--top-p", type=float, default=1.0, help="with --do-sample: nucleus (default: 1)")
    group.add_argument("--top-k", type=int, default=0, help="with --do-sample: candidates, 0 for all (default: 0)")
    group.add_argument("--repetition-penalty", type=float, default=1.0, help="1 for none (default: 1)")
    group.add_argument("--seed", type=int, help="makes sampling repeatable (default: different each time)")
    group.add_argument(
        "--max-new-tokens", type=at_least(1), default=DEFAULT_MAX_NEW_TOKENS,
        help=f"most new tokens of an answer (default: {DEFAULT_MAX_NEW_TOKENS})",
    )  # fmt: skip
    add_flag(parser, "--constant-output", default=False, text="go on after the end token, to --max-new-tokens")
    group.add_argument(
        "--lookup", action=argparse.BooleanOptionalAction, default=True,
        help="guess tokens from earlier text and check several at once; the answers stay the same (default: on)",
    )  # fmt: skip


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags about cards."""
    group = parser.add_argument_group("devices")
    cards.add_split_arguments(group)
    c10.add_arguments(group)
    group.add_argument(
        "--simulate-cards", type=at_least(0), default=0, metavar="N",
        help="pretend to have N cards; on the CPU, several of --device are simulated without it, too",
    )  # fmt: skip
    group.add_argument(
        "--in-flight", type=at_least(0), default=0, metavar="N",
        help="with several devices: jobs that go through them at once, each with its own KV cache "
        "(default: 0, as many as there are and fit)",
    )  # fmt: skip
    group.add_argument(
        "--threads", type=at_least(0), default=0, help="threads to compute with, of each device (default: 0, choose)"
    )


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags about what is printed and saved."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print tokens as they come (default: on)"
    )
    add_flag(parser, "--dump-golden", default=False, text="save inputs and logits of every round and step here as .npz")
    group.add_argument("--dump-result", type=Path, metavar="PATH", help="save ids, text and figures as JSON")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer questions."""
    if arguments.target == "c10":
        return run_on_card(arguments)
    return ask(arguments, Output(as_json=arguments.json))


def ask(arguments: argparse.Namespace, output: Output) -> int:
    """Answer questions on the CPU: in one process, or with several devices in one for each."""
    limits = cards.read_limits(arguments)
    spread = len(arguments.device) > 1 or limits or arguments.simulate_cards
    options = cards.options_of(arguments, limits) if spread else None
    try:
        header = read_header(arguments.engine)
    except ForeignEngineError as error:
        raise ForeignEngineError(error.message, c10.FOREIGN_HINT) from error
    check_engine(arguments, header.config)
    command = generate_command(arguments, header.config)
    if options is not None and not arguments.in_flight:
        options = cards.with_lanes(options, header.spec, header.config, command)
    if arguments.dry_run:
        cards.show_plan(options, header.spec, header.config, output)
        return 0
    if options is None:
        return answer(arguments, command, output)
    load = Load(str(arguments.engine.absolute()), _tokenizer(arguments), cards=options.to_json(), trust=arguments.trust)
    return answer(arguments, command, output, load)


def run_on_card(arguments: argparse.Namespace) -> int:
    """Answer questions with the vendor's SDK."""
    limits = cards.read_limits(arguments)
    load, spec, config = c10.load_command(arguments, limits)
    check_engine(arguments, config)
    output = Output(as_json=arguments.json)
    if arguments.dry_run:
        cards.show_plan(cards.split_of(arguments, limits), spec, config, output)
        output.line("note: estimates with this program's own sizes; on the card, the SDK places the layers.")
        return 0
    command = replace(generate_command(arguments, config), golden_folder="")  # the SDK writes its own
    return answer(arguments, command, output, load)


def answer(arguments: argparse.Namespace, command: Generate, output: Output, load: Load | None = None) -> int:
    """Run the engine in a worker and print its answers; `load`: how to open it, if not for the CPU."""
    load = load or Load(
        str(arguments.engine.absolute()), _tokenizer(arguments), arguments.threads, trust=arguments.trust
    )
    job = WorkerJob(load, command, worker=arguments.worker)
    answers = Answers(output, command.input_ids, stream=arguments.stream)
    for event in job.results():
        if isinstance(event, Generated) and arguments.dump_result:
            _dump(arguments, event)
        answers.show(event)
    return 0


def read_header(engine: Path) -> Header:
    """Return what an engine file says of itself; raises FormatError, ForeignEngineError or FileError."""
    from core.ngf.reader import read_header

    return read_header(engine)


def _tokenizer(arguments: argparse.Namespace) -> str:
    return str(arguments.tokenizer.absolute()) if arguments.tokenizer else ""


def check_engine(arguments: argparse.Namespace, config: EngineConfig) -> None:
    """Raise MismatchError where a flag contradicts the engine, UsageError where the batch is over its limit."""
    rules = (
        ("--static-batch-size", arguments.static_batch_size, "a static batch size", config.batch),
        ("--base-length", arguments.base_length, "a base length", config.pre_len),
        ("--total-len", arguments.total_len, "a total length", config.total_len),
    )
    for flag, given, what, built in rules:
        if given is not None and given != built:
            raise MismatchError(
                f"{flag} is {given}, but the engine was compiled for {what} of {built}.",
                f"Use {flag} {built}, or compile an engine for {given}.",
            )
    limit = arguments.max_batch_size
    if limit is not None and config.batch > limit:
        raise UsageError(
            f"The engine's static batch size is {config.batch}, but --max-batch-size is {limit}.", "Raise the limit."
        )


def generate_command(arguments: argparse.Namespace, config: EngineConfig) -> Generate:
    """Return what the worker is to answer. Raises UsageError and FileError."""
    command = Generate(
        job="infer",
        raw=arguments.raw,
        jobs=arguments.dynamic_batch_size,
        max_new_tokens=arguments.max_new_tokens,
        constant_output=arguments.constant_output,
        do_sample=arguments.do_sample,
        temperature=arguments.temperature,
        top_p=arguments.top_p,
        top_k=arguments.top_k,
        repetition_penalty=arguments.repetition_penalty,
        seed=arguments.seed,
        golden_folder=str(Path.cwd()) if arguments.dump_golden else "",
        lookup=arguments.lookup,
        **_asked(arguments, config),
    )
    command.sampling().check()
    return command


def _asked(
    arguments: argparse.Namespace, config: EngineConfig
) -> dict[str, list[list[int]]] | dict[str, list[str]] | dict[str, list[list[dict[str, str]]]]:
    if arguments.input_ids is not None:
        if arguments.question is not None:
            raise UsageError("--question and --input-ids contradict each other.", "Give one of them.")
        return {"input_ids": arguments.input_ids}
    questions = _questions(arguments, config)
    if not arguments.system or arguments.raw:
        return {"questions": questions}
    system = {"role": "system", "content": arguments.system}
    return {"conversations": [[system, {"role": "user", "content": question}] for question in questions]}


def _questions(arguments: argparse.Namespace, config: EngineConfig) -> list[str]:
    if arguments.question is not None:
        return [arguments.question]
    kinds: dict[int | None, QuestionKind] = {1: "json", 2: "lines"}
    kind = kinds.get(arguments.question_from)
    if arguments.question_file:
        found = read_questions(arguments.question_file, kind)
    else:
        found = read_questions(builtin_file(kind or "json"), kind)
    return take(found, arguments.question_index, config.batch * arguments.dynamic_batch_size)


def _dump(arguments: argparse.Namespace, event: Generated) -> None:
    import json

    from core.fsio import write_text

    write_text(arguments.dump_result.absolute(), json.dumps(event.to_json(), ensure_ascii=False, indent=1) + "\n")
