import uPlot from './uplot.js';
import { make } from './html.ts';
import type { Look, Stroke } from './look.ts';

/** One line of a chart. */
export type Line = Readonly<{ name: string; stroke: Stroke; values: readonly (number | null)[] }>;

/** What a chart shows. `at`: milliseconds since 1970. */
export type Drawing = Readonly<{
  at: readonly number[];
  lines: readonly Line[];
  look: Look;
  zone: string | undefined;
}>;

/** A chart in its place. */
export type Chart = Readonly<{ draw(drawing: Drawing): void; resize(): void; destroy(): void }>;

/** What the time axis shows, in seconds: as much as is remembered. */
const spanS = 300;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** `height`: of the drawing, in pixels. `print`: a value in words. `before`: what stands below it in its place. */
export function createChart(
  place: Element,
  height: number,
  label: string,
  print: (value: number | null) => string,
  before: Element | undefined,
): Chart {
  const canvas = make('div', 'canvas');
  // What it shows stands in the figures below it, and in the table.
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const legend = make('ul', 'legend');
  legend.setAttribute('aria-label', `Lines of ${label}`);
  for (const piece of [canvas, legend]) place.insertBefore(piece, before ?? null);
  let plot: uPlot | undefined;
  let drawn: Drawing | undefined;
  let values: Element[] = [];

  function draw(drawing: Drawing): void {
    const isSame = drawn !== undefined && isSameLook(drawn, drawing);
    drawn = drawing;
    const data = toData(drawing);
    if (plot && isSame) plot.setData(data);
    else rebuild(drawing, data);
    showValues();
  }

  function rebuild(drawing: Drawing, data: uPlot.AlignedData): void {
    plot?.destroy();
    values = drawing.lines.map(({ name, stroke }) => addToLegend(name, stroke));
    legend.replaceChildren(...values.map((value) => value.parentElement!));
    plot = new uPlot(describePlot(drawing, measure(), height, print, showValues), data, canvas);
  }

  /** Those under the pointer, else the newest. */
  function showValues(): void {
    if (!drawn) return;
    const index = plot?.cursor.idx ?? drawn.at.length - 1;
    drawn.lines.forEach(({ values: line }, i) => {
      const text = print(line[index] ?? null);
      const value = values[i];
      if (value && value.textContent !== text) value.textContent = text;
    });
  }

  function measure(): number {
    return Math.max(160, Math.floor(canvas.clientWidth));
  }

  return {
    draw,
    resize() {
      if (plot && plot.width !== measure()) plot.setSize({ width: measure(), height });
    },
    destroy() {
      plot?.destroy();
      plot = undefined;
      canvas.remove();
      legend.remove();
    },
  };
}

/** Returns the place of its value. */
function addToLegend(name: string, { colour, dash }: Stroke): Element {
  const item = make('li');
  const sign = document.createElementNS(svgNamespace, 'svg');
  const line = document.createElementNS(svgNamespace, 'line');
  const attributes = { width: '28', height: '8', 'aria-hidden': 'true' };
  for (const [attribute, value] of Object.entries(attributes)) sign.setAttribute(attribute, value);
  const strokes = { x1: '0', x2: '28', y1: '4', y2: '4', stroke: colour, 'stroke-width': '2' };
  for (const [attribute, value] of Object.entries(strokes)) line.setAttribute(attribute, value);
  if (dash.length > 0) line.setAttribute('stroke-dasharray', dash.join(' '));
  sign.append(line);
  const value = make('span', 'value');
  item.append(sign, make('bdi', '', name), value);
  return value;
}

function isSameLook(a: Drawing, b: Drawing): boolean {
  return (
    a.look === b.look &&
    a.zone === b.zone &&
    a.lines.length === b.lines.length &&
    a.lines.every(({ name }, i) => name === b.lines[i]!.name)
  );
}

function toData({ at, lines }: Drawing): uPlot.AlignedData {
  return [at.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])];
}

function describePlot(
  { lines, look, zone }: Drawing,
  width: number,
  height: number,
  print: (value: number | null) => string,
  onCursor: () => void,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: look.text,
    font: look.font,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    ...(zone !== undefined && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), zone) }),
    scales: {
      // As wide at the beginning as later: what is drawn wanders in from the right.
      x: { range: (_plot, _first, last) => [last - spanS, last] },
      y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] },
    },
    axes: [
      { ...axis, size: 24, incrs: [60], values: '{HH}:{mm}' },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((split) => print(split)) },
    ],
    series: [
      {},
      ...lines.map(({ name, stroke }) => ({
        label: name,
        stroke: stroke.colour,
        dash: [...stroke.dash],
        width: 1.5,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [onCursor] },
  };
}
