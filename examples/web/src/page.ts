/** Putting things into the page: always as text, never as HTML. */
import { type Tone, visible } from "./words";

/** An element of index.html. */
export function part<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks #${id}`);
  return found as T;
}

/** A new element with a text. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = visible(text);
  made.className = className;
  return made;
}

/** Shows a text, or hides the element if there is none. */
export function tell(where: HTMLElement, text: string): void {
  where.textContent = visible(text);
  where.hidden = text === "";
}

/** Makes a badge say something. */
export function mark(badge: HTMLElement, [text, tone]: [string, Tone]): void {
  badge.textContent = visible(text);
  badge.className = `badge ${tone}`;
}
