/** Has hookd run the hooks of an event and waits for its decision: yours to take over. */
import { connect as dial } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { TextDecoder } from "node:util";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { HookService, type RunHooksRequestSchema } from "./gen/hookd/v1/hook_service_pb.js";
import { type Decision, DecisionKind, DecisionSchema } from "./gen/hookd/v1/run_pb.js";

/** In milliseconds, as every time here. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;

/** A client for `unix:///path` or `http://host:port`, else a TypeError; connects when used. */
export function connect(address: string): Client<typeof HookService> {
  const known = /^(unix|https?):\/\//.test(address) && URL.canParse(address);
  if (!known) throw new TypeError(`neither unix:///path nor http://host:port: ${address}`);
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : undefined;
  return createClient(HookService, createGrpcTransport({
    baseUrl: path === undefined ? address : "http://localhost",
    // A silent connection is probed, so that a lost one is noticed.
    pingIntervalMs: 20_000,
    ...(path !== undefined && { nodeOptions: { createConnection: () => dial(path) } }),
  }));
}

/**
 * Reports an event and follows the run of its hooks to the decision, across lost connections.
 * The request needs an id of its own. If `interrupt` is aborted, so is the run. Throws a
 * `ConnectError` if there is no decision, or none before the deadline.
 */
export async function decide(
  hookd: Client<typeof HookService>,
  request: MessageInitShape<typeof RunHooksRequestSchema>,
  deadline: number,
  interrupt: AbortSignal,
): Promise<Decision> {
  const late = AbortSignal.timeout(deadline);
  const signal = AbortSignal.any([interrupt, late]);
  const decoders = new Map<number, TextDecoder>();
  let [runId, last, wait] = ["", 0n, FIRST_WAIT];
  while (!interrupt.aborted && !late.aborted) {
    try {
      // No hook runs twice: the same request finds its run, and a run that is known is watched.
      const answers = runId
        ? hookd.watchRun({ runId, afterSequence: last }, { signal })
        : hookd.runHooks(request, { signal });
      for await (const { entry } of answers) {
        if (!entry) continue;
        last = entry.sequence;
        wait = FIRST_WAIT;
        const { case: what, value } = entry.entry;
        if (what === "runStarted") runId = value.runId;
        if (what === "hookOutput") {
          // A character may be cut and go on in the next entry of the same stream.
          const decoder = decoders.get(value.stream) ?? new TextDecoder();
          decoders.set(value.stream, decoder);
          show(decoder.decode(value.data, { stream: true }));
        }
        if (what === "runFinished") return value.decision ?? create(DecisionSchema);
      }
      throw new ConnectError("the stream ended before the run", Code.Unavailable);
    } catch (thrown) {
      if (signal.aborted) break;
      const error = ConnectError.from(thrown);
      const [info] = error.findDetails(ErrorInfoSchema);
      const retryAfter = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
      if (info?.reason === "RUN_INTERRUPTED") {
        // hookd died in the middle, and says what is to become of the operation.
        const retry = info.metadata["advice"] === "DECISION_KIND_RETRY";
        const kind = retry ? DecisionKind.RETRY : DecisionKind.FAIL;
        return create(DecisionSchema, { kind, reason: error.rawMessage, retryAfter });
      }
      // An answer of hookd has a status; a broken connection has none.
      const busy = error.code === Code.ResourceExhausted && retryAfter !== undefined;
      const lost = error.code === Code.Unavailable || !error.metadata.has("grpc-status");
      if (!busy && !lost) throw error;
      show(`trying again: ${error.rawMessage}\n`);
      // If this is cut short, so is the loop.
      const pausing = pause(retryAfter ? durationMs(retryAfter) : wait, undefined, { signal });
      await pausing.catch(() => {});
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
  if (!interrupt.aborted) throw new ConnectError("no decision in time", Code.DeadlineExceeded);
  if (runId) await hookd.cancelRun({ runId }, { timeoutMs: LONGEST_WAIT });
  throw new ConnectError("interrupted", Code.Canceled);
}

/** Shows a text on standard error. Whoever wrote it must not steer the terminal. */
export function show(text: string): void {
  process.stderr.write(text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "\u{FFFD}"));
}
