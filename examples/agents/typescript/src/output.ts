/** What hooks write, line by line, fit for a terminal. */
import { TextDecoder } from "node:util";
import { OutputStream, type JournalEntry } from "./gen/hookd/v1/run_pb.js";

/** The longest line that is put together before it is shown, in characters. */
const LONGEST_LINE = 32 * 1024;

/** Shows a text as one or more lines on standard error. */
export function log(text: string): void {
  // Whoever wrote it must not steer the terminal.
  process.stderr.write(`${text.replace(/(?!\t)[\p{Cc}\p{Bidi_Control}]/gu, "\u{FFFD}")}\n`);
}

/** Shows the output in a journal. */
export class Output {
  private readonly hooks = new Map<number, string>();
  private readonly streams = new Map<string, { text: string; decoder: TextDecoder }>();

  show(entry: JournalEntry["entry"]): void {
    if (entry.case === "hookStarted") this.hooks.set(entry.value.index, entry.value.hook);
    if (entry.case === "hookOutput") this.append(entry.value.index, entry.value.stream, entry.value.data);
    if (entry.case === "hookFinished") {
      this.append(entry.value.index, OutputStream.STDOUT);
      this.append(entry.value.index, OutputStream.STDERR);
    }
  }

  /** Shows the lines that are complete; without more data also the rest. */
  private append(index: number, stream: OutputStream, data?: Uint8Array): void {
    const key = `${index} ${stream}`;
    const open = this.streams.get(key) ?? { text: "", decoder: new TextDecoder() };
    const text = open.text + open.decoder.decode(data, { stream: data !== undefined });
    const lines = text.split(/\r?\n/);
    const rest = lines.pop() ?? "";
    const last = data === undefined || rest.length > LONGEST_LINE;
    if (last && rest) lines.push(rest);
    for (const line of lines) log(`${this.hooks.get(index) ?? index} | ${line}`);
    this.streams.set(key, { text: last ? "" : rest, decoder: open.decoder });
  }
}
