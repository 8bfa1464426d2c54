import { Agent } from 'node:http';
import { ask, type Asked, type Told } from './ask.ts';

/** Asks as often, so many at a time, on connections that are kept; tells the answers in the order in which they came. */
export async function askMany(
  port: number,
  count: number,
  parallel: number,
  asked: Asked | ((index: number) => Asked) = {},
): Promise<readonly Told[]> {
  const agent = new Agent({ keepAlive: true });
  const told: Told[] = [];
  let begun = 0;
  async function work(): Promise<void> {
    while (begun < count) {
      const index = begun++;
      told.push(await ask(port, { agent, ...(typeof asked === 'function' ? asked(index) : asked) }));
    }
  }
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } finally {
    agent.destroy();
  }
  return told;
}

/** How many of the answers were each text. */
export function tally(told: readonly Told[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { text } of told) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

/** Asks as often, one after the other; tells the texts with blanks between them. */
export async function askInTurn(port: number, count: number, asked: Asked = {}): Promise<string> {
  const told = await askMany(port, count, 1, asked);
  return told.map(({ text }) => text).join(' ');
}
