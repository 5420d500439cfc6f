// From what watches wish for to the entries and lanes that the service shall hold.
//
// The service serves an instrument by the last entry that matches it, once. So the slow lanes stand first and the fast ones last,
// plain names behind patterns; and a lane also lists the fields of every entry before it that speaks of the same instruments.
// Each watch then gets at least what it asked for, whatever else is watched. The second rule is what makes resuming honest: who
// holds an instrument as a later lane serves it holds every field that an earlier lane lists.

import { kFields, type Field } from './fields.js';
import type { Channel } from './messages.js';
import { isPlain, overlap } from './pattern.js';

export interface Wish {
  readonly texts: readonly string[];
  readonly fields: readonly Field[] | undefined; // undefined: all
  readonly intervalMs: number | undefined; // undefined: the service's default
  readonly maxKbitPerS: number | undefined; // undefined: no limit
  readonly wait: boolean;
}

// Its name says all of it, so a lane never changes.
export interface Lane {
  readonly name: string;
  readonly fields: readonly Field[] | undefined;
  readonly intervalMs: number | undefined;
  readonly maxKbitPerS: number | undefined;
}

export interface Entry {
  readonly channel: Channel;
  readonly text: string;
  readonly wait: boolean;
  readonly lane: Lane | undefined; // ticker only
  readonly recent?: boolean; // trades only: begins with those that the service still has
}

export const keyOf = (entry: { readonly channel: Channel; readonly text: string }): string => `${entry.channel} ${entry.text}`;

// What the service's default is taken for, to order lanes by speed.
const kUsualIntervalMs = 100;
const kAll = (1 << kFields.length) - 1;

const maskOf = (fields: readonly Field[] | undefined): number =>
  fields === undefined ? kAll : fields.reduce((mask, field) => mask | (1 << kFields.indexOf(field)), 0);

interface Draft {
  readonly text: string;
  wait: boolean;
  mask: number;
  intervalMs: number | undefined;
  maxKbitPerS: number | undefined;
}

const speed = (interval: number | undefined): number => interval ?? kUsualIntervalMs;
const limit = (kbit: number | undefined): number => kbit || Infinity;

const slowerFirst = (a: Draft, b: Draft): number =>
  speed(b.intervalMs) - speed(a.intervalMs)
  || (limit(a.maxKbitPerS) === limit(b.maxKbitPerS) ? 0 : limit(a.maxKbitPerS) - limit(b.maxKbitPerS))
  || Number(isPlain(a.text)) - Number(isPlain(b.text));

// One draft a text: where several watches name it, the fastest pace and everybody's fields.
function draft(wishes: readonly Wish[]): Draft[] {
  const drafts = new Map<string, Draft>();
  for (const wish of wishes) {
    const { intervalMs, maxKbitPerS, wait } = wish;
    const mask = maskOf(wish.fields);
    for (const text of wish.texts) {
      const mine: Draft = { text, wait, mask, intervalMs, maxKbitPerS };
      const known = drafts.get(text);
      const best = known && slowerFirst(mine, known) <= 0 ? known : mine;
      drafts.set(text, known ? { ...best, mask: mask | known.mask, wait: wait || known.wait } : mine);
    }
  }
  return [...drafts.values()].sort(slowerFirst);
}

function laneOf({ mask, intervalMs, maxKbitPerS }: Draft): Lane {
  const fields = mask === kAll ? undefined : kFields.filter((_, index) => mask & (1 << index));
  return { name: `${intervalMs ?? ''}/${maxKbitPerS ?? ''}/${mask.toString(36)}`, fields, intervalMs, maxKbitPerS };
}

// Adds to each draft the fields of those before it that speak of the same instruments.
function widen(drafts: readonly Draft[]): void {
  const patterns: Draft[] = [];
  drafts.forEach((later, index) => {
    // Different plain names have nothing in common.
    const before = isPlain(later.text) ? patterns : drafts.slice(0, index);
    for (const earlier of before) if (overlap(earlier.text, later.text)) later.mask |= earlier.mask;
    if (!isPlain(later.text)) patterns.push(later);
  });
}

// The lanes of drafts, slowest first.
const lanesOf = (drafts: readonly Draft[]): string[] => [...new Set(drafts.map((one) => laneOf(one).name))];

// Where there are more different wishes than lanes: everyone gets the fields of all, which leaves one lane a pace; and if these are
// still too many, the slowest get a faster one.
function share(drafts: Draft[], mostLanes: number): void {
  const mask = drafts.reduce((all, one) => all | one.mask, 0);
  for (const one of drafts) one.mask = mask;
  const names = lanesOf(drafts);
  const slowest = new Set(names.slice(0, Math.max(0, names.length - mostLanes)));
  const pace = drafts.find((one) => !slowest.has(laneOf(one).name));
  for (const one of drafts.filter((other) => slowest.has(laneOf(other).name))) {
    one.intervalMs = pace?.intervalMs;
    one.maxKbitPerS = pace?.maxKbitPerS;
  }
  drafts.sort(slowerFirst);
}

// The entries of channel `ticker`, in the order in which the service must have them.
export function plan(wishes: readonly Wish[], mostLanes: number): Entry[] {
  const drafts = draft(wishes);
  widen(drafts);
  if (lanesOf(drafts).length > mostLanes) share(drafts, mostLanes);
  const lanes = new Map<string, Lane>();
  const entries = drafts.map((one): Entry => {
    const made = laneOf(one);
    const lane = lanes.get(made.name) ?? made;
    lanes.set(lane.name, lane);
    return { channel: 'ticker', text: one.text, wait: one.wait, lane };
  });
  return gather(entries);
}

// Plain names of one pace have no order among themselves: those of a lane stand together, so that one request names them all.
function gather(entries: readonly Entry[]): Entry[] {
  const runs: Entry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const other = run?.[0];
    const together = other && isPlain(entry.text) && isPlain(other.text) && speedOf(entry) === speedOf(other);
    if (run && together) run.push(entry);
    else runs.push([entry]);
  }
  const name = (entry: Entry): string => entry.lane?.name ?? '';
  return runs.flatMap((run) => run.sort((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0)));
}

const speedOf = (entry: Entry): string => `${speed(entry.lane?.intervalMs)}/${limit(entry.lane?.maxKbitPerS)}`;
