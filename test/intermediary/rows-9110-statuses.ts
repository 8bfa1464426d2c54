import { ServerResponse } from 'node:http';
import { expect } from '@jest/globals';
import { hasField, valuesOf } from '../../src/rewrite/headers.ts';
import { linesOf } from '../support/raw-client.ts';
import { answer, ask, respond, type Table } from './row.ts';

const interims = [
  'HTTP/1.1 102 Processing\r\nX-A: 1\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nX-B: 2\r\n\r\n',
  'HTTP/1.1 104 Upload Resumption Supported\r\nUpload-Offset: 3\r\nUpload-Offset: 4\r\n\r\n',
  'HTTP/1.1 199 Odd\r\n\r\n',
].join('');

export const statuses: Table = {
  rfc: 9110,
  title: 'status codes (15 to 15.4)',
  rows: [
    {
      section: '15',
      level: 'MUST',
      words: 'statuses that nobody knows go on, with the reason that came',
      async check({ open }) {
        const { client } = await open((socket, { start }) => {
          socket.write(respond(`${start.slice(5, 8)} Odd \xe9`, ''), 'latin1');
        });
        for (const status of [218, 399, 420, 599]) {
          expect(await client.ask(ask(`GET /${status}`))).toMatchObject({ status, reason: 'Odd \xe9' });
        }
      },
    },
    {
      section: '15',
      level: 'SHOULD',
      words: 'a status beyond 599 counts as an error of the member, and goes on',
      async check({ open }) {
        const ejection = { consecutive: 2, maxEjected: 1 };
        const { client, front } = await open(respond('999 Denied', ''), { ejection });
        for (let i = 0; i < 2; i += 1) expect((await client.ask(ask('GET /'))).status).toBe(999);
        expect(front.balancer.view()[0]!.status).toBe('E');
      },
    },
    {
      section: '15',
      level: 'MUST',
      words: 'a status below 100, or of other than three digits, is none: 502',
      async check({ open }) {
        for (const status of ['099', '20', '2000', '-20', '2x0']) {
          const { client } = await open(`HTTP/1.1 ${status} OK\r\nContent-Length: 2\r\n\r\nok`);
          expect([status, (await client.ask(ask('GET /'))).status]).toEqual([status, 502]);
        }
      },
    },
    {
      section: '15.2',
      level: 'MUST',
      words: 'interim answers go on, known or not, with their fields',
      async check({ open }) {
        const { client } = await open(interims + answer());
        const got = await client.ask(ask('GET /'));
        const all = [[102, 'X-A: 1'], [103, 'X-B: 2'], [104, 'Upload-Offset: 3', 'Upload-Offset: 4'], [199]];
        // Before 24.18 Node has words for 102 alone, and for 103 with links.
        const isAble = 'writeInformation' in ServerResponse.prototype;
        expect(got.interims.map(({ status, headers }) => [status, ...linesOf(headers)])).toEqual(
          isAble ? all : [[102]],
        );
        expect(got).toMatchObject({ status: 200, body: 'ok' });
      },
    },
    {
      section: '15.2',
      level: 'MUST NOT',
      words: 'no interim answer goes to a client of HTTP/1.0',
      async check({ open }) {
        const { client } = await open(interims + answer());
        expect(await client.ask(['GET / HTTP/1.0'])).toMatchObject({ interims: [], status: 200, body: 'ok' });
      },
    },
    {
      section: '15.2.1',
      level: 'MUST',
      words: 'a member’s 100 goes on',
      but: 'it ends here: Node has said 100 to whoever expects it by then, and the member is not asked for one',
      async check({ open }) {
        const { client } = await open(`HTTP/1.1 100 Continue\r\n\r\n${answer()}`);
        expect(await client.ask(ask('GET /'))).toMatchObject({ status: 200, interims: [] });
      },
    },
    {
      section: '15.2.2',
      level: 'MUST NOT',
      words: 'a 101 without Upgrade, or without the option Upgrade, reaches nobody: 502',
      async check({ open }) {
        for (const fields of ['', 'Upgrade: websocket\r\n', 'Connection: Upgrade\r\n']) {
          const { client, front } = await open(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
          front.server.on('upgrade', front.balancer.upgrade);
          const { status } = await client.ask(ask('GET /', 'Connection: Upgrade', 'Upgrade: websocket'));
          expect([fields, status]).toEqual([fields, 502]);
        }
      },
    },
    {
      section: '15.3.5',
      level: 'MUST NOT',
      words: '204 and 304 have no content, and none that follows them is another answer',
      async check({ open }) {
        for (const status of ['204 No Content', '304 Not Modified']) {
          const { client } = await open((socket, { start }) => {
            const evil = answer('evil', 'X-Evil: 1');
            socket.write(
              start.includes('/first') ? `HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\n${evil}` : answer(),
            );
          });
          expect(await client.ask(ask('GET /first'))).toMatchObject({
            status: Number(status.slice(0, 3)),
            body: '',
          });
          expect(await client.ask(ask('GET /second'))).toMatchObject({ status: 200, body: 'ok' });
        }
      },
    },
    {
      section: '15.3.6',
      level: 'MUST NOT',
      words: '205 gets no content from here, and its end can be told',
      async check({ open }) {
        const { client } = await open('HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n');
        for (let i = 0; i < 2; i += 1) {
          expect(await client.ask(ask('POST /', 'Content-Length: 0'))).toMatchObject({
            status: 205,
            body: '',
          });
        }
      },
    },
    {
      section: '15.3.7',
      level: 'MUST',
      words: '206 goes on with what tells which part it is',
      async check({ open }) {
        const fields = [
          'Content-Range: bytes 2-3/9',
          'Content-Type: multipart/byteranges; boundary=x',
          'ETag: "a"',
        ];
        const { client, member } = await open(respond('206 Partial Content', 'cd', ...fields));
        const { headers, body } = await client.ask(ask('GET /', 'Range: bytes=2-3', 'If-Range: "a"'));
        expect(body).toBe('cd');
        expect(linesOf(headers)).toEqual(expect.arrayContaining(fields));
        expect(linesOf(member.requests[0]!.headers)).toEqual(
          expect.arrayContaining(['Range: bytes=2-3', 'If-Range: "a"']),
        );
      },
    },
    {
      section: '15.4',
      level: 'MAY',
      words: 'redirects are the client’s to follow: nobody is asked on its behalf',
      async check({ open }) {
        for (const status of ['300 M', '301 M', '302 F', '303 S', '307 T', '308 P']) {
          const { client, member } = await open(respond(status, '', 'Location: /elsewhere'));
          expect((await client.ask(ask('GET /'))).status).toBe(Number(status.slice(0, 3)));
          expect(member.requests).toHaveLength(1);
        }
      },
    },
    {
      section: '15.4.5',
      level: 'SHOULD',
      words: 'conditions go to the member, and its 304 to the client, with its fields',
      async check({ open }) {
        const fields = [
          'ETag: "a"',
          'Cache-Control: max-age=9',
          'Vary: Accept',
          'Expires: 0',
          'Content-Location: /b',
        ];
        const { client, member } = await open(['HTTP/1.1 304 Not Modified', ...fields, '', ''].join('\r\n'));
        const { status, headers } = await client.ask(ask('GET /', 'If-None-Match: "a"'));
        expect(status).toBe(304);
        expect(linesOf(headers)).toEqual(expect.arrayContaining(fields.slice(0, 4)));
        expect(hasField(headers, 'content-location')).toBe(true);
        expect(valuesOf(member.requests[0]!.headers, 'if-none-match')).toEqual(['"a"']);
      },
    },
  ],
};
