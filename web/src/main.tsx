// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Session, session } from "./api";
import { cluster, followCluster } from "./cluster";
import { followHealth, live } from "./live";
import { Keyspace } from "./pages/keyspace";
import { Missing } from "./pages/missing";
import { Overview } from "./pages/overview";
import { Schema } from "./pages/schema";
import { Search } from "./pages/search";
import { ShardPage } from "./pages/shard";
import { TabletPage } from "./pages/tablet";
import { Topology } from "./pages/topology";
import { VSchemaPage } from "./pages/vschema";
import { entriesOf, search as find } from "./search";
import { type Place, followLinks, navigate, place } from "./router";
import { Store, useStore } from "./store";

const me = new Store<Session | null>(null);

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function ThemeSwitch() {
  const [dark, setDark] = useState(isDark());
  const turn = () => {
    const theme = dark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    setDark(!dark);
  };
  return (
    <button type="button" class="quiet-button" aria-pressed={dark} onClick={turn} title={dark ? "Light colours" : "Dark colours"}>
      <span aria-hidden="true">{dark ? "☀" : "☾"}</span>
      <span class="unseen">Dark colours</span>
    </button>
  );
}

// "/" from anywhere goes to the search field.
function SearchField() {
  const at = useStore(place);
  const field = useRef<HTMLInputElement>(null);
  const searching = at.path[0] === "search";
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = (event.target as Element).closest?.("input, textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const search = (text: string) => navigate(`/search?q=${encodeURIComponent(text)}`, { replace: searching });
  return (
    <form role="search" onSubmit={(event) => {
      event.preventDefault();
      const best = find(entriesOf(cluster.get().keyspaces ?? []), field.current?.value ?? "")[0];
      if (best) navigate(best.href);
    }}>
      <input ref={field} type="search" placeholder="Search" aria-label="Search keyspaces, shards, tablets, tables, vindexes"
        aria-keyshortcuts="/" value={searching ? at.query.get("q") ?? "" : ""}
        onInput={(event) => search(event.currentTarget.value)} />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}

function Connection() {
  const { connected, tablets } = useStore(live);
  if (connected && tablets) return <span class="state ok" title="Health is live"><span class="glyph" aria-hidden="true">●</span> live</span>;
  return <span class="state idle" role="status" title="Waits for vtctld"><span class="glyph" aria-hidden="true">○</span> waiting</span>;
}

function TopBar() {
  const { path } = useStore(place);
  const user = useStore(me);
  const current = (name: string) => ((path[0] ?? "") === name ? "page" : undefined);
  return (
    <header class="top">
      <a class="brand" href="/"><span class="mark" aria-hidden="true" />Tessera</a>
      <nav aria-label="Main">
        <a href="/" aria-current={current("")}>Cluster</a>
        <a href="/topology" aria-current={current("topology")}>Topology</a>
      </nav>
      <SearchField />
      <Connection />
      {user?.read_only && <span class="badge">read-only</span>}
      <ThemeSwitch />
    </header>
  );
}

// Which page a place is. Every page has a URL.
function pageAt({ path, query }: Place) {
  const [kind = "", first = "", second = ""] = path;
  const readOnly = me.get()?.read_only ?? false;
  if (kind === "") return <Overview />;
  if (kind === "search") return <Search query={query.get("q") ?? ""} />;
  if (kind === "topology") return <Topology path={path.slice(1)} />;
  if (kind === "tablet" && first) return <TabletPage key={first} alias={first} readOnly={readOnly} />;
  if (kind === "shard" && second) return <ShardPage key={`${first}/${second}`} keyspace={first} shard={second} />;
  if (kind === "keyspace" && second === "vschema") return <VSchemaPage key={first} keyspace={first} readOnly={readOnly} />;
  if (kind === "keyspace" && second === "schema")
    return <Schema key={first} keyspace={first} tablet={query.get("tablet") ?? ""} table={query.get("table") ?? ""} />;
  if (kind === "keyspace" && first && !second) return <Keyspace key={first} keyspace={first} />;
  return <Missing />;
}

// Who comes by keyboard or by ear is told of the new page: its heading has the focus.
function useFocusOnArrival(path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (!path.startsWith("search")) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path]);
}

function App() {
  const at = useStore(place);
  useStore(me);
  const { error } = useStore(cluster);
  useFocusOnArrival(at.path.join("/"));
  useEffect(() => {
    session().then((mine) => me.set(mine), () => {});
    const endings = [followCluster(), followHealth()];
    return () => endings.forEach((end) => end());
  }, []);
  return (
    <>
      <a class="skip" href="#main">To the page</a>
      <TopBar />
      {error && <p class="banner" role="status">The cluster could not be read: {error.message} What stands here may be old.</p>}
      {pageAt(at)}
    </>
  );
}

followLinks();
render(<App />, document.getElementById("app")!);
