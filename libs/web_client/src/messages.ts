// What comes over the wire and goes out on it. The contract is proto/; unknown types and members are let be.

import type { ErrorCode } from './codes.js';
import type { Field, Quote } from './fields.js';

export type Channel = 'ticker' | 'trades' | 'status';
export type FeedState = 'connecting' | 'live' | 'stale' | 'down';

export interface Limits { readonly request_bytes?: number; readonly entries?: number; readonly lanes?: number }
export interface Hello {
  readonly type: 'hello'; readonly protocol: string; readonly epoch: string; readonly time_us: number;
  readonly heartbeat_ms: number; readonly auth: string; readonly limits: Limits; readonly replay?: true;
}
export interface Rejected { readonly symbol: string; readonly code: ErrorCode }
export interface Subscribed {
  readonly type: 'subscribed'; readonly id?: number | string; readonly channel: Channel; readonly lane?: string;
  readonly epoch: string; readonly version: number; readonly resumed: boolean; readonly fields?: readonly Field[];
  readonly interval_ms?: number; readonly symbols: readonly string[]; readonly count: number;
  readonly rejected: readonly Rejected[];
}
export interface Unsubscribed { readonly type: 'unsubscribed'; readonly id?: number | string; readonly count: number }
export interface Authenticated { readonly type: 'authenticated'; readonly id?: number | string }
export interface Pong { readonly type: 'pong'; readonly id?: number | string; readonly time_us: number }
export interface RequestError {
  readonly type: 'error'; readonly id?: number | string; readonly code: ErrorCode; readonly message: string;
}
export interface Entry extends Quote { readonly symbol: string; readonly new?: true; readonly removed?: true }
export interface EntryFrame {
  readonly type: 'snapshot' | 'delta'; readonly lane: string; readonly version?: number; readonly more?: true;
  readonly data: readonly Entry[];
}
export interface Trade {
  readonly symbol: string; readonly seq: number; readonly id: string; readonly price: string; readonly size: string;
  readonly side: 'buy' | 'sell'; readonly exchange_time_us: number | null;
}
export interface TradesFrame {
  readonly type: 'trades'; readonly version?: number; readonly more?: true; readonly data: readonly Trade[];
}
export interface Gap {
  readonly type: 'gap'; readonly channel: 'trades'; readonly symbol: string; readonly from_seq: number;
  readonly missed: number | null; readonly source: 'client' | 'venue';
}
export interface Status {
  readonly type: 'status'; readonly feed: string; readonly state: FeedState; readonly since_us: number;
  readonly reason: string;
}
export interface Epoch { readonly type: 'epoch'; readonly epoch: string }
export interface Heartbeat { readonly type: 'heartbeat'; readonly time_us: number }
export interface AuthExpiring { readonly type: 'auth_expiring'; readonly expires_in_ms: number }
export interface Goodbye { readonly type: 'goodbye'; readonly reason: string; readonly reconnect_in_ms: number }
export interface Replaying {
  readonly type: 'replaying'; readonly id?: number | string; readonly epoch: string; readonly recording: string;
  readonly from_us: number; readonly to_us: number | null; readonly speed: Speed;
}
export interface ReplayState {
  readonly type: 'replay'; readonly state: 'playing' | 'paused' | 'ended'; readonly position_us: number; readonly reason?: string;
}

export type Message =
  | Hello | Subscribed | Unsubscribed | Authenticated | Pong | RequestError | EntryFrame | TradesFrame | Gap | Status | Epoch
  | Heartbeat | AuthExpiring | Goodbye | Replaying | ReplayState;

// `version` stays below 2^53 in any epoch that lasts less than 285 years, so a number holds it.
export interface Since { readonly epoch: string; readonly version: number }
export interface SubscribeRequest {
  readonly op: 'subscribe'; readonly channel: Channel; readonly symbols: readonly string[]; readonly wait?: true;
  readonly lane?: string; readonly fields?: readonly Field[]; readonly interval_ms?: number;
  readonly max_kbit_per_s?: number; readonly since?: Since;
}
export interface UnsubscribeRequest {
  readonly op: 'unsubscribe'; readonly channel: Channel; readonly symbols: readonly string[];
}
export interface AuthRequest { readonly op: 'auth'; readonly token: string }
export interface PingRequest { readonly op: 'ping' }
export type Speed = number | 'max';
export type ReplayRequest =
  | { readonly op: 'replay'; readonly recording: string; readonly from_us?: number; readonly to_us?: number; readonly speed?: Speed }
  | { readonly op: 'replay_control'; readonly action: 'pause' | 'resume' | 'stop' }
  | { readonly op: 'replay_control'; readonly action: 'seek'; readonly to_us: number }
  | { readonly op: 'replay_control'; readonly action: 'speed'; readonly speed: Speed };
export type Request = SubscribeRequest | UnsubscribeRequest | AuthRequest | PingRequest | ReplayRequest;

type Shape = 'string' | 'number' | 'boolean' | 'object' | 'texts' | 'named';

// The members that each message can't be without; 'named': a list of objects that have a symbol.
const kShapes: { readonly [T in Message['type']]: Readonly<Record<string, Shape>> } = {
  hello: { protocol: 'string', epoch: 'string', heartbeat_ms: 'number', auth: 'string', limits: 'object' },
  subscribed: { channel: 'string', epoch: 'string', version: 'number', resumed: 'boolean', symbols: 'texts', rejected: 'named' },
  unsubscribed: { count: 'number' },
  authenticated: {},
  pong: { time_us: 'number' },
  error: { code: 'string', message: 'string' },
  snapshot: { lane: 'string', data: 'named' },
  delta: { lane: 'string', data: 'named' },
  trades: { data: 'named' },
  gap: { symbol: 'string', from_seq: 'number', source: 'string' },
  status: { feed: 'string', state: 'string', since_us: 'number', reason: 'string' },
  epoch: { epoch: 'string' },
  heartbeat: {},
  auth_expiring: { expires_in_ms: 'number' },
  goodbye: { reason: 'string', reconnect_in_ms: 'number' },
  replaying: { epoch: 'string', recording: 'string', from_us: 'number' },
  replay: { state: 'string', position_us: 'number' },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function has(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case 'object': return isObject(value);
    case 'texts': return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'named': return Array.isArray(value) && value.every((item) => isObject(item) && typeof item['symbol'] === 'string');
    default: return typeof value === shape;
  }
}

// undefined: of a type that is not known here, which a newer service may send. Throws a SyntaxError: not a message.
export function parse(text: string): Message | undefined {
  const message: unknown = JSON.parse(text);
  if (!isObject(message) || typeof message['type'] !== 'string') throw new SyntaxError('a message is an object with a type');
  const type = message['type'];
  if (!Object.hasOwn(kShapes, type)) return undefined;
  for (const [member, shape] of Object.entries(kShapes[type as Message['type']])) {
    if (!has(message[member], shape)) throw new SyntaxError(`message ${type}: ${member} is not what it should be`);
  }
  return message as unknown as Message;
}
