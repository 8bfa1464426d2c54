import type { HttpProxyMiddleware } from '../definition/definition.ts';
import type { Sender } from './sender.ts';

export function createHpmSender(_options: HttpProxyMiddleware): Sender {
  throw new Error('being written');
}
