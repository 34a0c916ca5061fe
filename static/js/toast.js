// Short messages that go away by themselves.

import { say } from "./say.js";

/**
 * @param {string} title
 * @param {string} [detail]
 * @param {"" | "error"} [kind]
 */
export function toast(title, detail = "", kind = "") {
  const box = document.getElementById("toasts");
  if (!box) return;
  const item = document.createElement("div");
  item.className = kind ? `toast is-${kind}` : "toast";
  const head = document.createElement("b");
  head.textContent = title;
  item.append(head, detail);
  for (const other of box.children) if (other.textContent === item.textContent) other.remove();
  box.append(item);
  while (box.children.length > 3) box.firstElementChild?.remove();
  setTimeout(() => item.remove(), kind || detail ? 9000 : 2500);
}

/**
 * Tells about an error, with what to do where the server says so.
 * @param {unknown} error
 */
export function complain(error) {
  if (error instanceof Problem) toast(error.message, error.help, "error");
  else toast(say("failed"), error instanceof Error ? error.message : String(error), "error");
}

/** A problem document (RFC 9457) as an error. */
export class Problem extends Error {
  /** @param {{title?: string, status?: number, detail?: string, mend?: string, field?: string, line?: number, column?: number}} doc */
  constructor(doc) {
    super(doc.title || say("refused"));
    this.status = doc.status ?? 0;
    this.detail = doc.detail ?? "";
    this.mend = doc.mend ?? "";
    this.field = doc.field ?? "";
    this.line = doc.line ?? 0;
    this.column = doc.column ?? 0;
  }

  /** @returns {string} what is wrong, and in a line of its own what to do */
  get help() {
    return [this.detail, this.mend].filter(Boolean).join("\n");
  }
}
