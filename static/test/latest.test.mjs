// node --test static/test/
import assert from "node:assert/strict";
import test from "node:test";
import { inTurn } from "../js/latest.js";

/** Requests that are answered when the test says so. */
function server() {
  const asked = [];
  const ask = (argument, signal) => new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
    asked.push({ argument, resolve, reject, signal });
  });
  return { asked, ask };
}

test("one request at a time is under way, and the newest argument comes next", async () => {
  const { asked, ask } = server();
  const seen = [];
  const call = inTurn(ask, (result, argument, newest) => seen.push([result, argument, newest]), assert.fail);
  const all = call("a");
  call("b");
  const last = call("c");
  assert.deepEqual(asked.map((one) => one.argument), ["a"]);
  asked[0].resolve("A");
  await Promise.resolve(), await Promise.resolve();
  assert.deepEqual(asked.map((one) => one.argument), ["a", "c"]);
  assert.deepEqual(seen, [["A", "a", false]]);
  asked[1].resolve("C");
  await Promise.all([all, last]);
  assert.deepEqual(seen, [["A", "a", false], ["C", "c", true]]);
});

test("a failure counts only if nothing newer waits", async () => {
  const { asked, ask } = server();
  const seen = [], failed = [];
  const call = inTurn(ask, (result) => seen.push(result), (error) => failed.push(error.message));
  const first = call("a");
  call("b");
  asked[0].reject(new Error("no a"));
  await Promise.resolve(), await Promise.resolve();
  asked[1].resolve("B");
  await first;
  assert.deepEqual([seen, failed], [["B"], []]);
  const alone = call("c");
  asked[2].reject(new Error("no c"));
  await alone;
  assert.deepEqual(failed, ["no c"]);
});

test("a request that hangs is given up for a newer one, not before", async (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const { asked, ask } = server();
  const seen = [];
  const call = inTurn(ask, (result) => seen.push(result), assert.fail);
  const all = call("a");
  t.mock.timers.tick(900);
  call("b");
  assert.equal(asked[0].signal.aborted, false);
  t.mock.timers.tick(200);
  call("c");
  assert.equal(asked[0].signal.aborted, true);
  await Promise.resolve(), await Promise.resolve(), await Promise.resolve();
  assert.equal(asked[1].argument, "c");
  asked[1].resolve("C");
  await all;
  assert.deepEqual(seen, ["C"]);
});
