/** Reaching hookd, and the way of one event to its decision. */
import { connect as dial } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { EventSchema } from "./gen/hookd/v1/event_pb.js";
import { HookService, RunHooksRequestSchema, type RunHooksRequest } from "./gen/hookd/v1/hook_service_pb.js";
import { DecisionKind, type JournalEntry } from "./gen/hookd/v1/run_pb.js";
import { log, Output } from "./output.js";

const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** What hookd wants of the agent; `wait` in milliseconds, for `DecisionKind.RETRY`. */
export interface Decision { kind: DecisionKind; wait: number; warnings: string[] }

/** There is no decision: with which code to exit, and the reason that hookd gave. */
export class Undecided extends Error {
  constructor(readonly exit: number, message: string, readonly reason = "") {
    super(message);
  }
}

/** A client for `unix:///path` or `http://host:port`; it connects when it is first used. */
export function connect(address: string): Client<typeof HookService> {
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : undefined;
  return createClient(HookService, createGrpcTransport({
    baseUrl: path === undefined ? address : "http://localhost",
    // A silent connection is probed, so that a lost one is noticed.
    pingIntervalMs: 20_000,
    ...(path !== undefined && { nodeOptions: { createConnection: () => dial(path) } }),
  }));
}

export class Hooks {
  constructor(
    private readonly hookd: Client<typeof HookService>,
    /** In milliseconds: bounds the hooks of an event, and the wait for its decision. */
    private readonly limits: { timeout: number | undefined; deadline: number },
  ) {}

  /** Reports an event and waits for the decision; an interrupt ends the run. */
  async decide(event: MessageInitShape<typeof EventSchema>, interrupt: AbortSignal): Promise<Decision> {
    const { timeout, deadline } = this.limits;
    const request = create(RunHooksRequestSchema, {
      requestId: crypto.randomUUID(),
      event,
      ...(timeout !== undefined && { timeout: durationFromMs(timeout) }),
    });
    const seen = { runId: "", last: 0n };
    const output = new Output();
    const late = new AbortController();
    const clock = setTimeout(() => late.abort(), deadline);
    const signal = AbortSignal.any([interrupt, late.signal]);
    try {
      for await (const { entry } of this.journal(request, seen, Date.now() + deadline, signal)) {
        output.show(entry);
        if (entry.case === "runFinished") {
          const { kind = DecisionKind.UNSPECIFIED, retryAfter, warnings = [] } = entry.value.decision ?? {};
          return { kind, wait: retryAfter ? durationMs(retryAfter) : 0, warnings };
        }
        if (entry.case === "runInterrupted") {
          const { advice, retryAfter } = entry.value;
          return { kind: advice, wait: retryAfter ? durationMs(retryAfter) : 0, warnings: [] };
        }
      }
      throw new Undecided(1, "the journal ended without a decision");
    } catch (error) {
      if (interrupt.aborted) {
        if (seen.runId) await this.hookd.cancelRun({ runId: seen.runId }, { timeoutMs: 5_000 }).catch(() => {});
        throw new Undecided(130, "interrupted");
      }
      if (signal.aborted) throw new Undecided(69, "no decision before the deadline");
      if (error instanceof Undecided) throw error;
      return judge(ConnectError.from(error), seen.runId !== "");
    } finally {
      clearTimeout(clock);
    }
  }

  /** The journal of the run that a request starts, to its end, across lost connections. */
  private async *journal(
    request: RunHooksRequest,
    seen: { runId: string; last: bigint },
    until: number,
    signal: AbortSignal,
  ): AsyncGenerator<JournalEntry> {
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      let lost: ConnectError;
      try {
        const options = { signal, timeoutMs: Math.max(1, until - Date.now()) };
        // The same request attaches to the same run, so that no hook runs twice.
        const answers = seen.runId
          ? this.hookd.watchRun({ runId: seen.runId, afterSequence: seen.last }, options)
          : this.hookd.runHooks(request, options);
        for await (const { entry } of answers) {
          if (!entry || entry.sequence <= seen.last) continue;
          seen.last = entry.sequence;
          wait = FIRST_WAIT;
          if (entry.entry.case === "runStarted") seen.runId = entry.entry.value.runId;
          yield entry;
        }
        lost = new ConnectError("hookd ended the stream before the run", Code.Unavailable);
      } catch (error) {
        lost = ConnectError.from(error);
      }
      const asked = lost.findDetails(RetryInfoSchema)[0]?.retryDelay;
      if (signal.aborted || !mayPass(lost, asked !== undefined)) throw lost;
      log(`connection lost: ${lost.rawMessage}`);
      await pause(asked ? durationMs(asked) : wait, undefined, { signal });
    }
  }
}

/** Whether the connection broke, or hookd cannot serve just now. */
function mayPass({ code, metadata }: ConnectError, retryInfo: boolean): boolean {
  // What hookd itself answered has a status; what came of a broken connection has none.
  const broken = [Code.Canceled, Code.Aborted, Code.Internal, Code.Unknown].includes(code) && !metadata.has("grpc-status");
  return code === Code.Unavailable || broken || (code === Code.ResourceExhausted && retryInfo);
}

/** What an error means that no further try can mend. */
function judge(error: ConnectError, started: boolean): Decision {
  const info = error.findDetails(ErrorInfoSchema)[0];
  if (info?.reason === "RUN_INTERRUPTED") {
    const advice = (info.metadata["advice"] ?? "").replace("DECISION_KIND_", "");
    const kind = advice === "FAIL" ? DecisionKind.FAIL : advice === "RETRY" ? DecisionKind.RETRY : DecisionKind.UNSPECIFIED;
    const wait = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    return { kind, wait: wait ? durationMs(wait) : 0, warnings: [] };
  }
  const forgotten = error.code === Code.NotFound && started;
  const exits: Partial<Record<Code, number>> = {
    [Code.NotFound]: forgotten ? 69 : 65,
    [Code.InvalidArgument]: 65,
    [Code.PermissionDenied]: 77,
    [Code.Unauthenticated]: 77,
    [Code.DeadlineExceeded]: 69,
  };
  throw new Undecided(exits[error.code] ?? 1, error.rawMessage, info?.reason);
}
