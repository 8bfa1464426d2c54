import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { answer, ask, type Table } from './row.ts';

const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const upgrading = ['Connection: Upgrade', 'Upgrade: websocket'];

export const upgrades: Table = {
  rfc: 9110,
  title: 'Upgrade (7.8)',
  rows: [
    {
      section: '7.8',
      level: 'MUST',
      words: 'a switch that was asked for comes with Upgrade, and with the option Upgrade',
      async check({ open }) {
        const { client, front, member } = await open(switched);
        front.server.on('upgrade', front.balancer.upgrade);
        const head = await client.send(ask('GET /', ...upgrading)).readHead();
        expect(head.status).toBe(101);
        for (const { headers } of [head, member.requests[0]!]) {
          expect(valuesOf(headers, 'upgrade')).toEqual(['websocket']);
          expect(valuesOf(headers, 'connection').map((value) => value.toLowerCase())).toEqual(['upgrade']);
        }
      },
    },
    {
      section: '7.8',
      level: 'MUST NOT',
      words: 'a switch that the client has not asked for reaches nobody: 502',
      async check({ open }) {
        const { client } = await open(switched);
        expect((await client.ask(ask('GET /'))).status).toBe(502);
      },
    },
    {
      section: '7.8',
      level: 'MUST NOT',
      words: 'a switch to something else than the client has asked for reaches nobody: 502',
      async check({ open }) {
        const { client, front } = await open(switched.replace('websocket', 'other'));
        front.server.on('upgrade', front.balancer.upgrade);
        expect((await client.ask(ask('GET /', ...upgrading))).status).toBe(502);
      },
    },
    {
      section: '7.8',
      level: 'MUST',
      words: 'Upgrade means nothing in HTTP/1.0',
      provenBy:
        'test/integration/upgrade-tokens.test.ts › does not matter in HTTP/1.0, nor without Connection',
    },
    {
      section: '7.8',
      level: 'MAY',
      words: 'an Upgrade that is not allowed here is passed over, and the request is served',
      async check({ open }) {
        const { client, member } = await open(answer());
        const { status } = await client.ask(ask('GET /', 'Connection: Upgrade', 'Upgrade: TLS/1.3'));
        expect(status).toBe(200);
        expect(hasField(member.requests[0]!.headers, 'upgrade')).toBe(false);
      },
    },
    {
      section: '7.8',
      level: 'MUST',
      words: '100 comes before 101 where both were asked for',
      async check({ open }) {
        const { client, front } = await open(switched);
        front.server.on('upgrade', front.balancer.upgrade);
        client.send(ask('GET /', ...upgrading, 'Expect: 100-continue'));
        expect([(await client.readHead()).status, (await client.readHead()).status]).toEqual([100, 101]);
      },
    },
    {
      section: '7.8',
      level: 'SHOULD',
      words: 'names of protocols are compared without regard to case',
      provenBy: 'test/integration/upgrade.test.ts › sends the token as the client spells it',
    },
  ],
};
