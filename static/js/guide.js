// "Connect a first client": does what a person would do, one step at a time.

import { say } from "./bus.js";
import { PacketBuilder } from "./builder.js";
import { ClientsPane } from "./clients.js";
import { say as text } from "./say.js";
import { complain } from "./toast.js";

/** @typedef {import("./ladder.js").FlowLadder} FlowLadder */

const pause = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** Waits for what somebody does, though not for ever. @param {() => boolean} done */
async function until(done) {
  for (let i = 0; i < 1200 && !done(); i++) await pause(250);
}

/** @param {FlowLadder} ladder in which the steps are told */
export function startGuide(ladder) {
  const guide = ladder.querySelector(".guide");
  const button = ladder.querySelector("[data-first-client]");
  const clients = document.querySelector("clients-pane");
  const builder = document.querySelector("packet-builder");
  if (!(guide instanceof HTMLElement) || !(button instanceof HTMLButtonElement)) return;
  if (!(clients instanceof ClientsPane) || !(builder instanceof PacketBuilder)) return;

  button.addEventListener("click", async () => {
    button.disabled = true;
    let id = clients.current?.id ?? "";
    let connect = ""; // the bytes, whatever is done to the form meanwhile
    /** @type {[string, () => Promise<unknown>][]} */
    const steps = [
      [text("guide.make"), async () => (id ||= (await clients.create()).id)],
      [text("guide.build"), async () => {
        say("build", { type: "CONNECT", values: { client_id: "labA", clean_session: true, keep_alive: "60" } });
        await builder.ready();
        connect = builder.hex;
      }],
      [text("guide.open"), () => clients.open(id)],
      [text("guide.send"), () => clients.send(id, connect)],
      [text("guide.ping"), () => clients.pilot(id, { ping: true })],
    ];
    guide.hidden = false;
    guide.replaceChildren(...steps.map(([step]) => Object.assign(document.createElement("li"), { textContent: step })));
    try {
      for (const [i, [, act]] of steps.entries()) {
        guide.children[i]?.classList.add("is-now");
        await pause(i === 0 ? 200 : 900);
        await act();
        guide.children[i]?.classList.replace("is-now", "is-done");
      }
      const last = document.createElement("li");
      last.className = "is-now";
      last.textContent = text("guide.subscribe");
      guide.replaceChildren(last);
      await until(() => builder.type === "SUBSCRIBE");
      last.textContent = text("guide.publish");
      const { newest } = ladder;
      await until(() => [...ladder.store.events.values()].some(({ n, type, from }) => n > newest && type === "PUBLISH" && from === "server"));
      guide.hidden = true;
    } catch (error) {
      guide.hidden = true;
      complain(error);
    } finally {
      button.disabled = false;
    }
  });
}
