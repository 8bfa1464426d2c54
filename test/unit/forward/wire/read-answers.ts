import { AnswerParser, type AnswerSink } from '../../../../src/forward/wire/answer-parser.ts';
import { BadAnswer } from '../../../../src/forward/wire/wire-error.ts';
import type { RawHeaders } from '../../../../src/rewrite/headers.ts';

/** What a parser has told of some bytes; pieces of content are put together. */
export type Story = {
  interims: number[];
  status: number | undefined;
  reason: string | undefined;
  headers: RawHeaders | undefined;
  body: string;
  trailers: RawHeaders | undefined;
  isKept: boolean | undefined;
  /** How many bytes came behind the end; undefined where there was none. */
  left: number | undefined;
  switched: string | undefined;
  refused: string | undefined;
};

/** Reads an answer from pieces, as they would come from a socket that is closed behind them. */
export function readAnswer(
  pieces: readonly string[],
  { isHead = false, maxHeadBytes = 16_384, closes = true } = {},
): Story {
  const story: Story = {
    interims: [],
    status: undefined,
    reason: undefined,
    headers: undefined,
    body: '',
    trailers: undefined,
    isKept: undefined,
    left: undefined,
    switched: undefined,
    refused: undefined,
  };
  const sink: AnswerSink = {
    interim({ status }) {
      story.interims.push(status);
      return true;
    },
    head({ status, reason, headers }, { isKept }) {
      Object.assign(story, { status, reason, headers, isKept });
      return true;
    },
    content(bytes, from, to) {
      story.body += bytes.toString('latin1', from, to);
      return true;
    },
    end(trailers, left) {
      Object.assign(story, { trailers, left });
    },
    switched({ headers }, bytes, from, to) {
      Object.assign(story, { headers, switched: bytes.toString('latin1', from, to) });
    },
  };
  const parser = new AnswerParser(sink, maxHeadBytes);
  parser.expect(isHead);
  try {
    for (const piece of pieces) {
      // Who has an end reads no further.
      if (story.left !== undefined || story.switched !== undefined) break;
      const bytes = Buffer.from(piece, 'latin1');
      parser.read(bytes, bytes.length);
    }
    if (closes && story.left === undefined) parser.finish();
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error;
    story.refused = error.message;
  }
  return story;
}
