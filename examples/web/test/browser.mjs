// The page in a real Chromium, against a real hookd. hookd/tests/browser.rs runs this: it
// starts hookd for the origin that is printed first, and fires a run when asked for it.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const dist = new URL("../dist/", import.meta.url);
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" };

/** Serves the page, and below /bare one that allows itself everything. */
async function serve() {
  const server = createServer(async ({ url }, answer) => {
    const name = url.split("?")[0].slice(1) || "index.html";
    if (name === "bare") return answer.setHeader("content-type", TYPES.html).end("<title>bare</title>");
    try {
      const type = TYPES[/^[a-z]+\.(html|js|css)$/.exec(name)[1]];
      answer.setHeader("content-type", type).end(await readFile(new URL(name, dist)));
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The one limit on all that is waited for. */
const PATIENCE = 180_000;

/** Waits until something holds. */
async function until(what, holds) {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 20));
  console.error(`ok: ${what}`);
}

setTimeout(() => {
  console.error(`not done after ${PATIENCE} ms`);
  process.exit(1); // which ends the browser, too
}, PATIENCE).unref();

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const [ours, other] = [await serve(), await serve()];
say({ origin: ours.origin });
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { hookd, browser: executablePath, profile, gate, shots, request } = JSON.parse((await input.next()).value);

const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: false, // playwright's own flag is for its own build
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
  viewport: { width: 1280, height: 800 },
  colorScheme: "light",
  timezoneId: "UTC",
});
browser.setDefaultTimeout(PATIENCE);
try {
  const page = await browser.newPage();
  const alarms = [];
  page.on("dialog", (dialog) => (alarms.push(dialog.message()), dialog.dismiss()));
  page.on("pageerror", (error) => alarms.push(String(error)));
  page.on("request", (sent) => {
    const { origin } = new URL(sent.url());
    if (![ours.origin, hookd].includes(origin) && !sent.url().startsWith("data:")) alarms.push(`it asked ${origin}`);
  });
  const journal = page.locator("#journal");
  const row = (event) => page.locator("#runs tr", { hasText: event });
  const fits = () => page.evaluate(() => {
    const parts = [document.documentElement, ...document.querySelectorAll("section")];
    return parts.every((part) => part.scrollWidth <= part.clientWidth);
  });
  const shot = (name) => page.screenshot({ path: `${shots}/${name}.png` });

  await page.goto(`${ours.origin}/?hookd=${hookd}`);
  await row("snapshot start").getByText("cancel").waitFor();
  assert.equal(await page.locator("#state").textContent(), "connected");
  console.error("ok: a run is listed with its decision");

  // The page is open before the run begins.
  say({ fire: true });
  await row("prune start").getByText("running").waitFor();
  await row("prune start").click();
  await journal.getByText("first line").waitFor();
  assert.equal(await page.locator("#decision").textContent(), "running");
  assert.ok(!(await journal.textContent()).includes("last line"), "it has not been written yet");
  console.error("ok: output shows while the hook runs");
  assert.ok(await fits(), "list and run fit side by side");
  await shot("live");
  await writeFile(gate, "");
  await journal.getByText("last line").waitFor();
  await page.locator("#decision", { hasText: "proceed" }).waitFor();
  await row("prune start").getByText("proceed").waitFor();
  console.error("ok: the decision shows, in the run and in the list");

  // Output of hooks and names by agents are text, even if they look like markup.
  await row("snapshot start").click();
  await journal.getByText("<img src=x onerror=").waitFor();
  await page.locator("#decision", { hasText: "cancel" }).waitFor();
  const shown = await journal.textContent();
  assert.ok(shown.includes(`<img src=x onerror="alert('output')">`), shown);
  assert.ok(shown.includes(String.raw`\x1b[31mred\x1b[0m`), "ANSI is shown, not obeyed");
  assert.ok(shown.includes("not \u{FFFD} UTF-8"), "what is not UTF-8 is replaced");
  const facts = await page.locator("#facts").textContent();
  assert.ok(facts.includes("<script>alert('task')</script>"), facts);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.deepEqual(alarms, []);
  console.error("ok: hostile output is text");
  await shot("hostile");

  // A phone: nothing is wider than the screen.
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await fits(), "a run fits a phone");
  await shot("phone-run");
  await page.getByText("All runs").click();
  await row("snapshot start").waitFor();
  assert.ok(await page.locator("#run").isHidden());
  assert.ok(await fits(), "the list fits a phone");
  await shot("phone-list");
  console.error("ok: a phone shows it");

  // Another origin sees nothing.
  const stranger = await browser.newPage();
  await stranger.goto(`${other.origin}/?hookd=${hookd}`);
  await stranger.locator("#state", { hasText: "not connected" }).waitFor();
  assert.equal(await stranger.locator("#runs tr").count(), 0);
  console.error("ok: CORS refuses another origin");

  // ... and fires nothing, by none of the ways that a page has. Ours could.
  const fire = async (origin) => {
    await stranger.goto(`${origin}/bare`);
    return stranger.evaluate(async ([url, bytes]) => {
      const body = new Uint8Array(bytes);
      const tell = (sent) => sent.then((answer) => answer.status, () => "refused");
      const typed = (type) => new Blob([body], { type });
      const grpc = "application/grpc-web+proto";
      const headers = { "content-type": grpc, "x-grpc-web": "1" };
      const answers = [
        await tell(fetch(url, { method: "POST", headers, body })),
        await tell(fetch(url, { method: "POST", headers: { "content-type": "text/plain" }, body })),
        await tell(fetch(url, { method: "POST", mode: "no-cors", headers, body })),
        await tell(fetch(url, { method: "POST", mode: "no-cors", body: typed(grpc) })),
        await tell(fetch(url, { method: "POST", mode: "no-cors", body: typed("text/plain") })),
      ];
      navigator.sendBeacon(url, typed("text/plain"));
      const form = document.createElement("form");
      Object.assign(form, { action: url, method: "post", enctype: "text/plain", target: "sink" });
      const sink = document.createElement("iframe");
      sink.name = "sink";
      document.documentElement.append(form, sink);
      const loaded = new Promise((done) => sink.addEventListener("load", done, { once: true }));
      form.submit();
      await loaded;
      return answers;
    }, [`${hookd}/hookd.v1.HookService/RunHooks`, request]);
  };
  const foreign = await fire(other.origin);
  assert.deepEqual(foreign.slice(0, 2), ["refused", "refused"]);
  // An answer that a page cannot see has status 0.
  assert.ok(foreign.slice(2).every((status) => status === 0 || status === "refused"), `${foreign}`);
  say({ foreign });
  await input.next();
  const own = await fire(ours.origin);
  assert.equal(own[0], 200, "the same request from our origin is served");
  console.error("ok: only a page of the origin that is named fires hooks");
  await until("its run is listed", async () => (await page.locator("#runs tr").count()) === 3);
  say({ done: true });
} finally {
  await browser.close();
  ours.close();
  other.close();
  process.stdin.destroy();
}
