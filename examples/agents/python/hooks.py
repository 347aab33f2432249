"""Fires events at hookd, across lost connections."""

import sys
import time

import grpc
from google.rpc import error_details_pb2 as details
from grpc_status import rpc_status

from hookd.v1 import hook_service_pb2 as messages
from hookd.v1 import hook_service_pb2_grpc as services
from hookd.v1 import run_pb2 as runs

FIRST_WAIT, LONGEST_WAIT, LONGEST_LINE = 0.1, 5.0, 64 << 10
EXITS = {
    grpc.StatusCode.NOT_FOUND: 65,
    grpc.StatusCode.INVALID_ARGUMENT: 65,
    grpc.StatusCode.DEADLINE_EXCEEDED: 69,
    grpc.StatusCode.PERMISSION_DENIED: 77,
    grpc.StatusCode.UNAUTHENTICATED: 77,
}


class Failed(Exception):
    """Why the operation ends, and the exit code for it."""

    def __init__(self, exit: int, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.exit, self.reason = exit, reason


class Run:
    """What is known so far of the run that an event set off."""

    def __init__(self) -> None:
        self.id = ""
        self.sequence = 0
        self.decision: runs.Decision | None = None
        self.hooks: dict[int, str] = {}
        self.lines: dict[tuple[int, int], bytes] = {}

    def take(self, entry: runs.JournalEntry) -> None:
        if entry.sequence <= self.sequence:  # seen before the connection broke
            return
        self.sequence = entry.sequence
        match entry.WhichOneof("entry"):
            case "run_started":
                self.id = entry.run_started.run_id
            case "hook_started":
                self.hooks[entry.hook_started.index] = entry.hook_started.hook
            case "hook_output":
                output = entry.hook_output
                self.show(output.index, output.stream, output.data)
            case "hook_finished":
                for stream in (runs.OUTPUT_STREAM_STDOUT, runs.OUTPUT_STREAM_STDERR):
                    self.show(entry.hook_finished.index, stream, b"")
            case "run_finished":
                self.decision = entry.run_finished.decision
            case "run_interrupted":
                told = entry.run_interrupted
                self.decision = runs.Decision(
                    kind=told.advice, reason=told.reason, retry_after=told.retry_after
                )

    def show(self, hook: int, stream: int, data: bytes) -> None:
        """Prints what a hook wrote, line by line; without data, what has no line break."""
        text = self.lines.pop((hook, stream), b"") + data
        if text and (not data or len(text) > LONGEST_LINE):
            text += b"\n"
        *lines, self.lines[hook, stream] = text.split(b"\n")
        for line in lines:
            safe = "".join(
                c if c.isprintable() or c == "\t" else "\ufffd"
                for c in line.decode("utf-8", "replace")
            )
            print(self.hooks[hook], "|", safe, file=sys.stderr)


def decide(
    stub: services.HookServiceStub, request: messages.RunHooksRequest, limit: float
) -> runs.Decision:
    """Has hookd run the hooks of an event and returns its decision.

    Ctrl-C has hookd end the run.
    """
    run, wait, deadline = Run(), FIRST_WAIT, time.monotonic() + limit
    try:
        while True:
            seen, asked = run.sequence, None
            left = max(deadline - time.monotonic(), 0)
            try:
                if run.id:
                    watch = messages.WatchRunRequest(run_id=run.id, after_sequence=run.sequence)
                    stream = stub.WatchRun(watch, timeout=left)
                else:
                    stream = stub.RunHooks(request, timeout=left)
                for answer in stream:
                    run.take(answer.entry)
            except grpc.RpcError as error:
                asked = None if run.decision else judge(error, run)
            if run.decision:
                return run.decision
            if run.sequence > seen:
                wait = FIRST_WAIT
            left = max(deadline - time.monotonic(), 0)
            time.sleep(min(wait if asked is None else asked, left))
            wait = min(2 * wait, LONGEST_WAIT)
    except KeyboardInterrupt:
        if run.id:
            cancel = messages.CancelRunRequest(run_id=run.id)
            stub.CancelRun(cancel, timeout=LONGEST_WAIT)
        raise


def judge(error: grpc.RpcError, run: Run) -> float | None:
    """What follows from an error: a decision, a failure, or how long to wait, if told."""
    info, retry = details.ErrorInfo(), None
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        if detail.Is(details.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Is(details.RetryInfo.DESCRIPTOR):
            retry = details.RetryInfo()
            detail.Unpack(retry)
    code = error.code()
    if code == grpc.StatusCode.ABORTED and info.reason == "RUN_INTERRUPTED":
        run.decision = runs.Decision(kind=info.metadata["advice"], reason=error.details())
        if retry:
            run.decision.retry_after.CopyFrom(retry.retry_delay)
        return None
    busy = code == grpc.StatusCode.RESOURCE_EXHAUSTED and retry
    if code == grpc.StatusCode.UNAVAILABLE or busy:
        return retry.retry_delay.ToTimedelta().total_seconds() if retry else None
    if code == grpc.StatusCode.NOT_FOUND and run.id:  # hookd has forgotten the run
        raise Failed(69, error.details(), info.reason)
    raise Failed(EXITS.get(code, 1), error.details(), info.reason)
