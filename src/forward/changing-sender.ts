import type { HttpProxyMiddleware } from '../definition/definition.ts';
import { createHpmSender } from './hpm-sender.ts';
import type { Sender } from './sender.ts';
import { createHttpSender } from './wire/http-sender.ts';

/** A sender whose way of sending can change while it sends. */
export type ChangingSender = Sender &
  Readonly<{
    /** Requests to come go the other way; those that are under way go on. */
    change(options: HttpProxyMiddleware | undefined): void;
  }>;

/** Sends through http-proxy-middleware with the user's options, or by itself where there are none. */
export function createChangingSender(first: HttpProxyMiddleware | undefined): ChangingSender {
  let current = createSender(first);
  /** With what they still do. */
  const former = new Set<Sender>();

  async function forEach(end: (sender: Sender) => Promise<void>): Promise<void> {
    await Promise.all([current, ...former].map(end));
  }

  async function retire(sender: Sender): Promise<void> {
    former.add(sender);
    await sender.retireAll();
    former.delete(sender);
  }

  return {
    send: (...attempt) => current.send(...attempt),
    retire: (member) => forEach((sender) => sender.retire(member)),
    retireAll: () => forEach((sender) => sender.retireAll()),
    change(options) {
      void retire(current);
      current = createSender(options);
    },
    destroy: () => forEach((sender) => sender.destroy()),
  };
}

function createSender(options: HttpProxyMiddleware | undefined): Sender {
  return options ? createHpmSender(options) : createHttpSender();
}
