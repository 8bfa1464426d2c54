import { startMembers, type TestMembers } from '../../src/testing/index.ts';

const running: { close(): Promise<void> }[] = [];

/** Members of the kit that users have, until `tidyUp`. */
export async function keepMembers<const Names extends readonly [string, ...string[]]>(
  names: Names,
): Promise<TestMembers<Names>> {
  const members = await startMembers(names);
  running.push(members);
  return members;
}

/** Ends those that a test has started. */
export async function stopMembers(): Promise<void> {
  await Promise.all(running.splice(0).map((members) => members.close()));
}
