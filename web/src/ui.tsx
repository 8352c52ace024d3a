// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Small parts that pages are made of.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiError, aliasText, asError, type Alias } from "./api";
import { type DiffLine, diffLines, hunks } from "./diff";
import { url } from "./router";
import { useTitle } from "./time";
import type { Level, Problem, Verdict } from "./verdict";

const GLYPHS: Record<Level, string> = { ok: "●", warn: "▲", bad: "✕", idle: "○" };

// A state: a sign, a colour and a word, so that none of them is needed alone.
export function State({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`state ${verdict.level}`} title={verdict.detail || undefined}>
      <span class="glyph" aria-hidden="true">{GLYPHS[verdict.level]}</span> {verdict.word}
    </span>
  );
}

export function glyph(level: Level): string {
  return GLYPHS[level];
}

export interface Crumb {
  text: string;
  href: string;
}

// The head of a page: where it is, its name, and what can be done on it.
export function Page(props: { title: string; kind?: string; crumbs?: Crumb[]; tools?: ComponentChildren; children: ComponentChildren }) {
  useTitle(props.title);
  return (
    <main id="main">
      <header class="page-head">
        <div>
          {props.crumbs && (
            <nav class="crumbs" aria-label="Where this is">
              {props.crumbs.map((crumb) => (
                <a key={crumb.href} href={crumb.href}>{crumb.text}</a>
              ))}
            </nav>
          )}
          <h1 tabIndex={-1}>
            {props.kind && <span class="kind">{props.kind} </span>}
            {props.title}
          </h1>
        </div>
        {props.tools && <div class="tools">{props.tools}</div>}
      </header>
      {props.children}
    </main>
  );
}

export function Panel(props: { title: string; note?: ComponentChildren; children: ComponentChildren; id?: string }) {
  return (
    <section class="panel" id={props.id} aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.note && <div class="note">{props.note}</div>}
      </header>
      {props.children}
    </section>
  );
}

export function Failure({ error, what }: { error: ApiError; what: string }) {
  return (
    <div class="notice" role="status">
      <p><strong>{what}</strong></p>
      <p>{error.message} <span class="code">{error.code}</span></p>
    </div>
  );
}

export function Problems({ list }: { list: { problem: Problem; href?: string; where?: string }[] }) {
  if (list.length === 0) return null;
  return (
    <ul class="problems" aria-label="Problems">
      {list.map(({ problem, href, where }, i) => (
        <li key={i} class={problem.level}>
          <span class="glyph" aria-hidden="true">{GLYPHS[problem.level]}</span>
          <span>{where && (href ? <a href={href}>{where}</a> : where)} {problem.text}</span>
        </li>
      ))}
    </ul>
  );
}

export function AliasLink({ alias }: { alias: Alias }) {
  const text = aliasText(alias);
  return <a class="mono" href={url("tablet", text)}>{text}</a>;
}

// Names and values, for records.
export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === "" || value === null || value === undefined ? <span class="quiet">none</span> : value}</dd>
        </div>
      ))}
    </dl>
  );
}

const JSON_PARTS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\b/g;

// JSON with names and values told apart; other text as it is.
export function JsonText({ text }: { text: string }) {
  const parts: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(JSON_PARTS)) {
    parts.push(text.slice(at, match.index));
    const kind = match[2] !== undefined ? "name" : match[1] !== undefined ? "text" : "value";
    parts.push(<span class={`json-${kind}`}>{match[1] ?? match[3]}</span>, match[2] ?? "");
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return <pre class="code-block" tabIndex={0}>{parts}</pre>;
}

function DiffRow({ line }: { line: DiffLine | { skipped: number } }) {
  if ("skipped" in line) return <div class="skipped">⋯ {line.skipped} {line.skipped === 1 ? "line" : "lines"} alike</div>;
  const kind = line.kind === "+" ? "added" : line.kind === "-" ? "removed" : "";
  return <div class={kind}><span aria-label={kind || undefined}>{line.kind}</span> {line.text}</div>;
}

export function Diff({ before, after }: { before: string; after: string }) {
  if (before === after) return <p class="quiet">Nothing differs.</p>;
  return (
    <div class="diff code-block" tabIndex={0} aria-label="What changes">
      {hunks(diffLines(before, after)).map((line, i) => <DiffRow key={i} line={line} />)}
    </div>
  );
}

// Asks before something is changed.
export function Confirm(props: { question: string; detail: ComponentChildren; verb: string; onYes: () => void; onNo: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onCancel={props.onNo} aria-labelledby="question">
      <h2 id="question">{props.question}</h2>
      <p>{props.detail}</p>
      <div class="tools">
        <button type="button" onClick={props.onNo}>Leave it</button>
        <button type="button" class="primary" onClick={props.onYes}>{props.verb}</button>
      </div>
    </dialog>
  );
}

export interface Loaded<T> {
  value: T | null;
  error: ApiError | null;
  again: () => void;
}

// What `load` gives, anew whenever one of `keys` is another. The last value stays while the next one is on its way.
export function useLoaded<T>(load: () => Promise<T>, keys: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: ApiError | null }>({ value: null, error: null });
  const [round, setRound] = useState(0);
  const asked = useRef(0);
  const shown = useRef("");
  const key = JSON.stringify(keys);
  useEffect(() => {
    const mine = ++asked.current;
    if (shown.current !== key) setState({ value: null, error: null });
    shown.current = key;
    load().then(
      (value) => mine === asked.current && setState({ value, error: null }),
      (thrown) => mine === asked.current && setState((old) => ({ value: old.value, error: asError(thrown) })),
    );
  }, [key, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}

export function Waiting() {
  return <p class="quiet waiting">Reading…</p>;
}
