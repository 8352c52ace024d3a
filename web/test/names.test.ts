// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { aliasText, parseAlias } from "../src/api";
import { type Keyspace, compareShards } from "../src/cluster";
import { parsePlace, url } from "../src/router";
import { entriesOf, search } from "../src/search";
import { relative } from "../src/relative";
import { vschemaText } from "../src/vschema";

test("aliases of cells with dashes", () => {
  assert.equal(aliasText({ cell: "eu-west", uid: 100 }), "eu-west-0000000100");
  assert.deepEqual(parseAlias("eu-west-0000000100"), { cell: "eu-west", uid: 100 });
});

test("shards in the order of their keys", () => {
  assert.deepEqual(["80-c0", "-40", "c0-", "40-80"].sort(compareShards), ["-40", "40-80", "80-c0", "c0-"]);
});

test("places and their URLs", () => {
  const made = url("shard", "a/b", "-80");
  assert.equal(made, "/shard/a%2Fb/-80");
  assert.deepEqual(parsePlace(made, "").path, ["shard", "a/b", "-80"]);
  assert.deepEqual(parsePlace("/tablet/%zz", "").path, ["tablet", "%zz"]);
});

test("a VSchema without what says nothing", () => {
  const full = {
    sharded: true, require_explicit_routing: false, foreign_key_mode: "unspecified", multi_tenant_spec: null,
    vindexes: { h: { type: "hash", params: {}, owner: "" } },
    tables: { t: { type: "", column_vindexes: [{ column: "id", name: "h", columns: [] }], auto_increment: null, columns: [] }, bare: { type: "", columns: [] } },
  };
  assert.deepEqual(JSON.parse(vschemaText(full)), {
    sharded: true, vindexes: { h: { type: "hash" } }, tables: { t: { column_vindexes: [{ column: "id", name: "h" }] }, bare: {} },
  });
});

test("what was typed finds names, best first", () => {
  const vschema = { sharded: true, vindexes: { user_hash: { type: "hash", params: {}, owner: "" } }, tables: { users: {}, old_users: {}, superuser: {} } };
  const keyspace = { name: "user", record: {}, vschema, shards: [{ name: "-80", record: null, tablets: [] }] } as unknown as Keyspace;
  const found = (text: string) => search(entriesOf([keyspace]), text).map((entry) => entry.name);
  assert.deepEqual(found("user").slice(0, 1), ["user"]);
  assert.ok(found("user").indexOf("old_users") < found("user").indexOf("superuser"));
  assert.deepEqual(found("old table"), ["old_users"]);
  assert.deepEqual(found("  "), []);
  assert.deepEqual(found("none"), []);
});

test("times in words", () => {
  assert.equal(relative(0, 3000), "just now");
  assert.equal(relative(0, 59_000), "59 s ago");
  assert.equal(relative(0, 61_000), "1 min ago");
  assert.equal(relative(0, 7_200_000), "2 h ago");
});
