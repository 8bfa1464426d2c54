/** Horizontal bars under a heading; longer is worse. */
export type Panel = Readonly<{
  title: string;
  bars: readonly Readonly<{ name: string; value: number; label: string; isOurs: boolean }>[];
}>;

const width = 800;
const nameWidth = 325;
const labelWidth = 90;
const mostWidth = width - nameWidth - labelWidth;
const rowHeight = 24;
const barHeight = 16;
const headHeight = 40;

/** A picture that is readable on light and on dark ground. */
export function drawPlot(title: string, panels: readonly Panel[], footer: string): string {
  const tops = panels.map((_, i) =>
    panels.slice(0, i).reduce((sum, panel) => sum + heightOf(panel), headHeight),
  );
  const bottom = panels.reduce((sum, panel) => sum + heightOf(panel), headHeight);
  const height = bottom + 28;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    '<style>',
    'text { font: 13px system-ui, sans-serif; fill: #1f2328 }',
    '.head { font-weight: 600 } .title { font-size: 16px; font-weight: 600 } .small { font-size: 11px; fill: #59636e }',
    '.bar { fill: #8c959f } .ours { fill: #0969da }',
    '@media (prefers-color-scheme: dark) {',
    'text { fill: #f0f6fc } .small { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #4493f8 }',
    '}',
    '</style>',
    `<text class="title" x="0" y="22">${escapeText(title)}</text>`,
    ...panels.flatMap((panel, i) => drawPanel(panel, tops[i]!)),
    `<text class="small" x="0" y="${bottom + 16}">${escapeText(footer)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function heightOf({ bars }: Panel): number {
  return headHeight + bars.length * rowHeight;
}

function drawPanel({ title, bars }: Panel, top: number): string[] {
  const most = Math.max(...bars.map(({ value }) => value));
  return [
    `<text class="head" x="0" y="${top + 24}">${escapeText(title)}</text>`,
    ...bars.flatMap(({ name, value, label, isOurs }, i) => {
      const y = top + headHeight - 4 + i * rowHeight;
      const length = most > 0 ? Math.max(1, (value / most) * mostWidth) : 1;
      const textY = y + barHeight - 4;
      return [
        `<text x="${nameWidth - 8}" y="${textY}" text-anchor="end">${escapeText(name)}</text>`,
        `<rect class="bar${isOurs ? ' ours' : ''}" x="${nameWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
        `<text x="${(nameWidth + length + 6).toFixed(1)}" y="${textY}">${escapeText(label)}</text>`,
      ];
    }),
  ];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter]!);
}
