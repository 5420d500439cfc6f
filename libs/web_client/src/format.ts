// Exact work on decimals, which are texts: to show, compare and round them without going through binary floating point.

interface Scaled { readonly units: bigint; readonly scale: number }

function scaled(decimal: string): Scaled {
  const point = decimal.indexOf('.');
  return point < 0 ? { units: BigInt(decimal), scale: 0 }
    : { units: BigInt(decimal.slice(0, point) + decimal.slice(point + 1)), scale: decimal.length - point - 1 };
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

// Less than, equal to or greater than 0, as `a` is to `b`: for sorting, and for the direction of a change.
export function compareDecimals(a: string, b: string): number {
  const left = scaled(a);
  const right = scaled(b);
  const scale = Math.max(left.scale, right.scale);
  const difference = left.units * power(scale - left.scale) - right.units * power(scale - right.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

// With just so many digits behind the point; half a unit goes to the even one, as with the service's own percentages.
export function roundDecimal(decimal: string, places: number): string {
  const { units, scale } = scaled(decimal);
  const magnitude = units < 0n ? -units : units;
  let kept = magnitude * power(Math.max(0, places - scale));
  if (places < scale) {
    const unit = power(scale - places);
    kept = magnitude / unit;
    const twice = (magnitude % unit) * 2n;
    if (twice > unit || (twice === unit && kept % 2n === 1n)) kept += 1n;
  }
  const digits = kept.toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return (units < 0n && kept !== 0n ? '-' : '') + (places === 0 ? whole : `${whole}.${digits.slice(-places)}`);
}

export interface FormatOptions {
  // Digits behind the point; default: as the venue sent them.
  readonly places?: number;
  // Between thousands (default `,`) and before the fraction (default `.`).
  readonly group?: string;
  readonly point?: string;
  // A `+` before what is greater than 0; default false.
  readonly plus?: boolean;
  // What stands for a value that there is not; default `–`.
  readonly none?: string;
}

export function formatDecimal(decimal: string | null | undefined, options: FormatOptions = {}): string {
  const { places, group = ',', point = '.', plus = false, none = '–' } = options;
  if (decimal === null || decimal === undefined) return none;
  const text = places === undefined ? decimal : roundDecimal(decimal, places);
  const [, sign = '', whole = '', fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, () => group);
  const lead = plus && sign === '' && /[1-9]/.test(text) ? '+' : sign;
  return lead + grouped + (fraction === undefined ? '' : point + fraction);
}
