// What can be shown of an instrument: one row a column, in the order of the grid.

import { formatDecimal, type Field } from 'ticker-web-client';
import { kNone, percent, shortened, spreadBp, approximate } from '../format.js';
import type { Moving, Row } from './row.js';

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  // What it is made of, to be asked for while it is shown.
  readonly fields: readonly Field[];
  // Compared to see a change, and what sorts and filters work on if it is a number. Texts of numbers are compared as numbers.
  readonly value: (row: Row) => string | number | undefined;
  readonly text: (row: Row) => string;
  readonly kind: 'text' | 'number';
  readonly width: number;
  // Where it is shown until the user chooses.
  readonly from: 'phone' | 'desktop' | 'choice';
  readonly moves?: Moving; // coloured by where it went, and flashes
  readonly signed?: true; // coloured by the sign that its text begins with
}

type DecimalField = Exclude<Field, 'stale' | 'last_side' | 'bid_venue' | 'ask_venue' | 'exchange_time_us' | 'receive_time_us' | 'ticks'>;
type Look = Pick<Column, 'title' | 'meaning' | 'width' | 'from'> & Partial<Pick<Column, 'moves' | 'signed'>>;

function decimal(field: DecimalField, format: (decimal: string | null | undefined) => string, look: Look): Column {
  return {
    id: field, fields: [field], kind: 'number', ...look,
    value: ({ quote }) => quote[field] ?? undefined, text: ({ quote }) => format(quote[field]),
  };
}

const price = (field: DecimalField, look: Look): Column => decimal(field, formatDecimal, look);
const amount = (field: DecimalField, look: Look): Column => decimal(field, shortened, look);

export const kColumns: readonly Column[] = [
  amount('bid_size', { title: 'Bid size', meaning: 'What is bid for at the best price', width: 84, from: 'desktop' }),
  price('bid', { title: 'Bid', meaning: 'The best price that is bid', width: 100, from: 'phone', moves: 'bid' }),
  price('ask', { title: 'Ask', meaning: 'The best price that is asked', width: 100, from: 'phone', moves: 'ask' }),
  amount('ask_size', { title: 'Ask size', meaning: 'What is asked for at the best price', width: 84, from: 'desktop' }),
  price('last', { title: 'Last', meaning: 'The price of the last trade', width: 100, from: 'desktop', moves: 'last' }),
  amount('last_size', { title: 'Last size', meaning: 'The size of the last trade', width: 84, from: 'choice' }),
  {
    id: 'last_side', title: 'Side', meaning: 'What the taker of the last trade did', fields: ['last_side'], kind: 'text', width: 60,
    from: 'choice', value: ({ quote }) => quote.last_side ?? undefined, text: ({ quote }) => quote.last_side ?? kNone,
  },
  decimal('change_percent_24h', percent,
    { title: '24 h %', meaning: 'Change over 24 hours, in percent', width: 78, from: 'phone', signed: true }),
  {
    id: 'spread', title: 'Spread', meaning: 'From bid to ask, in hundredths of a percent', fields: ['bid', 'ask'], kind: 'number',
    width: 74, from: 'desktop', value: ({ quote }) => spreadBp(quote.bid, quote.ask),
    text: ({ quote }) => spreadBp(quote.bid, quote.ask)?.toFixed(2) ?? kNone,
  },
  decimal('change_24h', (change) => formatDecimal(change, { plus: true }),
    { title: '24 h change', meaning: 'Change over 24 hours', width: 96, from: 'choice', signed: true }),
  price('open_24h', { title: 'Open', meaning: 'The price 24 hours ago', width: 100, from: 'choice' }),
  price('high_24h', { title: 'High', meaning: 'The highest price in 24 hours', width: 100, from: 'desktop' }),
  price('low_24h', { title: 'Low', meaning: 'The lowest price in 24 hours', width: 100, from: 'desktop' }),
  amount('volume_24h', { title: 'Volume', meaning: 'Traded in 24 hours', width: 84, from: 'desktop' }),
  amount('quote_volume_24h', { title: 'Turnover', meaning: 'Traded in 24 hours, in the quote currency', width: 84, from: 'choice' }),
  price('vwap_24h', { title: 'VWAP', meaning: 'Average price of 24 hours, weighted by volume', width: 100, from: 'choice' }),
  {
    id: 'ticks', title: 'Ticks', meaning: 'Messages of the venue that changed it', fields: ['ticks'], kind: 'number', width: 84,
    from: 'choice', value: ({ quote }) => quote.ticks, text: ({ quote }) => quote.ticks?.toLocaleString('en-US') ?? kNone,
  },
];

// Always asked for: what latency and age are told from.
const kAlways: readonly Field[] = ['exchange_time_us', 'receive_time_us'];

export function fieldsOf(shown: ReadonlySet<string>): Field[] {
  return [...new Set([...kAlways, ...kColumns.filter(({ id }) => shown.has(id)).flatMap(({ fields }) => fields)])].sort();
}

// Nothing is less than anything, whichever way it is sorted.
export function compareValues(a: string | number | undefined, b: string | number | undefined, descending: boolean): number {
  if (a === undefined || b === undefined) return a === b ? 0 : (a === undefined) !== descending ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [approximate(String(a)), approximate(String(b))];
  return Number.isNaN(left) || Number.isNaN(right) ? (a < b ? -1 : Number(a > b)) : (left ?? 0) - (right ?? 0);
}
