// What Prometheus reads of the service, read by the page: the text form of its metrics.

type Labels = Readonly<Record<string, string>>;
interface Sample { readonly labels: Labels; readonly value: number }

const kLine = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const kLabel = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const kEscapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

const numberOf = (text: string): number => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

export class Metrics {
  readonly #samples = new Map<string, Sample[]>();

  // Lines that are none are passed over.
  constructor(text: string, readonly atMs: number) {
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = kLine.exec(line) ?? [];
      if (name === undefined || value === undefined || line.startsWith('#')) continue;
      const sample = {
        labels: Object.fromEntries([...labels.matchAll(kLabel)].map(([, key = '', quoted = '']) =>
          [key, quoted.replace(/\\(.)/g, (_, escaped: string) => kEscapes[escaped] ?? escaped)])),
        value: numberOf(value),
      };
      const others = this.#samples.get(name);
      if (others) others.push(sample);
      else this.#samples.set(name, [sample]);
    }
  }

  // Over all that have these labels; undefined: there is none.
  sum(name: string, where: Labels = {}): number | undefined {
    const found = this.#of(name, where);
    return found.length > 0 ? found.reduce((total, { value }) => total + value, 0) : undefined;
  }

  // The values of a label of those that are not 0, each once.
  labels(name: string, label: string): string[] {
    return [...new Set(this.#of(name, {}).flatMap(({ labels, value }) => (value !== 0 ? labels[label] ?? [] : [])))];
  }

  // Growth a second since an earlier reading; undefined: it can't be said, as after a restart.
  rate(name: string, before: Metrics | undefined, where: Labels = {}): number | undefined {
    const [now, then] = [this.sum(name, where), before?.sum(name, where)];
    const seconds = (this.atMs - (before?.atMs ?? this.atMs)) / 1000;
    return now === undefined || then === undefined || now < then || seconds <= 0 ? undefined : (now - then) / seconds;
  }

  // Below which that part of a histogram's values lies, of those since an earlier reading; undefined: there were none. It is the
  // upper end of its bucket: never less than the truth.
  quantile(name: string, part: number, before: Metrics | undefined, where: Labels = {}): number | undefined {
    const buckets = this.#of(`${name}_bucket`, where).map(({ labels, value }) => {
      const le = labels['le'] ?? '';
      return { upTo: numberOf(le), count: value - (before?.sum(`${name}_bucket`, { ...where, le }) ?? 0) };
    }).sort((a, b) => a.upTo - b.upTo);
    const all = buckets.at(-1)?.count ?? 0;
    return all > 0 ? buckets.find(({ count }) => count >= all * part)?.upTo : undefined;
  }

  #of(name: string, where: Labels): Sample[] {
    const entries = Object.entries(where);
    return (this.#samples.get(name) ?? []).filter(({ labels }) => entries.every(([key, value]) => labels[key] === value));
  }
}
