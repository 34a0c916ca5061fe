// node --test static/test/
import assert from "node:assert/strict";
import test from "node:test";
import { LadderLayout, markHeight, maxRows, packetHeight } from "../js/ladder-layout.js";

let n = 0;
const open = (lane) => ({ n: ++n, t: n, kind: "open", lane, conn: n, name: lane.toUpperCase() });
const close = (lane) => ({ n: ++n, t: n, kind: "close", lane, conn: n, how: "fin" });
const packet = (lane) => ({ n: ++n, t: n, kind: "packet", lane, conn: n, from: "client", type: "PINGREQ" });
const explain = (cause, text) => ({ n: ++n, t: n, kind: "explain", lane: "a", conn: 1, cause, text, rules: [] });

function ladder(...events) {
  const layout = new LadderLayout();
  for (const event of events) layout.add(event);
  return layout;
}

test("clients stand left and right in turn", () => {
  const layout = ladder(open("a"), open("b"), open("c"));
  const xs = layout.rows.map((row) => layout.x(row.slot, 0, 100));
  assert.deepEqual(xs, [0, 100, 25]);
  assert.equal(layout.x(-1, 0, 100), 50);
});

test("a slot is used again when its connection has ended, its own one first", () => {
  const layout = ladder(open("a"), open("b"), close("a"), open("c"), close("c"), close("b"), open("b"));
  assert.deepEqual(layout.rows.map((row) => row.slot), [0, 1, 0, 0, 0, 1, 1]);
  assert.deepEqual(layout.lanesAt(3).map((lane) => [lane.name, lane.gone]), [["C", false], ["B", false]]);
  assert.deepEqual(layout.lanesAt(2).map((lane) => lane.name), ["A", "B"]);
});

test("lifelines are drawn while the connection is open", () => {
  const layout = ladder(open("a"), open("b"), close("a"), packet("b"));
  assert.deepEqual(layout.rows.map((row) => row.alive), [1, 3, 3, 2]);
});

test("rows are found by their height, notes take none when folded", () => {
  const one = packet("a");
  const layout = ladder(open("a"), one, explain(one.n, "x".repeat(100)), packet("a"));
  const note = layout.tops[3] - layout.tops[2];
  assert.ok(note > 0);
  assert.equal(layout.height, markHeight + 2 * packetHeight + note);
  assert.equal(layout.rowAt(0), 0);
  assert.equal(layout.rowAt(markHeight), 1);
  assert.equal(layout.rowAt(layout.height - 1), 3);
  layout.measure(50, false);
  assert.equal(layout.height, markHeight + 2 * packetHeight);
  assert.equal(layout.rows[1].notes, 1);
});

test("a note has one line until its packet is chosen", () => {
  const one = packet("a");
  const layout = ladder(open("a"), one, explain(one.n, "x".repeat(100)), packet("a"));
  const note = layout.tops[3] - layout.tops[2];
  layout.unfolded = one.n;
  layout.measure(50, true);
  assert.equal(layout.tops[3] - layout.tops[2], note + 2 * 18);
  assert.equal(layout.tops[2], markHeight + packetHeight);
});

test("a close after DISCONNECT is told apart, once", () => {
  const goodbye = { ...packet("a"), type: "DISCONNECT" };
  const layout = ladder(open("a"), goodbye, close("a"), open("a"), close("a"));
  assert.deepEqual(layout.rows.map((row) => Boolean(row.parted)), [false, false, true, false, false]);
});

test("the oldest rows go when there are too many", () => {
  const layout = ladder(open("a"), open("b"), close("b"));
  for (let i = 0; i < maxRows; i++) layout.add(packet("a"));
  const height = layout.height;
  const last = layout.rows.at(-1);
  const moved = layout.trim();
  assert.ok(layout.rows.length < maxRows && layout.rows.length > maxRows * 0.8);
  assert.equal(layout.height, height - moved);
  assert.equal(layout.rows[layout.rowOf.get(last.event.n)], last);
  assert.equal(layout.rowOf.size, layout.rows.length);
  assert.deepEqual(layout.lanesAt(0).map((lane) => [lane.name, lane.gone]), [["A", false], ["B", true]]);
  assert.equal(layout.trim(), 0);
});

test("the next packet row skips what is none", () => {
  const one = packet("a");
  const layout = ladder(open("a"), one, explain(one.n, "why"), packet("a"));
  assert.equal(layout.packetFrom(0, 1), 1);
  assert.equal(layout.packetFrom(2, 1), 3);
  assert.equal(layout.packetFrom(0, -1), -1);
});

test("a hundred thousand events are laid out in well under a second", () => {
  const layout = new LadderLayout();
  layout.add(open("a"));
  const before = performance.now();
  for (let i = 0; i < 100_000; i++) layout.add(packet("a"));
  assert.ok(performance.now() - before < 1000);
  assert.equal(layout.rowAt(layout.height / 2), 50_000);
});
