"""Backs up a folder by copying it, and has hookd run the hooks around that."""

import argparse
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import grpc

from hooks import Failed, decide
from hookd.v1 import event_pb2 as events
from hookd.v1 import hook_pb2 as hooks
from hookd.v1 import hook_service_pb2 as messages
from hookd.v1 import hook_service_pb2_grpc as services
from hookd.v1 import run_pb2 as runs


@dataclass
class Report:
    """The last line that the agent prints."""

    exit: int = 0
    decision: str = ""
    attempts: int = 0
    outcome: str = ""
    reason: str = ""
    operation_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    warnings: list[str] = field(default_factory=list)


class Agent:
    def __init__(self, args: argparse.Namespace, stub: services.HookServiceStub) -> None:
        self.args = args
        self.stub = stub
        self.report = Report()

    def backup(self) -> None:
        """The operation: start hooks, copy, end hooks."""
        while not self.started():
            pass
        report, snapshot, begun = self.report, self.report.operation_id[:8], time.monotonic()
        event = events.Event(condition=hooks.CONDITION_SNAPSHOT_SUCCESS, snapshot_id=snapshot)
        stats = event.snapshot_stats
        failure: BaseException | None = None
        try:
            left = list(copy(self.args.source, self.args.target / snapshot, stats))
            if left:
                event.condition, event.error = hooks.CONDITION_SNAPSHOT_WARNING, "\n".join(left)
                report.exit = 3
        except (OSError, KeyboardInterrupt) as error:
            # Hooks clean up also after a backup that was interrupted.
            failure, report.exit = error, 1 if isinstance(error, OSError) else 130
            event.condition, event.snapshot_id = hooks.CONDITION_SNAPSHOT_ERROR, ""
            event.error = str(error) or "interrupted"
        stats.total_duration, stats.snapshot_id = time.monotonic() - begun, snapshot
        event.duration.FromNanoseconds(int(stats.total_duration * 1e9))
        report.outcome = hooks.Condition.Name(event.condition).removeprefix("CONDITION_")
        decision = self.fire(event)
        if decision.kind != runs.DECISION_KIND_PROCEED:
            raise Failed(21, f"failed: {decision.reason}")
        if failure:
            raise Failed(report.exit, event.error) from failure

    def started(self) -> bool:
        """Asks whether to go on; false is to ask again."""
        self.report.attempts += 1
        decision = self.fire(events.Event(condition=hooks.CONDITION_SNAPSHOT_START))
        kinds = runs.DecisionKind.DESCRIPTOR.values_by_number
        name = kinds[decision.kind].name if decision.kind in kinds else str(decision.kind)
        self.report.decision = name.removeprefix("DECISION_KIND_")
        match decision.kind:
            case runs.DECISION_KIND_PROCEED:
                return True
            case runs.DECISION_KIND_CANCEL:  # no failure, and nothing more to report
                raise Failed(20, f"cancelled: {decision.reason}")
            case runs.DECISION_KIND_FAIL:  # hookd ran the hooks for failures
                raise Failed(21, f"failed: {decision.reason}")
            case runs.DECISION_KIND_RETRY:
                if self.report.attempts >= self.args.attempts:
                    raise Failed(22, f"put off: {decision.reason}")
                wait = decision.retry_after.ToTimedelta().total_seconds()
                time.sleep(min(wait, self.args.max_wait))
                return False
        # Of a later version: never taken for leave to go on.
        raise Failed(1, f"unknown decision {name}")

    def fire(self, event: events.Event) -> runs.Decision:
        """Completes an event with what all of the operation have in common."""
        event.plan_id, event.repo_id = self.args.plan, self.args.repo
        event.operation_id, event.attempt = self.report.operation_id, self.report.attempts
        event.task, event.trigger = f"backup of {self.args.source}", events.TRIGGER_MANUAL
        request = messages.RunHooksRequest(request_id=str(uuid.uuid4()), event=event)
        if self.args.timeout:
            request.timeout.FromMilliseconds(int(self.args.timeout * 1000))
        decision = decide(self.stub, request, self.args.deadline)
        self.report.warnings += decision.warnings
        return decision


def copy(source: Path, target: Path, stats: events.SnapshotStats) -> Iterator[str]:
    """Copies a tree; yields what cannot be read and is left out."""
    left: list[OSError] = []
    os.listdir(source)
    for folder, _, names in os.walk(source, onerror=left.append):
        into = target / Path(folder).relative_to(source)
        into.mkdir(mode=0o700, parents=True)
        for name in names:
            path = Path(folder, name)
            if not path.is_file():
                yield f"{path}: cannot be read"
                continue
            try:
                reader = path.open("rb")
            except OSError as error:
                yield str(error)
                continue
            with reader, (into / name).open("xb") as writer:
                shutil.copyfileobj(reader, writer)
                stats.total_bytes_processed += writer.tell()
            stats.files_new += 1
    stats.total_files_processed, stats.data_added = stats.files_new, stats.total_bytes_processed
    yield from map(str, left)


def main() -> int:
    address = os.environ.get("HOOKD_ADDR", "unix:///run/hookd/hookd.sock")
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--addr", default=address, help="where hookd is")
    flags.add_argument("--plan", default="")
    flags.add_argument("--repo", default="")
    flags.add_argument("--source", type=Path, required=True, help="the folder to copy")
    flags.add_argument("--target", type=Path, required=True, help="the folder to copy into")
    flags.add_argument("--attempts", type=int, default=3, help="tries of the operation")
    flags.add_argument("--max-wait", type=float, default=3600, help="seconds between them")
    flags.add_argument("--timeout", type=float, default=0, help="seconds for an event's hooks")
    flags.add_argument("--deadline", type=float, default=3600, help="seconds for a decision")
    args = flags.parse_args()
    with grpc.insecure_channel(args.addr.removeprefix("http://"), OPTIONS) as channel:
        agent = Agent(args, services.HookServiceStub(channel))
        report = agent.report
        try:
            agent.backup()
        except KeyboardInterrupt:
            report.exit = 130
        except Failed as failed:
            print("error:", failed, file=sys.stderr)
            report.exit, report.reason = failed.exit, failed.reason
    print(json.dumps(asdict(report)))
    return report.exit


OPTIONS = [
    # Connections are tried again as soon as calls are.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5000),
    # Else it is the socket's path, which HTTP/2 servers in Rust refuse.
    ("grpc.default_authority", "localhost"),
]

if __name__ == "__main__":
    sys.exit(main())
