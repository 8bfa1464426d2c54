/** Lines in the order of what they tell: a request is told of when it is over, with the time of a choice long before. */
export class Chronicle {
  readonly #write: (text: string) => void;
  /** In the order in which they began. */
  readonly #underWay = new Set<Readonly<{ at: number }>>();
  readonly #lines: Readonly<{ at: number; text: string }>[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Something has begun: what is told of later times waits for its end. Call what is returned then. */
  begin(at: number): () => void {
    const began = { at };
    this.#underWay.add(began);
    return () => {
      this.#underWay.delete(began);
      this.#flush();
    };
  }

  /** Tells what was at this time. */
  tell(text: string, at: number): void {
    const place = this.#lines.findLastIndex((line) => line.at <= at) + 1;
    this.#lines.splice(place, 0, { at, text });
    this.#flush();
  }

  #flush(): void {
    const [oldest] = this.#underWay;
    const until = oldest?.at ?? Infinity;
    for (let line = this.#lines[0]; line !== undefined && line.at <= until; line = this.#lines[0]) {
      this.#lines.shift();
      this.#write(line.text);
    }
  }
}
