import type { Balancer } from '../../balancer.ts';
import { isClosed, onBalancerClosed, onBalancerListed } from '../../live-balancers.ts';

/** Whether there is anything left to look at. */
export type Sight = Readonly<{
  /** All that could be shown is closed. Not so before there was anything: it may still come. */
  isOver(): boolean;
  /** Is called when it is over. Returns how to call it off. */
  onOver(listener: () => void): () => void;
  close(): void;
}>;

/** What a manager shows. `isOpen`: those too that are created later, and none that is about to close. */
export function createSight({
  balancers,
  isOpen,
}: Readonly<{ balancers: () => readonly Balancer[]; isOpen: boolean }>): Sight {
  let hasBegun = balancers().length > 0;
  const stopListening = isOpen
    ? onBalancerListed(() => {
        hasBegun = true;
      })
    : undefined;

  function isOver(): boolean {
    return hasBegun && balancers().every(isClosed);
  }

  return {
    isOver,
    onOver: (listener) =>
      onBalancerClosed(() => {
        if (isOver()) listener();
      }),
    close() {
      stopListening?.();
    },
  };
}
