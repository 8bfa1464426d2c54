import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Post = Readonly<{
  author: string;
  text: string;
  /** Backend that took it. */ backend: string;
  at: string;
}>;

/** The application's database: both backends append to it. */
export const postsFile =
  process.env['POSTS_FILE'] ?? fileURLToPath(new URL('../.data/posts.jsonl', import.meta.url));

/** How much of the file's end is read for a page. */
const tailBytes = 32 * 1024;

export async function addPost(post: Post): Promise<void> {
  await mkdir(dirname(postsFile), { recursive: true });
  await appendFile(postsFile, `${JSON.stringify(post)}\n`);
}

/** The latest posts, newest first. */
export async function readPosts(): Promise<Post[]> {
  const lines = (await readTail()).split('\n');
  return lines
    .map(parsePost)
    .filter((post) => post !== undefined)
    .reverse();
}

async function readTail(): Promise<string> {
  let file;
  try {
    file = await open(postsFile);
  } catch {
    return '';
  }
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Undefined for the empty end of the file, and for a line that the tail has cut. */
function parsePost(line: string): Post | undefined {
  try {
    return JSON.parse(line) as Post; // Only addPost writes this file.
  } catch {
    return undefined;
  }
}
