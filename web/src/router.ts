// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { Store } from "./store";

export interface Place {
  path: string[]; // decoded parts
  query: URLSearchParams;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parsePlace(pathname: string, search: string): Place {
  return { path: pathname.split("/").filter((part) => part !== "").map(decode), query: new URLSearchParams(search) };
}

export const place = new Store<Place>(parsePlace(location.pathname, location.search));

export function url(...parts: string[]): string {
  return "/" + parts.map(encodeURIComponent).join("/");
}

function arrive(): void {
  place.set(parsePlace(location.pathname, location.search));
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  arrive();
  if (!options.replace) window.scrollTo(0, 0);
}

// Links within the application change the place without loading a page; everything else is the browser's.
export function followLinks(): void {
  window.addEventListener("popstate", arrive);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}
