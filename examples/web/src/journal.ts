/** The journal of one run, as it is written. */
import { Condition } from "../gen/hookd/v1/hook_pb";
import { type JournalEntry, OutputStream, SkipReason, WaitReason } from "../gen/hookd/v1/run_pb";
import { element, mark, part, tell } from "./page";
import { decided, ended, length, named, time, visible } from "./words";

/** How much output of a hook is shown, in characters; of more, the end. */
const MOST_OUTPUT = 256 * 1024;

/** A hook run in the page. */
interface Shown { box: HTMLElement; badge: HTMLElement; output: HTMLElement; decoders: Map<OutputStream, TextDecoder>; size: number; cut: boolean }

export class Journal {
  private readonly hooks = new Map<number, Shown>();
  private readonly root = part("journal");

  constructor() {
    this.root.replaceChildren();
    part("facts").replaceChildren();
    tell(part("title"), "");
    tell(part("reason"), "");
    mark(part("decision"), ["waiting", ""]);
  }

  add({ entry, time: when }: JournalEntry): void {
    switch (entry.case) {
      case "runStarted": {
        const { event, conditions, runId } = entry.value;
        tell(part("title"), named(Condition, event?.condition ?? 0));
        mark(part("decision"), ["running", "live"]);
        this.fact("run", runId);
        this.fact("started", time(when));
        this.fact("fires", conditions.map((condition) => named(Condition, condition)).join(", "));
        this.fact("plan", event?.planId);
        this.fact("repo", event?.repoId);
        this.fact("task", event?.task);
        this.fact("error", event?.error);
        break;
      }
      case "runWaiting": {
        const { reason, hook, lock, heldBy } = entry.value;
        const what = [hook, "waits for", named(WaitReason, reason), lock, heldBy && `held by ${heldBy}`];
        this.root.append(element("p", what.filter(Boolean).join(" "), "note"));
        break;
      }
      case "hookStarted":
        this.hook(entry.value.index, entry.value.hook, entry.value.condition);
        break;
      case "hookOutput":
        this.output(entry.value.index, entry.value.stream, entry.value.data);
        break;
      case "hookFinished": {
        const { index, hook, condition, outcome, effect, elapsed, droppedBytes } = entry.value;
        const { badge, box } = this.hook(index, hook, condition);
        this.output(index, OutputStream.STDOUT);
        this.output(index, OutputStream.STDERR);
        mark(badge, ended(outcome, effect));
        box.querySelector("p")?.insertBefore(element("span", length(elapsed)), badge);
        if (droppedBytes > 0n) box.append(element("p", `${droppedBytes} bytes more were not kept`, "note"));
        break;
      }
      case "hookSkipped":
        mark(this.hook(entry.value.index, entry.value.hook).badge, [`skipped: ${named(SkipReason, entry.value.reason)}`, ""]);
        break;
      case "runFinished": {
        const { decision } = entry.value;
        if (!decision) break;
        mark(part("decision"), decided(decision));
        const by = decision.hook && decision.reason ? `${decision.hook}: ` : decision.hook;
        tell(part("reason"), [by + decision.reason, ...decision.warnings].filter(Boolean).join("\n"));
        this.fact("try again in", length(decision.retryAfter));
        break;
      }
      case "runInterrupted":
        mark(part("decision"), ["interrupted", "bad"]);
        tell(part("reason"), entry.value.reason);
        break;
      default:
        // A later version has more to say.
        break;
    }
  }

  private fact(name: string, text: string | undefined): void {
    if (text) part("facts").append(element("dt", name), element("dd", text));
  }

  private hook(index: number, name: string, condition?: Condition): Shown {
    const known = this.hooks.get(index);
    if (known) return known;
    const box = element("div", "", "hook");
    const head = element("p");
    const badge = element("span", "running", "badge live");
    const output = element("pre");
    head.append(element("b", name), badge);
    if (condition !== undefined) head.insertBefore(element("span", named(Condition, condition)), badge);
    box.append(head, output);
    this.root.append(box);
    const shown = { box, badge, output, decoders: new Map(), size: 0, cut: false };
    this.hooks.set(index, shown);
    return shown;
  }

  /** Appends output; without data, what is left of a character that was cut. */
  private output(index: number, stream: OutputStream, data?: Uint8Array): void {
    const shown = this.hook(index, `hook ${index}`);
    const decoder = shown.decoders.get(stream) ?? new TextDecoder();
    shown.decoders.set(stream, decoder);
    const text = visible(decoder.decode(data, { stream: data !== undefined }));
    if (text === "") return;
    const { output } = shown;
    const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
    output.append(element("span", text, stream === OutputStream.STDERR ? "stderr" : "stdout"));
    shown.size += text.length;
    while (shown.size > MOST_OUTPUT && output.firstChild !== output.lastChild) {
      shown.size -= output.firstChild?.textContent?.length ?? 0;
      output.firstChild?.remove();
      if (!shown.cut) shown.box.insertBefore(element("p", "Only the end is shown; `hookctl logs` has it all.", "note"), output);
      shown.cut = true;
    }
    if (atEnd) output.scrollTop = output.scrollHeight;
  }
}
