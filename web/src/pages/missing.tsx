// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
import { Page } from "../ui";

export function Missing({ what }: { what?: string }) {
  return (
    <Page title={what ? `${what} is not here` : "There is no such page"}>
      <p>It may have been deleted, or the address has a slip. <a href="/">The cluster</a>, or press <kbd>/</kbd> to search.</p>
    </Page>
  );
}
