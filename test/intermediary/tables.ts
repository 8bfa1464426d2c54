import { bodies } from './rows-9112-bodies.ts';
import { codings } from './rows-9112-codings.ts';
import { connections } from './rows-9112-connections.ts';
import { context } from './rows-9110-context.ts';
import { errors } from './rows-9110-errors.ts';
import { fields } from './rows-9110-fields.ts';
import { forwarding } from './rows-9110-forwarding.ts';
import { hops } from './rows-9110-hops.ts';
import { lines } from './rows-9112-fields.ts';
import { messages } from './rows-9112-messages.ts';
import { methods } from './rows-9110-methods.ts';
import { pipelining } from './rows-9112-pipelining.ts';
import { statuses } from './rows-9110-statuses.ts';
import { upgrades } from './rows-9110-upgrade.ts';
import type { Table } from './row.ts';

/** Every requirement, in the order of the documents. */
export const tables: readonly Table[] = [
  fields,
  hops,
  forwarding,
  upgrades,
  methods,
  context,
  statuses,
  errors,
  messages,
  lines,
  bodies,
  codings,
  connections,
  pipelining,
];
