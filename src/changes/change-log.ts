import type { MemberDefinition } from '../definition/member-definition.ts';
import type { Change, ChangeRequest } from './change.ts';

/** Makes changes, undoes them, and keeps the log of them. */
export type ChangeLog = Readonly<{
  /**
   * Makes a change; it holds when this returns.
   *
   * @throws {DefinitionError} when anything is wrong with it; {ManagerError} when there is no such balancer or member,
   * the server is not allowed, too many changes are in force, or the log is closed.
   */
  make(request: ChangeRequest, by: string): Change;
  /**
   * Ends a change that is in force: what it had set is as it would be without it. `judge`: throws where a server that it
   * has removed may not come back. Throws `ManagerError`.
   */
  undo(id: string, by: string, judge?: (member: MemberDefinition) => void): Change;
  /** Newest first: all that are in force, and the last 200 others. */
  list(): readonly Change[];
  /** Whether the app is handed each change, to keep it over a restart. */
  persists: boolean;
  /** Is called whenever the list is another one. Returns how to call it off. */
  onChange(listener: () => void): () => void;
  /** Looks whether other balancers are there: changes that were stored wait for theirs. */
  sync(): void;
  /** Changes stay as they are, but nothing expires any more, and no other is made. */
  close(): void;
}>;
