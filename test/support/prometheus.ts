/** One series: its name, its labels, its number. */
export type Series = Readonly<{ name: string; labels: Readonly<Record<string, string>>; value: number }>;

/** One metric with all its series. */
export type MetricFamily = Readonly<{ name: string; help: string; type: string; series: readonly Series[] }>;

/** Which of the two formats a text is to be in. */
export type Format = 'prometheus' | 'openmetrics';

/**
 * Reads what a server of metrics answers, and throws for everything that is not exactly as the format has it, or that
 * Prometheus would refuse: https://prometheus.io/docs/instrumenting/exposition_formats/, OpenMetrics 1.0.
 */
export function readExposition(
  text: string,
  format: Format = 'prometheus',
): ReadonlyMap<string, MetricFamily> {
  const lines = readLines(text, format);
  const families = new Map<string, MetricFamily>();
  const known = new Set<string>();
  for (let i = 0; i < lines.length;) {
    if (lines[i] === '' && format === 'prometheus') {
      i += 1;
      continue;
    }
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(lines[i]!);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(lines[i + 1] ?? '');
    if (!help || !type || help[1] !== type[1])
      throw new Error(`no HELP and TYPE of one metric: ${lines[i]!}`);
    const name = help[1]!;
    if (families.has(name)) throw new Error(`${name} comes twice`);
    if (!isEscaped(help[2]!, format === 'prometheus' ? '\\n' : '\\n"')) throw new Error(`HELP of ${name}`);
    const series: Series[] = [];
    for (i += 2; i < lines.length && lines[i] !== '' && !lines[i]!.startsWith('#'); i += 1) {
      const one = readSeries(lines[i]!);
      const key = JSON.stringify([one.name, Object.entries(one.labels).toSorted()]);
      if (known.has(key)) throw new Error(`${lines[i]!} comes twice`);
      known.add(key);
      series.push(one);
    }
    const family = { name, help: help[2]!, type: type[2]!, series };
    checkFamily(family, format);
    families.set(name, family);
  }
  return families;
}

function readLines(text: string, format: Format): readonly string[] {
  const end = format === 'openmetrics' ? '\n# EOF\n' : '\n';
  if (!text.endsWith(end)) throw new Error(`it does not end in ${JSON.stringify(end)}`);
  const lines = text.slice(0, -end.length).split('\n');
  if (lines.includes('# EOF')) throw new Error('EOF before the end');
  return lines;
}

/** Whether each backslash stands before one of these, or another one. */
function isEscaped(text: string, letters: string): boolean {
  const rest = text.replaceAll('\\\\', '').replaceAll(new RegExp(`\\\\[${letters}]`, 'g'), '');
  return !rest.includes('\\') && (!letters.includes('"') || !rest.includes('"'));
}

const number = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

function readSeries(line: string): Series {
  const [, name, text, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || !number.test(value!)) throw new Error(`no series: ${line}`);
  const labels: Record<string, string> = {};
  let rest = text ?? '';
  while (rest !== '') {
    const [whole, label, quoted] = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\n"])*)"(?:,(?=.)|$)/.exec(rest) ?? [];
    if (whole === undefined || label! in labels) throw new Error(`no labels: ${line}`);
    labels[label!] = quoted!.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(value!.replace('Inf', 'Infinity')) };
}

function checkFamily({ name, type, series }: MetricFamily, format: Format): void {
  const isShort = format === 'openmetrics' && type === 'counter';
  if (name.endsWith('_total') !== (type === 'counter' && !isShort)) throw new Error(`${type} ${name}`);
  const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [isShort ? '_total' : ''];
  for (const one of series) {
    if (!suffixes.some((suffix) => one.name === `${name}${suffix}`))
      throw new Error(`${one.name} in ${name}`);
    if (type !== 'gauge' && !(one.value >= 0 && Number.isFinite(one.value))) {
      throw new Error(`${one.name} is ${one.value}`);
    }
  }
  if (type === 'histogram') checkHistogram(name, series);
}

function checkHistogram(name: string, series: readonly Series[]): void {
  const groups = Map.groupBy(series, ({ labels: { le: _le, ...labels } }) => JSON.stringify(labels));
  for (const [labels, group] of groups) {
    const of = (suffix: string): readonly Series[] => group.filter((one) => one.name === `${name}${suffix}`);
    const buckets = of('_bucket');
    const bounds = buckets.map(({ labels: { le } }) => Number(le!.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const isSorted = (list: readonly number[], mayRepeat: boolean): boolean =>
      list.every((each, i) => i === 0 || each > list[i - 1]! || (mayRepeat && each === list[i - 1]));
    const isWhole =
      isSorted(bounds, false) &&
      isSorted(counts, true) &&
      bounds.at(-1) === Infinity &&
      of('_sum').length === 1 &&
      of('_count').length === 1 &&
      of('_count')[0]!.value === counts.at(-1);
    if (!isWhole) throw new Error(`${name} of ${labels} is no histogram`);
  }
}

/** The numbers of one metric, under what its labels say: `{ 'app1 2xx': 3 }`; `''` where it has none. */
export function tabulate(
  families: ReadonlyMap<string, MetricFamily>,
  name: string,
  labels: readonly string[],
): Readonly<Record<string, number>> {
  const family = families.get(name);
  if (!family) throw new Error(`there is no ${name}`);
  return Object.fromEntries(
    family.series.map((one) => [labels.map((label) => one.labels[label]).join(' '), one.value]),
  );
}
