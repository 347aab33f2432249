/**
 * A page that lists the runs of a hookd and watches them live.
 *
 * `?hookd=http://127.0.0.1:7432` says where hookd is; `#RUN` which run is shown. It only
 * looks: no call of it starts or ends anything.
 */
import { ConnectError } from "@connectrpc/connect";
import { connect, type Hookd, watch } from "./client";
import { Journal } from "./journal";
import { part, tell } from "./page";
import { choose, list } from "./runs";

async function follow(hookd: Hookd, runId: string, signal: AbortSignal): Promise<void> {
  const journal = new Journal();
  try {
    for await (const update of watch(hookd, runId, signal)) {
      if (typeof update === "string") {
        tell(part("lost"), `Connection lost, trying again: ${update}`);
        continue;
      }
      tell(part("lost"), "");
      journal.add(update);
    }
  } catch (error) {
    tell(part("lost"), ConnectError.from(error).rawMessage);
  }
}

/** The run that the address bar names. */
function chosen(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

const address = new URLSearchParams(location.search).get("hookd") ?? "http://127.0.0.1:7432";
const hookd = connect(address);
tell(part("address"), address);

let watching = new AbortController();
function open(): void {
  watching.abort();
  watching = new AbortController();
  const runId = chosen();
  document.querySelector("main")?.classList.toggle("open", runId !== "");
  part("run").hidden = runId === "";
  choose(runId);
  tell(part("lost"), "");
  if (runId) void follow(hookd, runId, watching.signal);
}

addEventListener("hashchange", open);
open();
void list(hookd, new AbortController().signal);
