/** How things are said: names of enums, times, and text that others wrote. */
import { type Duration, durationMs, type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { CancelCause, type Decision, DecisionKind, Effect, type Outcome, type Run, RunState, TimeLimit } from "../gen/hookd/v1/run_pb";

/** How much good there is in something: the colour of its badge. */
export type Tone = "good" | "warn" | "bad" | "live" | "";

/** The name of an enum's value, or its number where a later version has given it. */
export function named(values: Record<number, string>, value: number): string {
  return (values[value] ?? `${value}`).toLowerCase().replaceAll("_", " ");
}

/**
 * Text that a hook or an agent wrote, with what does not show made visible as hookctl does
 * it: ESC is `\x1b`. It is only ever put into the page as text: nothing in it is obeyed.
 */
export function visible(text: string): string {
  const hex = (character: string, digits: number) => character.charCodeAt(0).toString(16).padStart(digits, "0");
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\0-\x08\x0b-\x1f\x7f]/g, (character) => `\\x${hex(character, 2)}`)
    .replace(/[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => `\\u{${hex(character, 1)}}`);
}

export function time(stamp: Timestamp | undefined): string {
  const date = stamp && timestampDate(stamp);
  if (!date || Number.isNaN(date.valueOf())) return "";
  const two = (value: number) => `${value}`.padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function span(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export const length = (duration: Duration | undefined): string => (duration ? span(durationMs(duration)) : "");

export function took(run: Run): string {
  if (!run.startedAt || !run.finishedAt) return "";
  return span(timestampDate(run.finishedAt).valueOf() - timestampDate(run.startedAt).valueOf());
}

/** What an event is about. */
export function subject(run: Run): string {
  const { planId = "", repoId = "" } = run.event ?? {};
  return planId ? `plan ${planId}` : repoId ? `repo ${repoId}` : "";
}

export function decided(decision: Decision): [string, Tone] {
  const tones: Partial<Record<DecisionKind, Tone>> = {
    [DecisionKind.PROCEED]: decision.warnings.length > 0 ? "warn" : "good",
    [DecisionKind.CANCEL]: "warn",
    [DecisionKind.RETRY]: "warn",
    [DecisionKind.FAIL]: "bad",
  };
  return [named(DecisionKind, decision.kind), tones[decision.kind] ?? ""];
}

/** Where a run stands: its decision, once there is one. */
export function standing(run: Run): [string, Tone] {
  if (run.decision) return decided(run.decision);
  const tone: Tone = run.state === RunState.INTERRUPTED ? "bad" : run.state === RunState.RUNNING ? "live" : "";
  return [named(RunState, run.state), tone];
}

export function ended(outcome: Outcome | undefined, effect: Effect): [string, Tone] {
  const { outcome: how } = outcome ?? {};
  const what = how?.case === "exitCode" ? `exit ${how.value}`
    : how?.case === "signal" ? `ended by ${how.value}`
    : how?.case === "timedOut" ? `timed out (${named(TimeLimit, how.value.limit)})`
    : how?.case === "cancelled" ? `cancelled (${named(CancelCause, how.value.cause)})`
    : how?.case === "failedToStart" ? `failed to start: ${how.value.message}`
    : how?.case === "failedToRender" ? `failed to render: ${how.value.message}`
    : "ended";
  if (effect === Effect.NONE || effect === Effect.UNSPECIFIED) return [what, effect === Effect.NONE ? "good" : ""];
  const tone = effect === Effect.CANCELS || effect === Effect.FAILS ? "bad" : "warn";
  return [`${what}, ${named(Effect, effect)}`, tone];
}
