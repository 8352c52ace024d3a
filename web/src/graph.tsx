// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard's replication, drawn: the primary above, its replicas below by cell, a line to each.
import { type ReplicationStatus, type Tablet, aliasText } from "./api";
import type { Health } from "./live";
import { navigate, url } from "./router";
import { glyph } from "./ui";
import { type Link, replicaLink, tabletVerdict } from "./verdict";

const NODE = { width: 184, height: 64 };
const GAP = 24;
const MARGIN = 16;
const CELL_HEAD = 32;
const LINK_HEIGHT = 96;

interface Spot {
  tablet: Tablet;
  x: number;
  y: number;
}
interface CellBox {
  name: string;
  x: number;
  width: number;
}
export interface Drawing {
  width: number;
  height: number;
  primary: Spot | null;
  replicas: Spot[];
  cells: CellBox[];
  cellTop: number;
}

// Where everything stands; whole numbers, left to right by cell.
export function layOut(primary: Tablet | undefined, replicas: Tablet[]): Drawing {
  const cells = [...new Set(replicas.map((tablet) => tablet.alias.cell))].sort();
  const top = MARGIN + NODE.height + LINK_HEIGHT;
  const drawing: Drawing = { width: 0, height: 0, primary: null, replicas: [], cells: [], cellTop: 0 };
  let x = MARGIN;
  for (const cell of cells) {
    const members = replicas.filter((tablet) => tablet.alias.cell === cell);
    const width = members.length * (NODE.width + GAP) - GAP + 2 * MARGIN;
    drawing.cells.push({ name: cell, x, width });
    members.forEach((tablet, i) => drawing.replicas.push({ tablet, x: x + MARGIN + i * (NODE.width + GAP), y: top + CELL_HEAD }));
    x += width + GAP;
  }
  drawing.width = Math.max(x - GAP + MARGIN, NODE.width + 2 * MARGIN);
  drawing.cellTop = top;
  drawing.height = replicas.length > 0 ? top + CELL_HEAD + NODE.height + 2 * MARGIN : NODE.height + 2 * MARGIN;
  if (primary) drawing.primary = { tablet: primary, x: Math.round((drawing.width - NODE.width) / 2), y: MARGIN };
  return drawing;
}

function Node({ spot, health, known, role }: { spot: Spot; health: Health | undefined; known: boolean; role: string }) {
  const alias = aliasText(spot.tablet.alias);
  const verdict = tabletVerdict(health, known);
  const href = url("tablet", alias);
  return (
    <a href={href} aria-label={`${role} ${alias}: ${verdict.word}`} onClick={(event) => {
      event.preventDefault();
      navigate(href);
    }}>
      <g class={`node ${verdict.level}`} transform={`translate(${spot.x} ${spot.y})`}>
        <rect width={NODE.width} height={NODE.height} rx="6" />
        <text x="12" y="20" class="role">{role}{role === "primary" ? ` · ${spot.tablet.alias.cell}` : ""}</text>
        <text x="12" y="38" class="alias">{alias}</text>
        <text x="12" y="55" class="word">{glyph(verdict.level)} {verdict.word}</text>
      </g>
    </a>
  );
}

function Line({ from, to, link }: { from: Spot | null; to: Spot; link: Link }) {
  const x = to.x + NODE.width / 2;
  const y = to.y - CELL_HEAD;
  const x0 = from ? from.x + NODE.width / 2 : x;
  const y0 = from ? from.y + NODE.height : y - LINK_HEIGHT + 24;
  const pill = y - 36; // top of the pill that says how the link is
  const middle = (y0 + pill) / 2;
  const width = Math.max(64, link.word.length * 7 + 32);
  return (
    <g class={`link ${link.level}`}>
      <title>{link.detail || link.word}</title>
      <path d={`M${x0} ${y0} C${x0} ${middle} ${x} ${middle} ${x} ${pill} L${x} ${to.y}`} />
      <g transform={`translate(${x - width / 2} ${pill})`}>
        <rect width={width} height="22" rx="11" />
        <text x={width / 2} y="15" text-anchor="middle">{glyph(link.level)} {link.word}</text>
      </g>
    </g>
  );
}

export interface GraphProps {
  primary: Tablet | undefined;
  replicas: Tablet[];
  statuses: Record<string, ReplicationStatus>;
  tablets: ReadonlyMap<string, Health> | null;
}

export function Graph({ primary, replicas, statuses, tablets }: GraphProps) {
  const drawing = layOut(primary, replicas);
  const health = (tablet: Tablet) => tablets?.get(aliasText(tablet.alias));
  return (
    <div class="scroll graph">
      <svg width={drawing.width} height={drawing.height} viewBox={`0 0 ${drawing.width} ${drawing.height}`} role="group" aria-label="Replication">
        {drawing.cells.map((cell) => (
          <g key={cell.name} class="cell">
            <rect x={cell.x} y={drawing.cellTop} width={cell.width} height={CELL_HEAD + NODE.height + MARGIN} rx="8" />
            <text x={cell.x + MARGIN} y={drawing.cellTop + 20}>{cell.name}</text>
          </g>
        ))}
        {drawing.replicas.map((spot) => (
          <Line key={aliasText(spot.tablet.alias)} from={drawing.primary} to={spot}
            link={replicaLink(spot.tablet, primary, statuses[aliasText(spot.tablet.alias)], health(spot.tablet))} />
        ))}
        {drawing.primary && <Node spot={drawing.primary} health={health(drawing.primary.tablet)} known={tablets !== null} role="primary" />}
        {drawing.replicas.map((spot) => (
          <Node key={aliasText(spot.tablet.alias)} spot={spot} health={health(spot.tablet)} known={tablets !== null} role={spot.tablet.type.toLowerCase()} />
        ))}
      </svg>
    </div>
  );
}
