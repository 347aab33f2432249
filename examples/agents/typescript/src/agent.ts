#!/usr/bin/env node
/** Backs up a folder by copying it, and has hookd run the hooks around that. */
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { copyTree } from "./copy.js";
import { type EventSchema, Trigger } from "./gen/hookd/v1/event_pb.js";
import { Condition } from "./gen/hookd/v1/hook_pb.js";
import { DecisionKind } from "./gen/hookd/v1/run_pb.js";
import { connect, Hooks, Undecided } from "./hookd.js";
import { log } from "./output.js";

const operationId = crypto.randomUUID();
const snapshotId = operationId.slice(0, 8);
/** What is printed at the end. */
const result = {
  exit: 1, decision: "", attempts: 0, outcome: "", reason: "", operation_id: operationId, warnings: [] as string[],
};
let interrupt = new AbortController();

function options() {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: {
    addr: text, plan: text, repo: text, source: text, target: text,
    attempts: text, "max-wait": text, timeout: text, deadline: text,
  } });
  const number = (name: "attempts" | "max-wait" | "timeout" | "deadline", least: number) => {
    const value = values[name] === undefined ? undefined : Number(values[name]);
    if (value !== undefined && !(value >= least && value <= 1e6)) throw new TypeError(`--${name} ${values[name]} is out of range`);
    return value;
  };
  const seconds = (name: "max-wait" | "timeout" | "deadline") => {
    const value = number(name, 0);
    return value === undefined ? undefined : Math.round(value * 1000);
  };
  if (!values.source || !values.target) throw new TypeError("--source and --target are required");
  return {
    addr: values.addr ?? process.env["HOOKD_ADDR"] ?? "unix:///run/hookd/hookd.sock",
    plan: values.plan ?? "", repo: values.repo ?? "",
    source: resolve(values.source), target: resolve(values.target),
    attempts: number("attempts", 1) ?? 3, maxWait: seconds("max-wait") ?? 3_600_000,
    timeout: seconds("timeout"), deadline: seconds("deadline") ?? 3_600_000,
  };
}

/** The operation from its start to its end; the exit code. */
async function backup(): Promise<number> {
  const { addr, plan, repo, source, target, attempts, maxWait, timeout, deadline } = options();
  const hooks = new Hooks(connect(addr), { timeout, deadline });
  const report = async (event: MessageInitShape<typeof EventSchema>) => {
    const decision = await hooks.decide({
      planId: plan, repoId: repo, task: `copy ${source}`, operationId,
      trigger: Trigger.MANUAL, attempt: result.attempts, ...event,
    }, interrupt.signal);
    result.warnings.push(...decision.warnings);
    return decision;
  };

  let decision;
  do {
    result.attempts += 1;
    decision = await report({ condition: Condition.SNAPSHOT_START });
    result.decision = DecisionKind[decision.kind] ?? `${decision.kind}`;
    if (decision.kind === DecisionKind.CANCEL) return 20;
    if (decision.kind === DecisionKind.FAIL) return 21;
    if (decision.kind === DecisionKind.RETRY) {
      if (result.attempts >= attempts) return 22;
      await pause(Math.min(decision.wait, maxWait), undefined, { signal: interrupt.signal });
    } else if (decision.kind !== DecisionKind.PROCEED) {
      throw new Undecided(1, `no decision that this agent knows: ${result.decision}`);
    }
  } while (decision.kind !== DecisionKind.PROCEED);

  const { exit, ...ended } = await copy(source, join(target, snapshotId));
  result.outcome = Condition[ended.condition];
  const last = await report(ended);
  return exit !== 130 && last.kind !== DecisionKind.PROCEED ? 21 : exit;
}

/** Copies, and makes of it the event to report and the code to exit with. */
async function copy(source: string, target: string) {
  const began = performance.now();
  const elapsed = () => durationFromMs(Math.round(performance.now() - began));
  try {
    const { files, bytes, leftOut } = await copyTree(source, target, interrupt.signal);
    const counts = { filesNew: BigInt(files), totalFilesProcessed: BigInt(files) };
    const sizes = { dataAdded: BigInt(bytes), totalBytesProcessed: BigInt(bytes) };
    const totalDuration = (performance.now() - began) / 1000;
    const more = leftOut.length > 20 ? ` and ${leftOut.length - 20} more` : "";
    return {
      exit: leftOut.length > 0 ? 3 : 0,
      condition: leftOut.length > 0 ? Condition.SNAPSHOT_WARNING : Condition.SNAPSHOT_SUCCESS,
      error: leftOut.length > 0 ? `left out: ${leftOut.slice(0, 20).join(", ")}${more}` : "",
      snapshotId, duration: elapsed(),
      snapshotStats: { ...counts, ...sizes, totalDuration, snapshotId },
    };
  } catch (error) {
    const interrupted = interrupt.signal.aborted;
    // The hooks for failures are to run all the same; the next Ctrl-C ends them.
    interrupt = new AbortController();
    const why = interrupted ? "interrupted" : (error as Error).message;
    log(why);
    return { exit: interrupted ? 130 : 1, condition: Condition.SNAPSHOT_ERROR, error: why, duration: elapsed() };
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interrupt.abort());
try {
  result.exit = await backup();
} catch (error) {
  log((error as Error).message);
  const wrongUse = error instanceof TypeError ? 2 : 1;
  result.exit = error instanceof Undecided ? error.exit : interrupt.signal.aborted ? 130 : wrongUse;
  result.reason = error instanceof Undecided ? error.reason : "";
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(result.exit));
