import { getSystemErrorMessage } from 'node:util';
import { ListenError } from './listen-address.ts';

/**
 * What is wrong with the configuration, or with what it was to be read from or written to, for the one who called the
 * command; undefined: that is no failure of theirs.
 */
export function tellFailure(error: unknown): string | undefined {
  if (error instanceof ListenError) return error.message;
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, path, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_HTTPD_CONF' || code === 'ERR_BALANCER_DEFINITION') return message;
  return path === undefined || errno === undefined ? undefined : `${path}: ${getSystemErrorMessage(errno)}`;
}
