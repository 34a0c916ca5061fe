// "Connect a first client": does what a person would do, one step at a time.

import { say } from "./bus.js";
import { PacketBuilder } from "./builder.js";
import { ClientsPane } from "./clients.js";
import { complain } from "./toast.js";

const pause = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

/** @param {HTMLElement} ladder in which the steps are told */
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
    /** @type {[string, () => Promise<unknown>][]} */
    const steps = [
      ["Make a client. So far it is only a name.", async () => (id ||= (await clients.create()).id)],
      ["Build a CONNECT: its bytes stand in the packet view.", async () => {
        say("build", { type: "CONNECT", values: { client_id: "labA", clean_session: true, keep_alive: "60" } });
        await builder.settled;
      }],
      ["Open the connection. The broker knows nothing about it yet.", () => clients.open(id)],
      ["Send the CONNECT. The broker answers with CONNACK.", () => clients.send(id, builder.hex)],
    ];
    guide.hidden = false;
    guide.replaceChildren(...steps.map(([text]) => Object.assign(document.createElement("li"), { textContent: text })));
    try {
      for (const [i, [, act]] of steps.entries()) {
        guide.children[i]?.classList.add("is-now");
        await pause(i === 0 ? 200 : 900);
        await act();
        guide.children[i]?.classList.replace("is-now", "is-done");
      }
      const last = document.createElement("li");
      last.className = "is-now";
      last.textContent = "Your turn: choose SUBSCRIBE in the builder and send it.";
      guide.replaceChildren(last);
      for (let i = 0; i < 120 && builder.type !== "SUBSCRIBE"; i++) await pause(250);
      last.textContent = "Now press Send; then build a PUBLISH to test/a and watch it come back.";
      await pause(15000);
      guide.hidden = true;
    } catch (error) {
      guide.hidden = true;
      complain(error);
    } finally {
      button.disabled = false;
    }
  });
}
