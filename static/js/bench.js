// The bench page: joins its panes to the live stream.

import "./builder.js";
import { ClientsPane } from "./clients.js";
import "./send-bar.js";
import { startGuide } from "./guide.js";
import { FlowLadder } from "./ladder.js";
import { Live } from "./live.js";
import { startSlot } from "./packet-slot.js";
import { startViews } from "./views.js";

const states = { live: "live", lost: "connection lost, trying again", behind: "catching up" };

class BenchPage extends HTMLElement {
  connectedCallback() {
    const bench = this.dataset.bench ?? "main";
    const ladder = this.querySelector("flow-ladder");
    const clients = this.querySelector("clients-pane");
    const state = this.querySelector(".live-state");
    if (!(ladder instanceof FlowLadder) || !(clients instanceof ClientsPane) || !(state instanceof HTMLElement)) return;
    startSlot(bench);
    startViews(this);
    startGuide(ladder);
    this.live = new Live(bench, {
      onEvents: (events) => {
        ladder.add(events);
        clients.follow(events);
      },
      onReset: () => ladder.reset(),
      onClients: (list) => {
        clients.set(list);
        for (const client of list) ladder.layout?.rename(client.id, client.name);
      },
      onState: (now) => {
        state.dataset.state = now;
        state.textContent = states[now];
      },
    });
  }
}

customElements.define("bench-page", BenchPage);
