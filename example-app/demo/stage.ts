import type { Balancer } from 'express-proxy-balancer';
import type { Cluster } from './cluster.ts';
import type { Answer, Load, Visitor } from './load.ts';

/** What a step has to work with. */
export type Stage = Readonly<{
  balancer: Balancer;
  cluster: Cluster;
  load: Load;
  visitors: readonly Visitor[];
  /** The GETs of this step that are over. */
  answers(): readonly Answer[];
  /** Waits until a promise shows; one that does not within its time ends the demonstration. */
  until(promise: string, isShown: () => boolean, detail?: () => string): Promise<void>;
}>;

/** A promise that has not shown. */
export class NotShown extends Error {}

/** Who waits for something to show: asked after every answer. */
export class Watch {
  readonly #limitMs: number;
  #look: (() => void) | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  look(): void {
    this.#look?.();
  }

  until(isShown: () => boolean, tell: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#look = undefined;
        reject(new NotShown(`not within ${this.#limitMs / 1000} s: ${tell()}`));
      }, this.#limitMs);
      this.#look = () => {
        if (!isShown()) return;
        clearTimeout(timer);
        this.#look = undefined;
        resolve();
      };
      this.#look();
    });
  }
}
