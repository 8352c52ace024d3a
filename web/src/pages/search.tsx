// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { cluster } from "../cluster";
import { entriesOf, search } from "../search";
import { useStore } from "../store";
import { Page, Waiting } from "../ui";

function Marked({ text, query }: { text: string; query: string }) {
  const word = query.trim().split(/\s+/)[0]?.toLowerCase() ?? "";
  const at = word ? text.toLowerCase().indexOf(word) : -1;
  if (at < 0) return <>{text}</>;
  return <>{text.slice(0, at)}<mark>{text.slice(at, at + word.length)}</mark>{text.slice(at + word.length)}</>;
}

export function Search({ query }: { query: string }) {
  const { keyspaces } = useStore(cluster);
  const found = search(entriesOf(keyspaces ?? []), query);
  return (
    <Page title="Search">
      {keyspaces === null ? <Waiting /> : (
        <>
          <p class="quiet" role="status">
            {query.trim() === "" ? "Names of keyspaces, shards, tablets, tables and vindexes; several words narrow it down." : `${found.length === 0 ? "Nothing" : found.length} found for “${query.trim()}”. Enter opens the first.`}
          </p>
          {found.length > 0 && (
            <ul class="results">
              {found.map((entry) => (
                <li key={entry.kind + entry.href + entry.name}>
                  <a href={entry.href}>
                    <span class="quiet kind-word">{entry.kind}</span>
                    <span class="mono"><Marked text={entry.name} query={query} /></span>
                    <span class="quiet">{entry.where}</span>
                  </a>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Page>
  );
}
