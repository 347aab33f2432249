/** The backup itself: a folder is copied as a tree. */
import { createWriteStream } from "node:fs";
import { mkdir, open, opendir, realpath, rm, stat, type FileHandle } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";

/** What was copied, and what was left out. */
export interface Copied { files: number; bytes: number; leftOut: string[] }

/** Copies a folder into a new one. Fails if the source is not there or the target cannot be written. */
export async function copyTree(source: string, target: string, signal: AbortSignal): Promise<Copied> {
  const copied: Copied = { files: 0, bytes: 0, leftOut: [] };
  await (await opendir(source)).close();
  await mkdir(target, { recursive: true });
  const skipped = await realpath(target);
  for await (const { path, kind } of walk(source, [skipped])) {
    signal.throwIfAborted();
    const name = relative(source, path);
    const bytes = kind === "folder" ? await mkdir(join(target, name), { recursive: true }).then(() => 0)
      : kind === "file" ? await copyFile(path, join(target, name), signal)
      : undefined;
    if (bytes === undefined) copied.leftOut.push(name);
    else if (kind === "file") [copied.files, copied.bytes] = [copied.files + 1, copied.bytes + bytes];
  }
  return copied;
}

/** What is below a folder, links followed; `above` are folders not to enter again. */
async function* walk(folder: string, above: string[]): AsyncGenerator<{ path: string; kind: "file" | "folder" | "other" }> {
  const entries = await opendir(folder).catch(() => undefined);
  if (!entries) return void (yield { path: folder, kind: "other" });
  const inside = [...above, await realpath(folder)];
  for await (const { name } of entries) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    const endless = found?.isDirectory() && inside.includes(await realpath(path));
    if (endless && await realpath(path) === above[0]) continue; // the backup itself
    if (found?.isDirectory() && !endless) {
      yield { path, kind: "folder" };
      yield* walk(path, inside);
    } else yield { path, kind: found?.isFile() ? "file" : "other" };
  }
}

/** Copies a file and tells its size; nothing if it cannot be read. */
async function copyFile(from: string, to: string, signal: AbortSignal): Promise<number | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(from);
    const target = createWriteStream(to);
    await pipeline(file.createReadStream(), target, { signal });
    return target.bytesWritten;
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (file && syscall !== "read") throw error;
    await rm(to, { force: true });
    return undefined;
  } finally {
    await file?.close().catch(() => {});
  }
}
