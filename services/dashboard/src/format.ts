// Numbers as traders read them. Prices keep the venue's digits; what is only for an impression is shortened.

import { formatDecimal } from 'ticker-web-client';

export const kNone = '–';

// What sorts and draws may lose digits beyond the fifteenth; what is shown as a price never goes through this.
export function approximate(decimal: string | null | undefined): number | undefined {
  return decimal === null || decimal === undefined ? undefined : Number(decimal);
}

const kUnits = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e4, 'K']] as const;

// Four digits or so: 1.234M, 12.35K; below ten thousand the venue's own.
export function shortened(decimal: string | null | undefined): string {
  const value = approximate(decimal);
  if (decimal === null || value === undefined) return kNone;
  for (const [size, name] of kUnits) {
    if (Math.abs(value) >= size) {
      const scaled = value / (name === 'K' ? 1e3 : size);
      return `${scaled.toFixed(Math.abs(scaled) >= 100 ? 1 : 2)}${name}`;
    }
  }
  return formatDecimal(decimal);
}

// Of a consolidated quote also whose it is.
export function sizeAt(size: string | null | undefined, venue: string | null | undefined): string {
  return venue ? `${formatDecimal(size)} · ${venue}` : formatDecimal(size);
}

export const percent = (decimal: string | null | undefined): string => formatDecimal(decimal, { places: 2, plus: true, none: kNone });

// The ask's distance from the bid in hundredths of a percent of their middle.
export function spreadBp(bid: string | null | undefined, ask: string | null | undefined): number | undefined {
  const [low, high] = [approximate(bid), approximate(ask)];
  if (low === undefined || high === undefined || low + high === 0) return undefined;
  return ((high - low) / ((high + low) / 2)) * 10_000;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export const milliseconds = (ms: number | undefined): string =>
  ms === undefined ? kNone : ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : duration(ms);

const kSizes = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']] as const;

export function bytes(value: number): string {
  const [size, name] = kSizes.find(([least]) => value >= least) ?? [1, 'B'];
  return `${size === 1 ? Math.round(value) : (value / size).toFixed(1)} ${name}`;
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

// Of the day, in the page's time zone; with thousandths where they are wanted.
export function timeOfDay(us: number, thousandths = false): string {
  const date = new Date(us / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return thousandths ? `${text}.${String(date.getMilliseconds()).padStart(3, '0')}` : text;
}
