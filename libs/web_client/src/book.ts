// What the service shall hold, what it does hold, and the next request that brings the one nearer to the other.
//
// Requests go one after the other: the answer to one may be a snapshot, after which less is held than the next would say.

import { kFields, type Field } from './fields.js';
import type { Subscribed, SubscribeRequest, UnsubscribeRequest } from './messages.js';
import { isPlain, matches, overlap } from './pattern.js';
import { keyOf, type Entry } from './plan.js';

// A request, and the entries that it speaks of.
export interface Ask {
  readonly request: SubscribeRequest | UnsubscribeRequest;
  readonly entries: readonly Entry[];
}

// What the service allows one client.
export interface BookLimits { readonly requestBytes: number; readonly entries: number; readonly lanes: number }

export const kUsualLimits: BookLimits = { requestBytes: 65_536, entries: 1000, lanes: 8 };

// What is served together: a lane, or all trades.
interface Stream {
  version: number | undefined; // of its last complete frame
  readonly unserved: Set<Standing>; // those that its next complete frame makes whole
}

// An entry that the service holds, on this connection.
interface Standing {
  readonly entry: Entry;
  readonly stream: Stream;
  awaited: boolean; // the answer to its request has not come in full
  whole: boolean; // all that it matches is held as of the stream's version
}

// An entry of an earlier connection: all that it matches is held as of that version. `since`: the oldest version of all claims that
// have instruments in common with it, also by way of others.
interface Claim { readonly entry: Entry; readonly version: number; since: number }

// Where in the service's list an entry stands; infinity: it is to go to its end.
interface Place { readonly entry: Entry; readonly place: number }

// Room for all of a request but its symbols.
const kEnvelopeBytes = 1024;
const kAllFields: ReadonlySet<Field> = new Set(kFields);

const common = (a: Entry, b: Entry): boolean => a.channel === b.channel && overlap(a.text, b.text);
const sameLane = (a: Entry, b: Entry): boolean => a.lane?.name === b.lane?.name;

// Whether the lane of one entry lists all that the other's does.
function covers({ lane }: Entry, other: Entry): boolean {
  const listed = lane?.fields;
  return !listed || (other.lane?.fields ?? kFields).every((field) => listed.includes(field));
}

// Claims that share instruments have to name the same version, the oldest of theirs: an instrument is held as the last entry that
// matched it was served, and one that is new since then comes whole in each answer, only so as the lane of that answer lists it.
function align(claims: readonly Claim[]): void {
  const left = new Set(claims);
  for (const first of claims) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const one of group) {
      for (const other of left) {
        if (common(one.entry, other.entry)) {
          left.delete(other);
          group.push(other);
        }
      }
    }
    const since = Math.min(...group.map(({ version }) => version));
    for (const one of group) one.since = since;
  }
}

export class Book {
  #wanted = new Map<string, Entry>();
  #standing = new Map<string, Standing>(); // in the service's order
  #streams = new Map<string, Stream>();
  #claims = new Map<string, Claim>();
  #refused = new Map<string, Entry>(); // on this connection
  #accepted = new Set<string>(); // ever: such an entry stands on, though its instrument may be gone
  #epoch = '';
  #limits = kUsualLimits;

  get epoch(): string { return this.#epoch; }
  get limits(): BookLimits { return this.#limits; }

  // The entries that there shall be, in their order.
  want(entries: readonly Entry[]): void {
    this.#wanted = new Map(entries.map((entry) => [keyOf(entry), entry]));
    for (const known of [this.#accepted, this.#refused]) {
      for (const key of known.keys()) if (!this.#wanted.has(key)) known.delete(key);
    }
  }

  // A new connection, on which nothing stands yet.
  connected(limits: BookLimits): void { this.#limits = limits; }

  // The connection is gone.
  lost(): void {
    // Where others were asked for again already, what came after `since` may have been replaced by less.
    const claims = [...this.#claims.values()].map(({ entry, since }): Claim => ({ entry, version: since, since }));
    const standing = [...this.#standing.values()];
    const vague = standing.filter((one) => !one.whole);
    for (const { entry, stream: { version }, whole } of standing) {
      // What moved to an entry that was not served yet is only held as it was when it moved.
      if (whole && version !== undefined && !vague.some((one) => common(one.entry, entry))) {
        claims.push({ entry, version, since: version });
      }
    }
    align(claims);
    this.#claims = new Map(claims.map((claim) => [keyOf(claim.entry), claim]));
    this.#standing = new Map();
    this.#streams = new Map();
    this.#refused = new Map();
  }

  // A new beginning: nothing held is good; what stands is answered anew.
  restart(epoch: string): void {
    this.#epoch = epoch;
    this.#claims = new Map();
    for (const stream of this.#streams.values()) stream.version = undefined;
    for (const one of this.#standing.values()) {
      one.whole = false;
      one.awaited = one.entry.channel === 'ticker';
      one.stream.unserved.add(one);
    }
  }

  // The next request; undefined: all is as it shall be, or was refused.
  next(): Ask | undefined {
    const due = this.#due();
    const ending = this.#ending(due[0]);
    if (ending[0]) return this.#unsubscribe(ending[0], ending);
    if (due[0]) return this.#subscribe(due[0], due);
    this.#claims = new Map(); // those left are of entries that nobody wants any more
    return undefined;
  }

  // All that stands was answered in full.
  get answered(): boolean {
    return [...this.#standing.values()].every((one) => !one.awaited);
  }

  subscribed({ request, entries }: Ask, reply: Subscribed): void {
    const accepted = new Set(reply.symbols);
    for (const entry of entries) {
      if (accepted.has(entry.text)) this.#stand(entry, request as SubscribeRequest, reply.resumed);
      else this.#refused.set(keyOf(entry), entry);
    }
  }

  unsubscribed({ entries }: Ask): void {
    for (const entry of entries) this.#end(keyOf(entry));
    // What falls to another entry is held as of the lane that it left, until its new one was served.
    for (const one of this.#standing.values()) {
      if (one.entry.channel === 'ticker' && entries.some((entry) => common(entry, one.entry))) {
        one.whole = false;
        one.stream.unserved.add(one);
      }
    }
  }

  refused({ request, entries }: Ask): void {
    if (request.op === 'unsubscribe') this.unsubscribed({ request, entries });
    else for (const entry of entries) this.#refused.set(keyOf(entry), entry);
  }

  // What was refused may be allowed by another token.
  forgive(): void { this.#refused = new Map(); }

  // A frame that carries a version came. True: it ended the answer to a request.
  complete(channel: 'ticker' | 'trades', lane: string, version: number): boolean {
    const stream = this.#streams.get(`${channel} ${lane}`);
    if (!stream) return false;
    stream.version = version;
    let answer = false;
    for (const one of stream.unserved) {
      answer ||= one.awaited;
      one.awaited = false;
      one.whole = true;
    }
    stream.unserved.clear();
    return answer;
  }

  // Tells the fields in which an instrument is served; undefined: it is not.
  served(): (symbol: string) => ReadonlySet<Field> | undefined {
    const sets = new Map<string, ReadonlySet<Field>>();
    const plain = new Map<string, [number, Entry]>();
    const patterns: [number, Entry][] = [];
    [...this.#standing.values()].forEach(({ entry }, index) => {
      if (!entry.lane) return;
      sets.set(entry.lane.name, entry.lane.fields ? new Set(entry.lane.fields) : kAllFields);
      if (isPlain(entry.text)) plain.set(entry.text, [index, entry]);
      else patterns.unshift([index, entry]);
    });
    return (symbol) => {
      const name = plain.get(symbol);
      const pattern = patterns.find(([, entry]) => matches(entry.text, symbol));
      const last = name && pattern ? (name[0] > pattern[0] ? name : pattern) : name ?? pattern;
      return last?.[1].lane && sets.get(last[1].lane.name);
    };
  }

  // What is to end before anything else: what nobody wants; and where the lane that is asked for next would be one too many, what is
  // to leave another lane.
  #ending(next: Entry | undefined): Entry[] {
    const entries = [...this.#standing.values()].map((one) => one.entry);
    const unwanted = entries.filter((entry) => !this.#wanted.has(keyOf(entry)));
    const lanes = new Set(entries.flatMap((entry) => entry.lane?.name ?? []));
    if (unwanted.length > 0 || !next?.lane || lanes.has(next.lane.name) || lanes.size < this.#limits.lanes) return unwanted;
    const wanted = new Set([...this.#wanted.values()].map((entry) => entry.lane?.name));
    return entries.filter((entry) => !wanted.has(entry.lane?.name));
  }

  #unsubscribe({ channel }: Entry, ending: readonly Entry[]): Ask {
    const entries = this.#fitting(ending, (entry) => entry.channel === channel);
    return { request: { op: 'unsubscribe', channel, symbols: entries.map((entry) => entry.text) }, entries };
  }

  #subscribe(first: Entry, due: readonly Entry[]): Ask {
    const { channel, lane } = first;
    const since = this.#since(first);
    const wait = this.#waits(first);
    const entries = this.#fitting(due, (entry) => entry.channel === channel && sameLane(entry, first)
      && this.#waits(entry) === wait && this.#since(entry) === since);
    const request: SubscribeRequest = {
      op: 'subscribe', channel, symbols: entries.map((entry) => entry.text),
      ...(wait && { wait }),
      ...(lane && { lane: lane.name }),
      ...(lane?.fields && { fields: lane.fields }),
      ...(lane?.intervalMs !== undefined && { interval_ms: lane.intervalMs }),
      ...(lane?.maxKbitPerS !== undefined && { max_kbit_per_s: lane.maxKbitPerS }),
      ...(since !== undefined && { since: { epoch: this.#epoch, version: since } }),
    };
    return { request, entries };
  }

  // What is to be asked for, in order. What is asked for goes to the end of the service's list: so must then all that has to stand
  // behind it.
  #due(): Entry[] {
    const due: Entry[] = [];
    const places = new Map([...this.#standing.keys()].map((key, place) => [key, place]));
    const before: Place[] = [];
    const patternsBefore: Place[] = [];
    for (const [key, entry] of this.#wanted) {
      const refused = this.#refused.get(key);
      if (refused && refused.wait === entry.wait && sameLane(refused, entry)) continue;
      const standing = this.#standing.get(key)?.entry;
      let place = standing && sameLane(standing, entry) ? places.get(key) ?? Infinity : Infinity;
      const behind = (other: Place): boolean => other.place >= place && !sameLane(other.entry, entry) && common(other.entry, entry);
      if ((isPlain(entry.text) ? patternsBefore : before).some(behind)) place = Infinity;
      if (place === Infinity) due.push(entry);
      before.push({ entry, place });
      if (!isPlain(entry.text)) patternsBefore.push({ entry, place });
    }
    return due;
  }

  // The first of these entries, as long as they belong into the same request and there is room for them.
  #fitting(entries: readonly Entry[], belongs: (entry: Entry) => boolean): Entry[] {
    const fitting: Entry[] = [];
    let room = this.#limits.requestBytes - kEnvelopeBytes;
    for (const entry of entries) {
      room -= new TextEncoder().encode(JSON.stringify(entry.text)).length + 1;
      if (!belongs(entry) || (fitting.length > 0 && (room < 0 || fitting.length >= this.#limits.entries))) break;
      fitting.push(entry);
    }
    return fitting;
  }

  #waits(entry: Entry): true | undefined {
    return entry.wait || this.#accepted.has(keyOf(entry)) || undefined;
  }

  // As of which version all that an entry matches is held; undefined: that can't be said.
  #since(entry: Entry): number | undefined {
    const own = this.#claims.get(keyOf(entry));
    if (own && sameLane(own.entry, entry)) return own.since;
    // Who holds nothing may say that it holds all as of the epoch's beginning.
    return entry.recent ? 0 : undefined;
  }

  #stand(entry: Entry, request: SubscribeRequest, resumed: boolean): void {
    const key = keyOf(entry);
    this.#end(key);
    this.#accepted.add(key);
    this.#claims.delete(key);
    if (!resumed) {
      for (const [other, claim] of this.#claims) if (common(claim.entry, entry)) this.#claims.delete(other);
      // Its snapshot leaves less than these held; they are to be asked for anew, behind it.
      for (const one of this.#standing.values()) if (common(one.entry, entry) && !covers(entry, one.entry)) one.whole = false;
    }
    const name = `${entry.channel} ${entry.lane?.name ?? ''}`;
    const stream = this.#streams.get(name) ?? { version: undefined, unserved: new Set() };
    this.#streams.set(name, stream);
    const standing: Standing = { entry, stream, awaited: entry.channel === 'ticker', whole: false };
    this.#standing.set(key, standing);
    // No frame of trades need follow where nothing was missed.
    if (entry.channel === 'trades' && resumed && stream.version === undefined) stream.version = request.since?.version;
    if (entry.channel === 'trades' && resumed && stream.version === request.since?.version) standing.whole = true;
    else stream.unserved.add(standing);
  }

  #end(key: string): void {
    const standing = this.#standing.get(key);
    if (!standing) return;
    this.#standing.delete(key);
    standing.stream.unserved.delete(standing);
    const left = [...this.#standing.values()].some((one) => one.stream === standing.stream);
    if (!left) for (const [name, stream] of this.#streams) if (stream === standing.stream) this.#streams.delete(name);
  }
}
