import { createChart, type Chart, type Line } from './chart.ts';
import { findBusiest, type HistoryStore } from './history-store.ts';
import { hooks } from './hooks.ts';
import { mostLines, readLook, type Look } from './look.ts';
import type { Lines } from './messages.ts';
import { createNumbers, type Numbers } from './numbers.ts';

/** The charts of the page. */
export type Charts = Readonly<{
  /** Draws in the places that there are now: those of balancers, and those of members that are unfolded. */
  refresh(): void;
  /** After another point. */
  advance(): void;
  /** Whose time of day it is on the axis. */
  setZone(zone: string): void;
}>;

type Drawn = {
  readonly chart: Chart;
  readonly numbers: Numbers | undefined;
  readonly balancer: string;
  readonly member: string | undefined;
  readonly measure: 'rate' | 'p95';
  isVisible: boolean;
};

/** The busiest are those of the last minute, and chosen anew as often. */
const busyPoints = 30;

/** Charts of what a store knows. */
export function createCharts(root: Element, store: HistoryStore): Charts {
  const charts = new Map<Element, Drawn>();
  const busiest = new Map<string, readonly string[]>();
  const chosen = new Map<string, readonly string[]>();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let look: Look = readLook(dark.matches);
  let zone: string | undefined;
  let points = 0;

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) charts.get(target)?.chart.resize();
  });
  const views = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const drawn = charts.get(target);
      if (!drawn) continue;
      drawn.isVisible = isIntersecting;
      if (isIntersecting) draw(drawn);
    }
  });

  function refresh(): void {
    for (const [place, drawn] of charts) if (!isWanted(place)) destroy(place, drawn);
    for (const place of root.querySelectorAll(hooks.chart))
      if (!charts.has(place) && isWanted(place)) create(place);
  }

  function create(place: Element): void {
    const balancer = place.getAttribute('data-chart')!;
    const member = place.getAttribute('data-chart-member') ?? undefined;
    const measure = place.getAttribute('data-measure') === 'rate' ? 'rate' : 'p95';
    const label = `${measure === 'rate' ? 'Requests a second' : 'Response time'} of ${member ?? balancer}`;
    const print = measure === 'rate' ? printRate : printMs;
    const numbers =
      member === undefined
        ? createNumbers(place, label, print, (names) => {
            if (names === undefined) chosen.delete(balancer);
            else chosen.set(balancer, names);
            drawAll();
          })
        : undefined;
    const chart = createChart(place, member === undefined ? 150 : 120, label, print, numbers?.element);
    const drawn: Drawn = { chart, numbers, balancer, member, measure, isVisible: false };
    charts.set(place, drawn);
    sizes.observe(place);
    // It is drawn when it comes into view.
    views.observe(place);
  }

  function destroy(place: Element, { chart, numbers }: Drawn): void {
    sizes.unobserve(place);
    views.unobserve(place);
    chart.destroy();
    numbers?.destroy();
    charts.delete(place);
  }

  function drawAll(): void {
    for (const drawn of charts.values()) if (drawn.isVisible) draw(drawn);
  }

  function draw({ chart, numbers, balancer, member, measure }: Drawn): void {
    const members = store.membersOf(balancer);
    const at = store.at();
    if (at.length === 0) return;
    if (member !== undefined) {
      chart.draw({ at, lines: describeMember(members.get(member), measure, look), look, zone });
      return;
    }
    const names = whoIsDrawn(balancer, members);
    const lines = names.map((name, i): Line => {
      return { name, stroke: look.strokes[i]!, values: members.get(name)![measure] };
    });
    chart.draw({ at, lines, look, zone });
    const all = [...members].map(([name, each]) => ({ name, values: each[measure] }));
    numbers?.show(all, names);
  }

  function whoIsDrawn(balancer: string, members: ReadonlyMap<string, Lines>): readonly string[] {
    if (members.size <= mostLines) return [...members.keys()];
    const names = chosen.get(balancer) ?? busiest.get(balancer) ?? [];
    const there = names.filter((name) => members.has(name));
    if (there.length > 0 || chosen.has(balancer)) return there;
    const found = findBusiest(members, mostLines, busyPoints);
    busiest.set(balancer, found);
    return found;
  }

  dark.addEventListener('change', () => {
    look = readLook(dark.matches);
    drawAll();
  });
  // Toggles do not bubble.
  root.addEventListener('toggle', refresh, true);
  return {
    refresh,
    advance() {
      points += 1;
      if (points % busyPoints === 0) busiest.clear();
      if (!calm.matches || points % 5 === 0) drawAll();
    },
    setZone(name) {
      zone = name;
    },
  };
}

function isWanted(place: Element): boolean {
  if (!place.isConnected) return false;
  if (!place.hasAttribute('data-chart-member')) return true;
  return place.closest(hooks.member)?.querySelector<HTMLDetailsElement>(hooks.details)?.open === true;
}

function describeMember(lines: Lines | undefined, measure: 'rate' | 'p95', look: Look): readonly Line[] {
  if (!lines) return [];
  const names = measure === 'rate' ? (['rate'] as const) : (['p95', 'p50'] as const);
  return names.map((name, i) => ({ name, stroke: look.strokes[i]!, values: lines[name] }));
}

function printRate(value: number | null): string {
  if (value === null) return '–';
  return value < 9.95 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}

function printMs(value: number | null): string {
  if (value === null) return '–';
  if (value < 99.95) return `${Math.round(value * 10) / 10} ms`;
  return value < 999.5 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
