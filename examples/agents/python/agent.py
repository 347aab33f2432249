"""Backs up a folder by copying it, and has hookd run the hooks around that."""

import argparse
import json
import os
import shutil
import sys
import time
import uuid
from codecs import IncrementalDecoder, getincrementaldecoder
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc_status import rpc_status

from hookd.v1 import event_pb2 as events
from hookd.v1 import hook_pb2 as conditions
from hookd.v1 import run_pb2 as runs
from hookd.v1.hook_service_pb2 import CancelRunRequest, RunHooksRequest, WatchRunRequest
from hookd.v1.hook_service_pb2_grpc import HookServiceStub


class Agent:
    """One backup; its report is printed at the end."""

    def __init__(self, args: argparse.Namespace, hookd: HookServiceStub) -> None:
        self.args, self.hookd = args, hookd
        self.report = SimpleNamespace(exit=0, decision="", attempts=0, outcome="", reason="")
        self.report.operation_id, self.report.warnings = str(uuid.uuid4()), []

    def backup(self) -> int:
        """Does what hookd decides; returns the exit code."""
        while True:
            self.report.attempts += 1
            decision = self.fire(events.Event(condition=conditions.CONDITION_SNAPSHOT_START))
            known = runs.DecisionKind.DESCRIPTOR.values_by_number.get(decision.kind)
            name = known.name if known else str(decision.kind)
            self.report.decision = name.removeprefix("DECISION_KIND_")
            match decision.kind:
                case runs.DECISION_KIND_PROCEED:
                    return self.snapshot()
                case runs.DECISION_KIND_CANCEL:  # no failure, and nothing more to report
                    return 20
                case runs.DECISION_KIND_FAIL:  # hookd ran the hooks for failures
                    return 21
                case runs.DECISION_KIND_RETRY:
                    if self.report.attempts >= self.args.attempts:
                        return 22
                    wait = decision.retry_after.ToTimedelta().total_seconds()
                    time.sleep(min(wait, self.args.max_wait))
                case _:  # of a later version: never taken for leave to go on
                    return 1

    def snapshot(self) -> int:
        """Copies the source and reports how that ended; returns the exit code."""
        exit, begun, target = 0, time.monotonic(), self.args.target / self.report.operation_id[:8]
        event = events.Event(condition=conditions.CONDITION_SNAPSHOT_SUCCESS)
        try:
            left = copy(self.args.source, target)
            if left:
                exit, event.condition = 3, conditions.CONDITION_SNAPSHOT_WARNING
                event.error = "\n".join(left[:20])
            event.snapshot_id = target.name
        except (OSError, KeyboardInterrupt) as error:  # hooks clean up after Ctrl-C, too
            exit = 130 if isinstance(error, KeyboardInterrupt) else 1
            event.condition = conditions.CONDITION_SNAPSHOT_ERROR
            event.error = str(error)[:10_000] or "interrupted"
        sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
        stats = event.snapshot_stats
        stats.files_new = stats.total_files_processed = len(sizes)
        stats.data_added = stats.total_bytes_processed = sum(sizes)
        stats.snapshot_id, stats.total_duration = target.name, time.monotonic() - begun
        event.duration.FromMilliseconds(int(stats.total_duration * 1000))
        outcome = conditions.Condition.Name(event.condition)
        self.report.outcome = outcome.removeprefix("CONDITION_")
        return exit if self.fire(event).kind == runs.DECISION_KIND_PROCEED else 21

    def fire(self, event: events.Event) -> runs.Decision:
        """Completes an event with what all of the operation have in common, and fires it."""
        event.plan_id, event.operation_id = self.args.plan, self.report.operation_id
        event.attempt, event.trigger = self.report.attempts, events.TRIGGER_MANUAL
        event.task = f"backup of {str(self.args.source)!r}"
        request = RunHooksRequest(request_id=str(uuid.uuid4()), event=event)
        request.timeout.FromMilliseconds(int(self.args.timeout * 1000))
        decision = decide(self.hookd, request, self.args.deadline)
        self.report.warnings += decision.warnings
        if decision.reason:
            show(f"{decision.reason}\n")
        return decision


def copy(source: Path, target: Path) -> list[str]:
    """Copies a folder; names what is left out because it cannot be read."""
    left: list[str] = []
    parent = target.parent.resolve()

    def is_readable(path: Path) -> bool:
        is_folder = path.is_dir() and not path.is_symlink()  # which may lead in a circle
        return (is_folder or path.is_file()) and os.access(path, os.R_OK)

    def unreadable(folder: str, names: list[str]) -> list[str]:
        ignored = [name for name in names if not is_readable(Path(folder, name))]
        left.extend(f"{os.path.join(folder, name)!r} cannot be read" for name in ignored)
        return [*ignored, target.name] if Path(folder).resolve() == parent else ignored

    shutil.copytree(source, target, ignore=unreadable)
    return left


def decide(hookd: HookServiceStub, request: RunHooksRequest, limit: float) -> runs.Decision:
    """Follows a run of hooks to its decision, and shows what they write; Ctrl-C ends the run."""
    run_id, new_decoder = "", getincrementaldecoder("utf-8")
    # A character may be cut, and go on in the next entry of the same stream.
    decoders = defaultdict[int, IncrementalDecoder](lambda: new_decoder("replace"))
    try:
        for entry in journal(hookd, request, limit):
            match entry.WhichOneof("entry"):
                case "run_started":
                    run_id = entry.run_started.run_id
                case "hook_output":
                    show(decoders[entry.hook_output.stream].decode(entry.hook_output.data))
                case "run_finished":
                    return entry.run_finished.decision
    except grpc.RpcError as error:
        info, retry = explain(error)
        if info.reason != "RUN_INTERRUPTED":
            raise
        # hookd died in the middle, and says what is to become of the operation.
        again = info.metadata["advice"] == "DECISION_KIND_RETRY"
        kind = runs.DECISION_KIND_RETRY if again else runs.DECISION_KIND_FAIL
        return runs.Decision(kind=kind, reason=error.details() or "", retry_after=retry.retry_delay)
    except KeyboardInterrupt:
        with suppress(grpc.RpcError):
            hookd.CancelRun(CancelRunRequest(run_id=run_id), timeout=5)
        raise
    raise AssertionError("a journal ends with a decision or an error")


def journal(
    hookd: HookServiceStub, request: RunHooksRequest, limit: float
) -> Iterator[runs.JournalEntry]:
    """The entries of a run's journal, taken up again where a connection was lost."""
    run_id, sequence, wait, deadline = "", 0, 0.1, time.monotonic() + limit
    while True:
        left = max(deadline - time.monotonic(), 0)
        pause, why = 0.0, "the stream ended before the run"
        try:
            if run_id:  # starts no run, even if hookd has forgotten this one
                watch = WatchRunRequest(run_id=run_id, after_sequence=sequence)
                entries = (answer.entry for answer in hookd.WatchRun(watch, timeout=left))
            else:  # the same request again attaches to the same run
                entries = (answer.entry for answer in hookd.RunHooks(request, timeout=left))
            for entry in entries:
                sequence, wait = max(sequence, entry.sequence), 0.1
                run_id = run_id or entry.run_started.run_id
                yield entry
        except grpc.RpcError as error:
            why, (info, retry) = error.details() or "", explain(error)
            if retry.HasField("retry_delay") and info.reason != "RUN_INTERRUPTED":
                pause = retry.retry_delay.ToTimedelta().total_seconds()
            elif error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        if wait == 0.1:  # said once, until it goes on
            show(f"trying again: {why}\n")
        time.sleep(min(pause or wait, max(deadline - time.monotonic(), 0)))
        wait = min(2 * wait, 5)


def explain(error: grpc.RpcError) -> tuple[ErrorInfo, RetryInfo]:
    """What an error says to programs; both are empty if it says nothing."""
    assert isinstance(error, grpc.Call)  # as all are that a call raises
    info, retry = ErrorInfo(), RetryInfo()
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        if not detail.Unpack(info):
            detail.Unpack(retry)
    return info, retry


def show(text: str) -> None:
    """Shows a text on standard error. Whoever wrote it must not steer the terminal."""
    safe = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    print(safe, end="", file=sys.stderr, flush=True)


def usual_socket() -> str:
    """The default socket of this user's hookd: the first that is there, else the first."""
    user = os.geteuid()
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    # cron sets no XDG_RUNTIME_DIR.
    runtime = [os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{user}"] if user else []
    folders = [f"{folder}/hookd" for folder in runtime if folder and os.path.isdir(folder)]
    folders += [f"{state}/hookd/run", "/run/hookd"] if user else ["/run/hookd"]
    sockets = [f"{folder}/hookd.sock" for folder in folders]
    own = (at for at in sockets if os.path.exists(at) and os.stat(at).st_uid == user)
    return f"unix://{next(own, sockets[0])}"


def main() -> int:
    address = os.environ.get("HOOKD_ADDR") or usual_socket()
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--addr", default=address, help="where hookd is")
    flags.add_argument("--plan", default="")
    flags.add_argument("--source", type=Path, required=True, help="the folder to copy")
    flags.add_argument("--target", type=Path, required=True, help="the folder to copy into")
    flags.add_argument("--attempts", type=int, default=3, help="tries of the operation")
    flags.add_argument("--max-wait", type=float, default=3600, help="seconds between them")
    flags.add_argument("--timeout", type=float, default=3600, help="seconds for an event's hooks")
    flags.add_argument("--deadline", type=float, default=3600, help="seconds for a decision")
    args = flags.parse_args()
    # The authority is the socket's path else: hookd takes that, other servers in Rust do not.
    options = [("grpc.default_authority", "localhost"), ("grpc.max_reconnect_backoff_ms", 5000)]
    with grpc.insecure_channel(args.addr.removeprefix("http://"), options) as channel:
        agent = Agent(args, HookServiceStub(channel))
        report = agent.report
        try:
            report.exit = agent.backup()
        except KeyboardInterrupt:
            report.exit = 130
        except grpc.RpcError as error:
            show(f"error: {error.details()}\n")
            report.exit, report.reason = 69, explain(error)[0].reason
    print(json.dumps(vars(report)))
    return report.exit


if __name__ == "__main__":
    sys.exit(main())
