// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { type ApiError, type Tablet, asError, call, parseAlias } from "../api";
import { live } from "../live";
import { url } from "../router";
import { useStore } from "../store";
import { When } from "../time";
import { Confirm, Facts, Failure, JsonText, Page, Panel, State, Waiting, useLoaded } from "../ui";
import { tabletVerdict } from "../verdict";
import { Missing } from "./missing";

interface Action {
  verb: string;
  method: string;
  asks: string; // what is asked before; nothing when it changes nothing
  told: string;
}
const ACTIONS: Action[] = [
  { verb: "Ping", method: "PingTablet", asks: "", told: "It answered." },
  { verb: "Refresh state", method: "RefreshState", asks: "The tablet reads its record again and acts on what it finds.", told: "It read its record again." },
  { verb: "Run health check", method: "RunHealthCheck", asks: "The tablet checks itself now and tells everybody who follows it.", told: "It checked itself." },
];

interface Outcome {
  text: string;
  error: ApiError | null;
}

function Actions({ alias, readOnly }: { alias: string; readOnly: boolean }) {
  const [asked, setAsked] = useState<Action | null>(null);
  const [busy, setBusy] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run = async (action: Action) => {
    setAsked(null);
    setBusy(action.verb);
    const begun = performance.now();
    try {
      await call(action.method, { tablet_alias: parseAlias(alias) });
      setOutcome({ text: `${action.verb}: ${action.told} (${Math.round(performance.now() - begun)} ms)`, error: null });
    } catch (thrown) {
      setOutcome({ text: `${action.verb} failed`, error: asError(thrown) });
    }
    setBusy("");
  };
  return (
    <Panel title="Actions" note={readOnly ? "these pages are read-only" : undefined}>
      <div class="tools start">
        {ACTIONS.map((action) => (
          <button key={action.verb} type="button" disabled={busy !== "" || (readOnly && action.asks !== "")}
            onClick={() => (action.asks ? setAsked(action) : void run(action))}>
            {busy === action.verb ? `${action.verb}…` : action.verb}
          </button>
        ))}
      </div>
      <div aria-live="polite" class="outcome">
        {outcome && (outcome.error ? <Failure what={outcome.text} error={outcome.error} /> : <p class="done">{outcome.text}</p>)}
      </div>
      {asked && <Confirm question={`${asked.verb} of ${alias}?`} detail={asked.asks} verb={asked.verb} onYes={() => void run(asked)} onNo={() => setAsked(null)} />}
    </Panel>
  );
}

function HealthPanel({ alias }: { alias: string }) {
  const { tablets } = useStore(live);
  const health = tablets?.get(alias);
  const verdict = tabletVerdict(health, tablets !== null);
  return (
    <Panel title="Health" note={<State verdict={verdict} />}>
      <Facts facts={[
        ["Type it serves as", health?.type.toLowerCase() ?? ""],
        ["In this state", health ? <When at={health.since * 1000} /> : ""],
        ["Behind its primary", health?.up && health.type !== "PRIMARY" ? `${health.lag} s` : "–"],
        ["Queries/s", health?.up ? health.qps.toFixed(1) : "–"],
        ["Primary since", health?.term ? <When at={health.term * 1000} /> : "–"],
        ["What is wrong", verdict.detail || "nothing"],
      ]} />
    </Panel>
  );
}

function StatusPanel({ alias }: { alias: string }) {
  const status = useLoaded(() => call<{ status: object }>("GetFullStatus", { tablet_alias: parseAlias(alias) }), [alias]);
  const again = <button type="button" onClick={status.again}>Read again</button>;
  return (
    <Panel title="Full status of its server" note={again}>
      {status.error && <Failure error={status.error} what="The tablet did not tell" />}
      {status.value && <JsonText text={JSON.stringify(status.value.status, null, 2)} />}
      {!status.value && !status.error && <Waiting />}
    </Panel>
  );
}

export function TabletPage({ alias, readOnly }: { alias: string; readOnly: boolean }) {
  const record = useLoaded(() => call<{ tablet: Tablet }>("GetTablet", { tablet_alias: parseAlias(alias) }), [alias]);
  const tablet = record.value?.tablet;
  if (record.error?.code === "NOT_FOUND") return <Missing what={`Tablet ${alias}`} />;
  const crumbs = [{ text: "Cluster", href: "/" }];
  if (tablet) {
    crumbs.push({ text: tablet.keyspace, href: url("keyspace", tablet.keyspace) });
    crumbs.push({ text: tablet.shard, href: url("shard", tablet.keyspace, tablet.shard) });
  }
  const where = <a href={url("topology", parseAlias(alias).cell, "tablets", alias, "Tablet")}>in the topology</a>;
  return (
    <Page kind="Tablet" title={alias} crumbs={crumbs}>
      {record.error && <Failure error={record.error} what="Its record cannot be read" />}
      <div class="columns">
        <HealthPanel alias={alias} />
        <Panel title="Record" note={where}>
          {tablet ? (
            <Facts facts={[
              ["Keyspace and shard", <a href={url("shard", tablet.keyspace, tablet.shard)}>{tablet.keyspace}/{tablet.shard}</a>],
              ["Type", tablet.type.toLowerCase()],
              ["Host", <span class="mono">{tablet.hostname}</span>],
              ["Ports", <span class="mono">{Object.entries(tablet.port_map).map(([name, port]) => `${name} ${port}`).join(", ")}</span>],
              ["MySQL", <span class="mono">{tablet.mysql_hostname}:{tablet.mysql_port}</span>],
              ["Tags", Object.entries(tablet.tags).map(([name, value]) => `${name}=${value}`).join(", ")],
            ]} />
          ) : <Waiting />}
        </Panel>
      </div>
      <Actions alias={alias} readOnly={readOnly} />
      <StatusPanel alias={alias} />
    </Page>
  );
}
