// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// node build.mjs FOLDER: bundles src/ into FOLDER/assets, under names that tell their contents, and writes FOLDER/index.html.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "dist"));
rmSync(join(out, "assets"), { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", theme: "src/theme.ts", style: "src/style.css" },
  outdir: join(out, "assets"),
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

let page = readFileSync(join(here, "index.html"), "utf8");
for (const file of Object.keys(result.metafile.outputs)) {
  const name = file.slice(file.lastIndexOf("/") + 1);
  page = page.replaceAll(`{{${name.replace(/-[^-]*(\.\w+)$/, "$1")}}}`, `/assets/${name}`);
}
if (page.includes("{{")) throw new Error("index.html names a file that was not built");
writeFileSync(join(out, "index.html"), page);
