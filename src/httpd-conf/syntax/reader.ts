import type { Fault } from '../../definition/problem.ts';

/** How the parser gets at files. Paths are as they were named, or joined from that. */
export type ConfReader = Readonly<{
  /** What there is at a path; links are followed. Unknown: to open it would tell why. */
  look(path: string): 'file' | 'folder' | 'other' | 'missing' | 'unknown';
  /** The names in a folder, `.` and `..` left out, in the order of their bytes. */
  list(folder: string): readonly string[] | Fault;
  /** The text of a file, however it is named. Never waits for anybody. */
  read(path: string): string | Fault;
  /** One and the same for all names of a file. */
  identify(path: string): string;
}>;
