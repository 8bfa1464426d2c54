import { cpus, release, totalmem, type as systemOf } from 'node:os';
import { tellCores } from './cores.ts';

/** What figures depend on, a sentence each. */
export function tellMachine(): readonly string[] {
  const all = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(1);
  return [
    `${all[0]?.model.trim() ?? 'an unknown processor'}, ${all.length} cores, ${gib} GiB, ${systemOf()} ${release()}`,
    tellCores(),
    `Node ${process.versions.node}`,
  ];
}
