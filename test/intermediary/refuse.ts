import { expect } from '@jest/globals';
import { valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, type Stage } from './row.ts';

/** Node refuses these before there is a request. */
export async function refuse({ open }: Stage, bytes: string): Promise<void> {
  const { client, member } = await open(answer());
  const { status, headers } = await client.write(bytes).readAnswer();
  expect([bytes, status, valuesOf(headers, 'connection')]).toEqual([bytes, 400, ['close']]);
  await client.readRest();
  expect(member.requests).toEqual([]);
}

/** The member says this, and the client hears 502 of it. */
export async function hear502({ open }: Stage, bytes: string): Promise<void> {
  const { client } = await open(bytes);
  expect([bytes, (await client.ask(ask('GET /'))).status]).toEqual([bytes, 502]);
}
