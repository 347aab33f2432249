#!/usr/bin/env node
/** Backs up a folder by copying it, and has hookd run the hooks around that. */
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { access, constants, mkdir, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { type EventSchema, Trigger } from "./gen/hookd/v1/event_pb.js";
import { Condition } from "./gen/hookd/v1/hook_pb.js";
import { DecisionKind } from "./gen/hookd/v1/run_pb.js";
import { connect, decide, show } from "./hookd.js";

/** The default socket of this user's hookd: the first that is there, else the first. */
const { HOME, XDG_RUNTIME_DIR, XDG_STATE_HOME } = process.env;
const user = process.geteuid?.() ?? 0;
// cron sets no XDG_RUNTIME_DIR.
const runtime = [XDG_RUNTIME_DIR, `/run/user/${user}`].filter((at) => at && existsSync(at));
const state = XDG_STATE_HOME || `${HOME}/.local/state`;
const own = [...runtime.map((at) => `${at}/hookd`), `${state}/hookd/run`];
const folders = [...(user ? own : []), "/run/hookd"];
const sockets = folders.map((at) => `${at}/hookd.sock`);
const socket = sockets.find((at) => existsSync(at) && statSync(at).uid === user) ?? sockets[0];

process.once("uncaughtException", ({ message }) => {
  show(`${message}\n`);
  process.exit(2);
});
const { values: flags } = parseArgs({
  options: {
    addr: { type: "string", default: process.env["HOOKD_ADDR"] ?? `unix://${socket}` },
    plan: { type: "string", default: "" },
    source: { type: "string", default: "" },
    target: { type: "string", default: "" },
    attempts: { type: "string", default: "3" },
    "max-wait": { type: "string", default: "3600" },
    timeout: { type: "string", default: "3600" },
    deadline: { type: "string", default: "3600" },
  },
});
if (!flags.source || !flags.target) throw new TypeError("--source and --target are required");
/** Seconds as milliseconds, and no more than a timer can take. */
const ms = (seconds: string) => Math.min(Number(seconds) * 1000, 2 ** 31 - 1);

const operationId = crypto.randomUUID();
const snapshotId = operationId.slice(0, 8);
/** What is printed at the end. */
const result = {
  exit: 0, decision: "", attempts: 0, outcome: "", reason: "", operation_id: operationId,
  warnings: [] as string[],
};
const hookd = connect(flags.addr);
process.removeAllListeners("uncaughtException"); // from here on it is not the flags
let interrupt = new AbortController();

/** Reports an event, completed with what all of the operation have in common. */
async function report(event: MessageInitShape<typeof EventSchema>) {
  const common = { operationId, trigger: Trigger.MANUAL, attempt: result.attempts };
  const decision = await decide(hookd, {
    requestId: crypto.randomUUID(),
    event: { planId: flags.plan, task: `copy ${flags.source}`, ...common, ...event },
    timeout: durationFromMs(ms(flags.timeout)),
  }, ms(flags.deadline), interrupt.signal);
  result.warnings.push(...decision.warnings);
  return decision;
}

/** The operation from its start to its end; the exit code. */
async function backup(): Promise<number> {
  for (;;) {
    result.attempts += 1;
    const { kind, retryAfter } = await report({ condition: Condition.SNAPSHOT_START });
    result.decision = DecisionKind[kind] ?? `${kind}`;
    if (kind === DecisionKind.PROCEED) break;
    if (kind === DecisionKind.CANCEL) return 20; // no failure, and nothing more to report
    if (kind === DecisionKind.FAIL) return 21; // hookd ran the hooks for failures
    if (kind !== DecisionKind.RETRY) return 1; // unknown, which is no leave to go on
    if (!(result.attempts < Number(flags.attempts))) return 22;
    const wait = Math.min(retryAfter ? durationMs(retryAfter) : 0, ms(flags["max-wait"]));
    await pause(wait, undefined, { signal: interrupt.signal });
  }

  const began = performance.now();
  let exit = 0;
  let end;
  try {
    end = await copy(flags.source, join(flags.target, snapshotId));
    if (end.condition === Condition.SNAPSHOT_WARNING) exit = 3;
  } catch (error) {
    exit = interrupt.signal.aborted ? 130 : 1;
    // The hooks for failures run all the same; the next Ctrl-C ends them.
    interrupt = new AbortController();
    end = { condition: Condition.SNAPSHOT_ERROR, error: (error as Error).message };
  }
  if (end.error) show(`${end.error}\n`);
  result.outcome = Condition[end.condition];
  const duration = durationFromMs(Math.round(performance.now() - began));
  const { kind } = await report({ ...end, duration });
  return kind === DecisionKind.PROCEED ? exit : 21;
}

/** Copies a folder, and gives the event for it: put your backup in its place. */
async function copy(source: string, target: string) {
  const began = performance.now();
  const leftOut: string[] = [];
  let [files, bytes] = [0n, 0n];
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  await mkdir(target, { recursive: true });
  for (const entry of entries) {
    const from = join(entry.parentPath, entry.name);
    const to = join(target, relative(source, from));
    const found = await access(from, constants.R_OK).then(() => stat(from)).catch(() => undefined);
    if (entry.isDirectory()) {
      await mkdir(to);
    } else if (found?.isFile()) {
      await pipeline(createReadStream(from), createWriteStream(to), { signal: interrupt.signal });
      files += 1n;
      bytes += BigInt(found.size);
    } else {
      leftOut.push(from);
    }
  }
  return {
    condition: leftOut.length > 0 ? Condition.SNAPSHOT_WARNING : Condition.SNAPSHOT_SUCCESS,
    error: leftOut.length > 0 ? `left out: ${leftOut.slice(0, 20).join(", ")}` : "",
    snapshotId,
    snapshotStats: {
      snapshotId, totalDuration: (performance.now() - began) / 1000,
      filesNew: files, totalFilesProcessed: files,
      dataAdded: bytes, totalBytesProcessed: bytes,
    },
  };
}

process.on("SIGINT", () => interrupt.abort());
try {
  result.exit = await backup();
} catch (thrown) {
  const error = ConnectError.from(thrown);
  show(`${error.rawMessage}\n`);
  result.reason = error.findDetails(ErrorInfoSchema)[0]?.reason ?? "";
  result.exit = interrupt.signal.aborted ? 130 : 69;
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(result.exit));
