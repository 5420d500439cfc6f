// Made from proto/schemas/common.json by scripts/generate.mjs: change that, then `npm run generate`.

// What an instrument can have, in the order of the service.
export const kFields = [
  'bid',
  'bid_size',
  'ask',
  'ask_size',
  'last',
  'last_size',
  'open_24h',
  'high_24h',
  'low_24h',
  'volume_24h',
  'quote_volume_24h',
  'change_24h',
  'change_percent_24h',
  'vwap_24h',
  'last_side',
  'bid_venue',
  'ask_venue',
  'stale',
  'exchange_time_us',
  'receive_time_us',
  'ticks',
] as const;

export type Field = (typeof kFields)[number];

// What is held of an instrument. Numbers are texts, exact; null: the value ceased to exist; absent: the venue never gave it,
// or nobody asked for it.
export interface Quote {
  readonly bid?: string | null;
  readonly bid_size?: string | null;
  readonly ask?: string | null;
  readonly ask_size?: string | null;
  readonly last?: string | null;
  readonly last_size?: string | null;
  readonly open_24h?: string | null;
  readonly high_24h?: string | null;
  readonly low_24h?: string | null;
  readonly volume_24h?: string | null;
  readonly quote_volume_24h?: string | null;
  readonly change_24h?: string | null;
  readonly change_percent_24h?: string | null;
  readonly vwap_24h?: string | null;
  readonly last_side?: 'buy' | 'sell' | null;
  readonly bid_venue?: string | null;
  readonly ask_venue?: string | null;
  readonly stale?: boolean;
  readonly exchange_time_us?: number | null;
  readonly receive_time_us?: number;
  readonly ticks?: number;
}
