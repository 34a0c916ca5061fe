// Sends what the builder made from the picked client, and says what that takes.

import { PacketBuilder } from "./builder.js";
import { ClientsPane } from "./clients.js";
import { say } from "./say.js";
import { complain } from "./toast.js";

const touch = matchMedia("(pointer: coarse)"); // and no keys, most likely

class SendBar extends HTMLElement {
  saidUntil = 0; // what was said last stays until then

  connectedCallback() {
    const builder = document.querySelector("packet-builder");
    const clients = document.querySelector("clients-pane");
    const select = this.querySelector("select");
    const button = this.querySelector("button");
    const line = this.querySelector(".send-say");
    if (!(builder instanceof PacketBuilder) || !(clients instanceof ClientsPane) || !select || !button || !line) return;
    this.builder = builder;
    this.clients = clients;
    this.select = select;
    this.button = button;
    this.line = line;
    select.addEventListener("change", () => clients.pick(select.value));
    button.addEventListener("click", () => void this.send());
    this.first = this.querySelector("[data-connect]");
    this.first?.addEventListener("click", () => void this.connect());
    for (const hand of this.querySelectorAll("[data-hand]")) hand.addEventListener("click", () => void this.beTheBroker(hand.getAttribute("data-hand") ?? ""));
    document.addEventListener("clients", () => this.draw());
    document.addEventListener("built", () => this.draw());
    document.addEventListener("keydown", (event) => {
      if (!this.hidden && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void (this.querySelector("[data-hand]") ? this.beTheBroker("reply") : this.send());
      }
    });
    this.draw();
  }

  draw() {
    const { builder, clients, select, line } = this;
    if (!builder || !clients || !select || !line) return;
    const wanted = clients.virtual.map((client) => ({ value: client.id, text: client.state === "open" ? client.name : say("send.closed", { name: client.name }) }));
    if (wanted.length === 0) wanted.push({ value: "", text: say("send.new") });
    const now = [...select.options].map((option) => `${option.value} ${option.text}`).join("\n");
    if (now !== wanted.map((option) => `${option.value} ${option.text}`).join("\n")) {
      select.replaceChildren(...wanted.map(({ value, text }) => new Option(text, value)));
    }
    select.value = clients.picked;
    const client = clients.current;
    const connected = Boolean(client?.state === "open" && client.version);
    const hand = this.querySelector("[data-hand]") !== null;
    builder.sentBy(hand ? null : connected);
    const early = !["CONNECT", "raw"].includes(builder.type) && !connected && !hand;
    this.first?.toggleAttribute("hidden", !early);
    if (Date.now() < this.saidUntil) return;
    line.textContent = !client
      ? say("send.makes")
      : client.state === "open" && client.version && builder.type !== "CONNECT" && client.version !== builder.version
        ? say("send.version", { name: client.name, version: client.version, bytes: builder.version })
      : early
        ? say("send.early", { name: client.name })
      : client.state === "open"
        ? touch.matches ? "" : say(hand ? "hand.keys" : "send.keys")
        : say("send.opens", { name: client.name });
  }

  /** Where a person is the broker: what the builder holds goes to the picked client. @param {string} what */
  async beTheBroker(what) {
    const { builder, clients, line } = this;
    const client = clients?.current;
    if (!builder || !clients || !line || !client) return;
    try {
      await builder.ready();
      if (what === "hangup") {
        await clients.call(client.id, "hangup");
        line.textContent = say("hand.hung-up", { name: client.name });
      } else {
        const { bytes } = await clients.call(client.id, "reply", { hex: builder.hex });
        line.textContent = say("hand.replied", { name: client.name, n: bytes });
      }
      this.saidUntil = Date.now() + 2500;
    } catch (error) {
      complain(error);
    }
  }

  /** Lets the picked client send a CONNECT before all else. */
  async connect() {
    const { builder, clients, line } = this;
    if (!builder || !clients || !line) return;
    try {
      const client = clients.current ?? (await clients.create());
      await clients.connect(client.id, builder.version);
      line.textContent = say("send.connected", { name: client.name });
      this.saidUntil = Date.now() + 2500;
      setTimeout(() => this.draw(), 2600);
      this.button?.focus();
    } catch (error) {
      complain(error);
    }
  }

  async send() {
    const { builder, clients, button, line } = this;
    if (!builder || !clients || !button || !line || button.disabled) return;
    button.disabled = true;
    try {
      await builder.ready();
      if (!builder.hex) {
        line.textContent = say("send.nothing");
        return;
      }
      const client = clients.current ?? (await clients.create());
      await clients.open(client.id);
      const bytes = await clients.send(client.id, builder.hex);
      line.textContent = say("send.sent", { name: client.name, n: bytes });
      this.saidUntil = Date.now() + 2500;
      setTimeout(() => this.draw(), 2600);
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  }
}

customElements.define("send-bar", SendBar);
