// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Listens to server-sent events while the page is looked at: browsers allow six connections to a server, and tabs in the
// background must not take them. Connects again by itself. Gives the function that ends it.
export function listen(url: string, onData: (data: string) => void, onState: (connected: boolean) => void): () => void {
  let source: EventSource | null = null;
  let retry = 0;
  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    if (document.hidden) return;
    source = new EventSource(url);
    source.onopen = () => onState(true);
    source.onmessage = (event) => onData(event.data);
    source.onerror = () => {
      onState(false);
      close();
      retry = setTimeout(open, 2000);
    };
  };
  document.addEventListener("visibilitychange", open);
  open();
  return () => {
    document.removeEventListener("visibilitychange", open);
    close();
  };
}
