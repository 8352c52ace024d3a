// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The topology as it is stored: the tree beside, a record decoded, its versions for as long as it is watched.
import { useEffect, useState } from "preact/hooks";
import { type TopologyCell, call } from "../api";
import { listen } from "../events";
import { url } from "../router";
import { When } from "../time";
import { Diff, Failure, JsonText, Page, Panel, Waiting, useLoaded } from "../ui";

interface Version {
  version: string;
  time: number;
  data: string; // empty when deleted
}

// What was seen of records since the application was opened, by path. Kept while other pages are looked at.
const seen = new Map<string, Version[]>();
const MOST_VERSIONS = 50;

function remember(path: string, version: Version): Version[] {
  const versions = seen.get(path) ?? [];
  if (versions[0]?.version === version.version) return versions;
  const kept = [version, ...versions].slice(0, MOST_VERSIONS);
  seen.set(path, kept);
  return kept;
}

interface WatchEvent {
  version?: string;
  time: number;
  data?: string;
  deleted?: boolean;
  error?: { message: string };
}

function useVersions(path: string): { versions: Version[]; connected: boolean; trouble: string } {
  const [versions, setVersions] = useState(seen.get(path) ?? []);
  const [connected, setConnected] = useState(false);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    setVersions(seen.get(path) ?? []);
    const onData = (text: string) => {
      const event = JSON.parse(text) as WatchEvent;
      setTrouble(event.error?.message ?? "");
      if (event.deleted) setVersions(remember(path, { version: "deleted", time: event.time, data: "" }));
      else if (event.version !== undefined) setVersions(remember(path, { version: event.version, time: event.time, data: event.data ?? "" }));
    };
    return listen(`/api/topology/watch?path=${encodeURIComponent(path)}`, onData, setConnected);
  }, [path]);
  return { versions, connected, trouble };
}

function History({ versions }: { versions: Version[] }) {
  if (versions.length < 2) return <p class="quiet">One version has been seen. Others are listed here as they are written, with what changed.</p>;
  return (
    <ol class="history">
      {versions.map((version, i) => {
        const before = versions[i + 1];
        return (
          <li key={version.version + version.time}>
            <details open={i === 0}>
              <summary><span class="mono">{version.version === "deleted" ? "deleted" : `version ${version.version}`}</span> <span class="quiet"><When at={version.time} /></span></summary>
              {before ? <Diff before={before.data} after={version.data} /> : <p class="quiet">The first that was seen.</p>}
            </details>
          </li>
        );
      })}
    </ol>
  );
}

function Record({ path, cell }: { path: string; cell: TopologyCell }) {
  const { versions, connected, trouble } = useVersions(path);
  const latest = versions[0];
  const data = latest ? latest.data : cell.data;
  const gone = latest?.version === "deleted";
  const note = <><span>{gone ? "deleted" : `version ${latest?.version ?? cell.version}`}</span><span class={`state ${connected ? "ok" : "idle"}`}><span class="glyph" aria-hidden="true">{connected ? "●" : "○"}</span> {connected ? "watched" : "not watched"}</span></>;
  return (
    <>
      <Panel title={cell.name} note={note}>
        {trouble && <p class="quiet" role="status">It cannot be watched now: {trouble}</p>}
        {gone ? <p class="quiet">The record was deleted. If it is written again, it shows here.</p> : <JsonText text={data} />}
      </Panel>
      <Panel title="Versions seen" id="versions"><History versions={versions} /></Panel>
    </>
  );
}

const hrefOf = (parts: string[]) => url("topology", ...parts);
const pathOf = (parts: string[]) => "/" + parts.join("/");

interface Level {
  parts: string[];
  children: string[];
}

// The directories from the root down to the place, each with what is in it.
async function readLevels(parts: string[]): Promise<{ levels: Level[]; cell: TopologyCell }> {
  const steps = Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, i));
  const cells = await Promise.all(steps.map((step) => call<{ cell: TopologyCell }>("GetTopologyPath", { path: pathOf(step), as_json: true })));
  const levels = cells.map(({ cell }, i) => ({ parts: steps[i]!, children: [...cell.children].sort() }));
  return { levels, cell: cells[cells.length - 1]!.cell };
}

function Branch({ levels, depth, at }: { levels: Level[]; depth: number; at: string[] }) {
  const level = levels[depth];
  if (!level || level.children.length === 0) return null;
  return (
    <ul>
      {level.children.map((name) => {
        const parts = [...level.parts, name];
        const open = at[depth] === name;
        const current = open && at.length === depth + 1;
        return (
          <li key={name}>
            <a class="mono" href={hrefOf(parts)} aria-current={current ? "page" : undefined} aria-expanded={open && levels[depth + 1]?.children.length ? true : undefined}>{name}</a>
            {open && <Branch levels={levels} depth={depth + 1} at={at} />}
          </li>
        );
      })}
    </ul>
  );
}

function Folder({ cell, parts }: { cell: TopologyCell; parts: string[] }) {
  const children = [...cell.children].sort();
  return (
    <Panel title={parts.length === 0 ? "Cells" : cell.name} note={`${children.length} entries`}>
      <ul class="entries">
        {children.map((name) => <li key={name}><a class="mono" href={hrefOf([...parts, name])}>{name}</a></li>)}
      </ul>
    </Panel>
  );
}

export function Topology({ path: parts }: { path: string[] }) {
  const path = pathOf(parts);
  const read = useLoaded(() => readLevels(parts), [path]);
  const [kept, setKept] = useState<Level[]>([]);
  useEffect(() => {
    if (read.value) setKept(read.value.levels);
  }, [read.value]);
  const crumbs = [{ text: "Topology", href: "/topology" }, ...parts.slice(0, -1).map((name, i) => ({ text: name, href: hrefOf(parts.slice(0, i + 1)) }))];
  const cell = read.value?.cell;
  const again = <button type="button" onClick={read.again}>Read again</button>;
  return (
    <Page title={parts[parts.length - 1] ?? "Topology"} crumbs={parts.length > 0 ? crumbs : undefined} tools={again}>
      <div class="split">
        <nav class="list tree" aria-label="Topology"><Branch levels={read.value?.levels ?? kept} depth={0} at={parts} /></nav>
        <div>
          {read.error && <Failure error={read.error} what={`${path} cannot be shown`} />}
          {!cell && !read.error && <Waiting />}
          {cell && (cell.children.length > 0 || cell.data === "" ? <Folder cell={cell} parts={parts} /> : <Record key={path} path={path} cell={cell} />)}
        </div>
      </div>
    </Page>
  );
}
