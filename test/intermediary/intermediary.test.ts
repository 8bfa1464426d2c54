import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { senders, startFront } from '../support/front.ts';
import { tidyUp } from '../support/idle.ts';
import { RawClient } from '../support/raw-client.ts';
import { startRawMember, type Talk } from './raw-member.ts';
import type { Row, Stage, Table } from './row.ts';
import { tables } from './tables.ts';

afterEach(tidyUp);

/** What RFC 9110 and 9112 ask of an intermediary, row by row: `9110 7.6.1: a field that … (MUST)`. */
describe('as an HTTP intermediary', () => {
  describe.each(senders)('carried by %s', (carrier, carried) => {
    const stage: Stage = {
      carrier,
      async open(talk, definition = {}) {
        const say: Talk = typeof talk === 'string' ? (socket) => socket.write(talk, 'latin1') : talk;
        const member = await startRawMember(say);
        const front = await startFront({ members: [member.url], ...carried, ...definition });
        return { member, front, client: await RawClient.connect(front.port) };
      },
    };
    for (const table of tables) {
      describe(titleOf(table), () => {
        for (const row of table.rows) {
          if (!('check' in row)) continue;
          const but = row.but === undefined ? '' : ` – but ${row.but}`;
          test(nameOf(table, row) + but, () => row.check(stage));
        }
      });
    }
  });

  describe('where another test proves it', () => {
    for (const { table, row } of listRows()) {
      if (!('provenBy' in row)) continue;
      test(`${nameOf(table, row)} is proven by ${row.provenBy}`, () => {
        const [file = '', name = ''] = row.provenBy.split(' › ');
        expect(existsSync(file)).toBe(true);
        expect(name).not.toBe('');
        expect(readFileSync(file, 'utf8')).toContain(name);
      });
    }
  });

  describe('where it is not ours', () => {
    for (const { table, row } of listRows()) {
      if (!('notOurs' in row)) continue;
      test(`${nameOf(table, row)}: ${row.notOurs}`, () => {
        expect(row.notOurs).toMatch(/^\S.{20,}$/s);
      });
    }
  });
});

describe('the table', () => {
  test('says nothing twice', () => {
    const names = listRows().map(({ table, row }) => nameOf(table, row));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test.each([
    [9110, ['7.6', '7.6.1', '7.6.2', '7.6.3', '7.7', '7.8', '10', '15']],
    [9112, ['2', '3', '6', '7', '8', '9']],
  ] as const)('has rows for each section of RFC %d that binds an intermediary', (rfc, sections) => {
    const there = listRows().filter(({ table }) => table.rfc === rfc);
    const missing = sections.filter(
      (section) => !there.some(({ row }) => row.section === section || row.section.startsWith(`${section}.`)),
    );
    expect(missing).toEqual([]);
  });

  test('has a check or a proof for most of them', () => {
    const rows = listRows();
    const reasons = rows.filter(({ row }) => 'notOurs' in row);
    expect(reasons.length).toBeLessThan(rows.length / 5);
  });
});

function listRows(): readonly Readonly<{ table: Table; row: Row }>[] {
  return tables.flatMap((table) => table.rows.map((row) => ({ table, row })));
}

function titleOf({ rfc, title }: Table): string {
  return `RFC ${rfc}, ${title}`;
}

function nameOf({ rfc }: Table, { section, words, level }: Row): string {
  return `${rfc} ${section}: ${words} (${level})`;
}
