// node --test static/test/
import assert from "node:assert/strict";
import test from "node:test";
import { History } from "../js/history.js";

test("goes back and forth, and a new change ends what was undone", () => {
  const past = new History();
  for (const state of ["a", "b", "c"]) past.push(state, "");
  assert.equal(past.undo(), "b");
  assert.equal(past.undo(), "a");
  assert.equal(past.undo(), undefined);
  assert.equal(past.redo(), "b");
  past.push("d", "");
  assert.equal(past.canRedo, false);
  assert.equal(past.undo(), "b");
});

test("quick changes of one thing are one, the first state stays", () => {
  const past = new History();
  past.push("", "topic");
  for (const state of ["t", "te", "tes"]) past.push(state, "topic");
  past.push("tes1", "qos");
  assert.deepEqual(past.states.map((s) => s.state), ["", "tes", "tes1"]);
});

test("is bounded", () => {
  const past = new History();
  for (let i = 0; i < 1000; i++) past.push(i, "");
  assert.equal(past.states.length, 300);
  assert.equal(past.undo(), 998);
});
