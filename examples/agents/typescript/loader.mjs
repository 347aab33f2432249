#!/usr/bin/env node
// Lists runs, or watches one, without generated code: @grpc/proto-loader reads the contract
// when the program starts.
//
//   node loader.mjs          every run, newest first
//   node loader.mjs RUN      the journal of one, an entry a line, until it ends
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const includeDirs = [fileURLToPath(new URL("../../../proto", import.meta.url))];
// Numbers that JavaScript cannot hold, and enums, come as strings.
const contract = loadSync("hookd/v1/hook_service.proto", { includeDirs, longs: String, enums: String, oneofs: true });
const { HookService } = loadPackageDefinition(contract).hookd.v1;

// The default socket of this user's hookd: the first that is there, else the first.
const { HOME, XDG_RUNTIME_DIR, XDG_STATE_HOME } = process.env;
const user = process.geteuid?.() ?? 0;
// cron sets no XDG_RUNTIME_DIR.
const runtime = [XDG_RUNTIME_DIR, `/run/user/${user}`].filter((at) => at && existsSync(at));
const state = XDG_STATE_HOME || `${HOME}/.local/state`;
const own = [...runtime.map((at) => `${at}/hookd`), `${state}/hookd/run`];
const folders = [...(user ? own : []), "/run/hookd"];
const sockets = folders.map((at) => `${at}/hookd.sock`);
const socket = sockets.find((at) => existsSync(at) && statSync(at).uid === user) ?? sockets[0];
const address = process.env.HOOKD_ADDR ?? `unix://${socket}`;
const hookd = new HookService(address.replace("http://", ""), credentials.createInsecure());

/** A text that was written elsewhere, as one harmless line of JSON. */
const line = (value) => JSON.stringify(value);

async function* pages() {
  for (let pageToken = ""; ;) {
    const page = await new Promise((done, failed) => {
      hookd.ListRuns({ pageToken }, (error, answer) => (error ? failed(error) : done(answer)));
    });
    yield* page.runs;
    pageToken = page.nextPageToken;
    if (!pageToken) return;
  }
}

const [runId] = process.argv.slice(2);
try {
  if (runId === undefined) {
    for await (const { runId: id, state, event, decision } of pages()) {
      console.log(line({ run: id, state, event: event.condition, plan: event.planId, decision: decision?.kind }));
    }
  } else {
    for await (const { entry } of hookd.WatchRun({ runId })) {
      const shown = entry.entry === "hookOutput" ? entry.hookOutput.data.toString() : entry[entry.entry];
      console.log(line({ [entry.entry]: shown }));
    }
  }
} catch (error) {
  console.error(line({ code: error.code, message: error.details ?? error.message }));
  process.exitCode = 1;
} finally {
  hookd.close();
}
