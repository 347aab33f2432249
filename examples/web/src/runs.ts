/** The list of runs, kept up to date. */
import { ConnectError } from "@connectrpc/connect";
import { Condition } from "../gen/hookd/v1/hook_pb";
import type { Run } from "../gen/hookd/v1/run_pb";
import { type Hookd, pause } from "./client";
import { element, mark, part } from "./page";
import { named, standing, subject, time, took } from "./words";

const EVERY = 2_000;
const PAGE = 50;
/** More rows than this are for hookctl. */
const MOST_ROWS = 1_000;

let shown = "";

/** Shows the newest runs, again and again, until the signal comes. */
export async function list(hookd: Hookd, signal: AbortSignal): Promise<void> {
  let rows = PAGE;
  let asked = new AbortController();
  part("more").addEventListener("click", () => {
    rows = Math.min(rows * 2, MOST_ROWS);
    asked.abort();
  });
  while (!signal.aborted) {
    try {
      const { runs, nextPageToken } = await hookd.listRuns({ pageSize: rows }, { signal, timeoutMs: 10_000 });
      show(runs);
      part("more").hidden = nextPageToken === "" || rows === MOST_ROWS;
      mark(part("state"), ["connected", "good"]);
    } catch (error) {
      if (signal.aborted) return;
      mark(part("state"), ["not connected", "bad"]);
      part("state").title = ConnectError.from(error).rawMessage;
    }
    asked = new AbortController();
    await pause(EVERY, AbortSignal.any([signal, asked.signal]));
  }
}

/** Marks the run that is shown beside the list. */
export function choose(runId: string): void {
  shown = runId;
  for (const row of part<HTMLTableSectionElement>("runs").rows) current(row, runId);
}

function show(runs: Run[]): void {
  const body = part<HTMLTableSectionElement>("runs");
  const known = new Map([...body.rows].map((row) => [row.dataset["run"] ?? "", row]));
  // Rows that stay keep their place in the page, and with it the focus.
  const rows = runs.map((run) => fill(known.get(run.runId) ?? made(run.runId), run));
  rows.forEach((row, index) => {
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
  part("none").hidden = runs.length > 0;
}

function made(runId: string): HTMLTableRowElement {
  const row = element("tr");
  row.dataset["run"] = runId;
  for (const name of ["started", "event", "of", "result", "number", "number"]) row.append(element("td", "", name));
  const link = element("a");
  link.href = `#${encodeURIComponent(runId)}`;
  row.cells[1]?.append(link);
  row.cells[3]?.append(element("span", "", "badge"));
  row.addEventListener("click", () => { location.hash = encodeURIComponent(runId); });
  current(row, shown);
  return row;
}

function fill(row: HTMLTableRowElement, run: Run): HTMLTableRowElement {
  const say = (place: Element | null | undefined, text: string) => {
    // An unchanged cell is left alone, so that a selection stays.
    const said = element("span", text).textContent;
    if (place && place.textContent !== said) place.textContent = said;
  };
  const [started, event, of, result, hooks, span] = row.cells;
  say(started, time(run.startedAt));
  say(event?.firstElementChild, named(Condition, run.event?.condition ?? 0));
  say(of, subject(run));
  const badge = result?.firstElementChild;
  if (badge instanceof HTMLElement) mark(badge, standing(run));
  say(hooks, `${run.hooks.length}`);
  say(span, took(run));
  return row;
}

function current(row: HTMLTableRowElement, runId: string): void {
  if (row.dataset["run"] === runId) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
}
