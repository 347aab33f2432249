/** Reaching hookd from a page. */
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { HookService } from "../gen/hookd/v1/hook_service_pb";
import type { JournalEntry } from "../gen/hookd/v1/run_pb";

export type Hookd = Client<typeof HookService>;

const FIRST_WAIT = 200;
const LONGEST_WAIT = 5_000;

/** A client for `http://host:port`. */
export function connect(baseUrl: string): Hookd {
  return createClient(HookService, createGrpcWebTransport({ baseUrl }));
}

/** Waits; ends early, and without an error, when the signal comes. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

/** Returns true if a later call may succeed. */
export function mayPass(error: ConnectError): boolean {
  // An answer of hookd has a status; a broken connection has none.
  return error.code === Code.Unavailable || !error.metadata.has("grpc-status");
}

/**
 * The journal of a run to its end, across lost connections; of each loss, the reason.
 *
 * Fails with what hookd says if it cannot go on, and ends when the signal comes.
 */
export async function* watch(hookd: Hookd, runId: string, signal: AbortSignal): AsyncGenerator<JournalEntry | string> {
  let afterSequence = 0n;
  for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    let lost = "hookd ended the stream";
    try {
      for await (const { entry } of hookd.watchRun({ runId, afterSequence }, { signal })) {
        if (!entry) continue;
        afterSequence = entry.sequence;
        wait = FIRST_WAIT;
        yield entry;
        if (entry.entry.case === "runFinished" || entry.entry.case === "runInterrupted") return;
      }
    } catch (error) {
      const failure = ConnectError.from(error);
      if (signal.aborted) return;
      if (!mayPass(failure)) throw failure;
      lost = failure.rawMessage;
    }
    yield lost;
    await pause(wait, signal);
  }
}
