import { makeBody, type Asked } from '../../../support/ask.ts';

/** A kind of request: the columns of the matrix. */
export type RequestCase = Readonly<{
  name: string;
  asked: Asked;
  /** RFC 9110 9.2.2. */
  isIdempotent: boolean;
  /** Of more than `replayBytes`: it can be sent once. */
  isLong: boolean;
}>;

const small = makeBody(1_000);
/** More than any buffer on the way holds, let alone `replayBytes`. */
const large = makeBody(4 * 1024 * 1024);

const bodies = [
  { name: '1 kB counted', body: small, chunked: false },
  { name: '1 kB chunked', body: small, chunked: true },
  { name: '4 MB counted', body: large, chunked: false },
  { name: '4 MB chunked', body: large, chunked: true },
];

export const requestCases: readonly RequestCase[] = [
  { name: 'GET', asked: { method: 'GET' }, isIdempotent: true, isLong: false },
  { name: 'POST, empty', asked: { method: 'POST' }, isIdempotent: false, isLong: false },
  ...['PUT', 'POST'].flatMap((method) =>
    bodies.map(({ name, body, chunked }) => ({
      name: `${method}, ${name}`,
      asked: { method, body, chunked },
      isIdempotent: method === 'PUT',
      isLong: body === large,
    })),
  ),
];
