import { spawnSync } from 'node:child_process';
import { host } from './ports.ts';

/** What to do where there is no Redis. */
export const redisAdvice = `The workers share their state through Redis, and there is none here. Install redis-server:

  apt-get install redis-server     (Debian, Ubuntu)
  brew install redis               (macOS)

or say where there is one: REDIS_URL=redis://127.0.0.1:6379 npm run start:cluster`;

export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The command that starts one that keeps nothing. */
export function redisCommand(port: number): readonly [program: string, ...args: string[]] {
  return ['redis-server', '--port', String(port), '--bind', host, '--save', '', '--appendonly', 'no'];
}
