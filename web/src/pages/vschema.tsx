// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// A keyspace's VSchema: shown, and edited with a check by vtctld before it is applied.
import { useEffect, useState } from "preact/hooks";
import { ApiError, type VSchema, asError, call } from "../api";
import { readCluster } from "../cluster";
import { url } from "../router";
import { Confirm, Diff, Failure, JsonText, Page, Panel, Waiting, useLoaded } from "../ui";
import { vschemaText } from "../vschema";
import { Missing } from "./missing";

interface Checked {
  text: string; // what was checked
  base: string; // what it was compared with
  result: string; // what vtctld understood
  unknown: string[]; // parameters its vindexes do not know
}

async function read(keyspace: string): Promise<string> {
  return vschemaText((await call<{ v_schema: VSchema }>("GetVSchema", { keyspace })).v_schema);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ApiError("INVALID_ARGUMENT", `This is no JSON: ${(thrown as Error).message}`);
  }
}

interface Applied {
  v_schema: VSchema;
  unknown_vindex_params: Record<string, { params: string[] }>;
}
async function check(keyspace: string, text: string): Promise<Checked> {
  const answer = await call<Applied>("ApplyVSchema", { keyspace, v_schema: parse(text), dry_run: true });
  const unknown = Object.entries(answer.unknown_vindex_params).map(([vindex, list]) => `${vindex}: ${list.params.join(", ")}`);
  return { text, base: await read(keyspace), result: vschemaText(answer.v_schema), unknown };
}

async function apply(keyspace: string, checked: Checked): Promise<void> {
  if ((await read(keyspace)) !== checked.base)
    throw new ApiError("ABORTED", "Somebody else changed the VSchema since it was checked. Check again to see what differs now.");
  await call("ApplyVSchema", { keyspace, v_schema: parse(checked.text) });
}

function CheckResult({ checked }: { checked: Checked }) {
  return (
    <Panel title="What would change" note={checked.base === checked.result ? "vtctld accepts it" : "vtctld accepts it: apply it, or go on editing"}>
      {checked.unknown.length > 0 && (
        <ul class="problems">
          {checked.unknown.map((text) => <li key={text} class="warn"><span class="glyph" aria-hidden="true">▲</span><span>unknown parameters of vindex {text}</span></li>)}
        </ul>
      )}
      <Diff before={checked.base} after={checked.result} />
    </Panel>
  );
}

function Editor({ keyspace, text: start, onDone }: { keyspace: string; text: string; onDone: (told: string) => void }) {
  const [text, setText] = useState(start);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    await work().catch((thrown) => {
      setChecked(null);
      setError(asError(thrown));
    });
    setBusy(false);
  };
  const onCheck = () => attempt(async () => setChecked(await check(keyspace, text)));
  const onApply = () => attempt(async () => {
    setAsking(false);
    await apply(keyspace, checked!);
    void readCluster();
    onDone("The VSchema was applied; gates have it within a second or two.");
  });
  const fresh = checked !== null && checked.text === text && checked.base !== checked.result;
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => text !== start && event.preventDefault();
    window.addEventListener("beforeunload", onLeave);
    return () => window.removeEventListener("beforeunload", onLeave);
  }, [text, start]);
  return (
    <>
      <Panel title="Edit" note="checked by vtctld before it is applied">
        <textarea class="mono" aria-label="VSchema in JSON" spellcheck={false} rows={Math.min(32, Math.max(16, start.split("\n").length + 2))}
          value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <div class="tools start">
          <button type="button" disabled={busy} onClick={onCheck}>Check</button>
          <button type="button" class="primary" disabled={busy || !fresh} onClick={() => setAsking(true)}>Apply…</button>
          <button type="button" class="quiet-button" disabled={busy} onClick={() => onDone("")}>Stop editing</button>
        </div>
      </Panel>
      <div aria-live="polite">
        {error && <Failure error={error} what="It was not accepted" />}
        {checked && checked.text === text && <CheckResult checked={checked} />}
      </div>
      {asking && <Confirm question={`Apply the VSchema of ${keyspace}?`} detail="Gates route by it at once. What would change is shown on the page." verb="Apply" onYes={onApply} onNo={() => setAsking(false)} />}
    </>
  );
}

export function VSchemaPage({ keyspace, readOnly }: { keyspace: string; readOnly: boolean }) {
  const [editing, setEditing] = useState(false);
  const [told, setTold] = useState("");
  const current = useLoaded(() => read(keyspace), [keyspace]);
  if (current.error?.code === "NOT_FOUND") return <Missing what={`The VSchema of ${keyspace}`} />;
  const done = (text: string) => {
    setEditing(false);
    setTold(text);
    current.again();
  };
  const tools = current.value !== null && !editing && !readOnly && (
    <button type="button" onClick={() => (setTold(""), setEditing(true))}>Edit</button>
  );
  return (
    <Page kind="VSchema of" title={keyspace} crumbs={[{ text: "Cluster", href: "/" }, { text: keyspace, href: url("keyspace", keyspace) }]} tools={tools}>
      <div aria-live="polite">{told && <p class="done">{told}</p>}</div>
      {current.error && <Failure error={current.error} what="It cannot be read" />}
      {current.value === null ? !current.error && <Waiting /> : editing
        ? <Editor keyspace={keyspace} text={current.value} onDone={done} />
        : <Panel title="As it is" note={<a href={url("topology", "global", "keyspaces", keyspace, "VSchema")}>in the topology</a>}><JsonText text={current.value} /></Panel>}
    </Page>
  );
}
