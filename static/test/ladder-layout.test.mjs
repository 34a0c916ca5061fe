// node --test static/test/
import assert from "node:assert/strict";
import test from "node:test";
import { LadderLayout, letter, markHeight, noteHeight, packetHeight } from "../js/ladder-layout.js";

/** A layout of these kinds of events (server/ladder/outline.go), numbered from 1. */
function ladder(letters = "") {
  const layout = new LadderLayout();
  layout.append(letters);
  return layout;
}

/** Clients that open and close, an event each: "+a" comes, "-a" goes. */
function lanes(...what) {
  const layout = new LadderLayout();
  for (const [i, [sign, lane]] of what.entries()) {
    layout.append(sign === "+" ? "o" : "c");
    layout.lane({ n: i + 1, what: sign === "+" ? "open" : "close", lane, ...(sign === "+" ? { name: lane.toUpperCase() } : {}) });
  }
  return layout;
}

test("clients stand left and right in turn", () => {
  const layout = lanes("+a", "+b", "+c");
  assert.deepEqual(["a", "b", "c"].map((lane) => layout.x(layout.slotOf.get(lane), 0, 100)), [0, 100, 25]);
  assert.equal(layout.x(-1, 0, 100), 50);
});

test("a slot is used again when its connection has ended, its own one first", () => {
  const layout = lanes("+a", "+b", "-a", "+c", "-c", "-b", "+b");
  assert.deepEqual(layout.stays.map((stay) => [stay.lane, stay.slot]), [["a", 0], ["b", 1], ["c", 0], ["b", 1]]);
  assert.deepEqual(layout.lanesAt(4).map((lane) => [lane.name, lane.gone]), [["C", false], ["B", false]]);
  assert.deepEqual(layout.lanesAt(2).map((lane) => lane.name), ["A", "B"]);
  assert.deepEqual(layout.lanesAt(5).map((lane) => [lane.name, lane.gone]), [["C", true], ["B", false]]);
});

test("lifelines are drawn while the connection is open", () => {
  const layout = lanes("+a", "+b", "-a");
  layout.append("p");
  assert.deepEqual([1, 2, 3, 4].map((n) => layout.staysIn(n, n).map((stay) => stay.lane).join("")), ["a", "ab", "ab", "b"]);
});

test("a client that gets a name has it in the heads, before it comes and while it is there", () => {
  const layout = new LadderLayout();
  layout.rename("a", "kitchen");
  layout.append("oo");
  layout.take("a", 1);
  layout.take("b", 2);
  layout.rename("b", "hall");
  assert.deepEqual(layout.lanesAt(2).map((lane) => lane.name), ["kitchen", "hall"]);
});

test("rows are found by their height, notes take none when folded", () => {
  const layout = ladder("xopep");
  assert.equal(layout.height, markHeight + 2 * packetHeight + noteHeight);
  assert.equal(layout.rowAt(0), 1, "what a client is has no height");
  assert.equal(layout.rowAt(markHeight), 2);
  assert.equal(layout.rowAt(layout.height - 1), 4);
  layout.showNotes = false;
  layout.measure();
  assert.equal(layout.height, markHeight + 2 * packetHeight);
  assert.equal(layout.rowAt(markHeight + packetHeight), 4);
});

test("an unfolded note has the height that it needs", () => {
  const layout = ladder("opep");
  layout.tall = new Map([[3, 60]]);
  layout.measure();
  assert.equal(layout.tops[3] - layout.tops[2], 60);
  assert.equal(layout.tops[2], markHeight + packetHeight);
});

test("notes that unfold, and others that fold up, move the rows as if all were measured", () => {
  const layout = ladder("opeepeppeeep");
  for (const tall of [[[3, 60], [4, 42]], [[6, 60], [9, 24]], [[6, 42]], [[10, 78], [11, 60]], [[99, 60]], []]) {
    for (const showNotes of [true, false, true]) {
      layout.showNotes = showNotes;
      layout.measure();
      const before = [...layout.tall.keys()];
      const notes = layout.unfold(new Map(tall));
      assert.deepEqual([...notes], [...new Set([...before, ...tall.map(([n]) => n)])].sort((a, b) => a - b));
      const moved = [...layout.tops.slice(0, layout.rows + 1)];
      layout.measure();
      assert.deepEqual(moved, [...layout.tops.slice(0, layout.rows + 1)]);
      layout.tall = new Map(before.map((n) => [n, 50]));
    }
    layout.tall = new Map(tall);
  }
});

test("notes unfold among rows that a filter lets through", () => {
  const layout = ladder("opeepe");
  layout.filter(true);
  layout.match([2, 4, 5]);
  layout.unfold(new Map([[3, 60], [4, 60]]));
  assert.deepEqual([...layout.tops.slice(0, 4)], [0, packetHeight, packetHeight + 60, 2 * packetHeight + 60]);
});

test("rows grow with the letters", () => {
  const layout = ladder("ope");
  layout.scale = 1.25;
  layout.measure();
  layout.append("p"); // as high as those before
  assert.deepEqual([...layout.tops.slice(0, 5)], [0, 33, 86, 116, 169]);
});

test("a filter leaves rows for what passes", () => {
  const layout = ladder("opepp");
  layout.filter(true);
  assert.equal(layout.height, 0);
  layout.match([2, 5]);
  layout.match([4, 5]); // what stands before the last row is there already
  assert.equal(layout.rows, 2);
  assert.equal(layout.height, 2 * packetHeight);
  assert.deepEqual([layout.at(0), layout.at(1)], [2, 5]);
  assert.deepEqual([layout.rowOf(5), layout.rowOf(4), layout.near(3)], [1, -1, 1]);
  layout.append("p"); // has no row until it is known to pass
  assert.equal(layout.rows, 2);
  layout.filter(false);
  assert.equal(layout.rows, 6);
});

test("what the bench no longer holds goes, with its rows", () => {
  const layout = lanes("+a", "+b", "-b");
  layout.append("p".repeat(10_000)); // numbers 4 to 10003
  const { height } = layout;
  const moved = layout.trim(5004);
  assert.equal(moved, 3 * markHeight + 5000 * packetHeight);
  assert.equal(layout.height, height - moved);
  assert.deepEqual([layout.first, layout.rows, layout.packets, layout.next], [5004, 5000, 5000, 10_004]);
  assert.equal(layout.at(0), 5004);
  assert.equal(layout.rowOf(5003), -1);
  assert.deepEqual(layout.lanesAt(5004).map((lane) => [lane.name, lane.gone]), [["A", false], ["B", true]]);
  assert.equal(layout.trim(5004), 0);
});

test("the oldest rows go when there are too many", () => {
  const layout = ladder("p".repeat(300_000));
  assert.ok(layout.trim(0) > 0);
  assert.ok(layout.rows < 300_000 && layout.rows >= 200_000, `${layout.rows} rows`);
  assert.equal(layout.next, 300_001);
});

test("the next packet row skips what is none", () => {
  const layout = ladder("opep");
  assert.equal(layout.packetFrom(0, 1), 1);
  assert.equal(layout.packetFrom(2, 1), 3);
  assert.equal(layout.packetFrom(0, -1), -1);
});

test("events of the stream have the letters of an outline", () => {
  assert.equal(["client", "open", "packet", "explain", "close", "wire"].map((kind) => letter({ kind })).join(""), "xopecm");
});

test("a hundred thousand events are laid out in well under a second", () => {
  const layout = new LadderLayout();
  const before = performance.now();
  for (let i = 0; i < 100_000; i++) layout.append("p");
  assert.ok(performance.now() - before < 1000);
  assert.equal(layout.rowAt(layout.height / 2), 50_000);
});
