import { openEntrance, type Entrance, type Handle } from './entrance.ts';
import { printAddress, type Address } from './listen-address.ts';

/** Servers that hand all their requests to one function. */
export type FrontDoor = Readonly<{
  /** Where they listen, with the ports that they have got. */
  addresses(): readonly Address[];
  /**
   * Listens at these addresses and no others; what is under way at the others may end.
   *
   * @throws {ListenError} by rejection, when one of them cannot be had; then all stays as it was.
   */
  move(wanted: readonly Address[]): Promise<void>;
  /** Listens no more; resolves when every connection has ended. */
  close(): Promise<void>;
  /** Ends every connection at once. */
  cutOff(): void;
}>;

/**
 * Listens at several addresses.
 *
 * @throws {ListenError} by rejection, when one of them cannot be had; then none is listened at.
 */
export async function openFrontDoor(wanted: readonly Address[], handle: Handle): Promise<FrontDoor> {
  let open = await openAll(wanted, new Map(), handle);
  const closing = new Set<Entrance>();
  const end = async (entrance: Entrance): Promise<void> => {
    closing.add(entrance);
    await entrance.close();
    closing.delete(entrance);
  };
  return {
    addresses: () => [...open.values()].map(({ address }) => address),
    async move(next) {
      const before = open;
      open = await openAll(next, before, handle);
      for (const [key, entrance] of before) if (!open.has(key)) void end(entrance);
    },
    async close() {
      await Promise.all([...open.values(), ...closing].map(end));
    },
    cutOff() {
      for (const entrance of [...open.values(), ...closing]) entrance.cutOff();
    },
  };
}

type Entrances = ReadonlyMap<string, Entrance>;

/** Opens those that are not open yet. */
async function openAll(wanted: readonly Address[], open: Entrances, handle: Handle): Promise<Entrances> {
  const all = new Map<string, Entrance>();
  try {
    for (const address of wanted) {
      const key = printAddress(address);
      // Port 0 is another port each time.
      const name = address.port === 0 && all.has(key) ? `${key} ${all.size}` : key;
      if (!all.has(name)) all.set(name, open.get(name) ?? (await openEntrance(address, handle)));
    }
  } catch (error) {
    await Promise.all([...all].filter(([name]) => !open.has(name)).map(([, entrance]) => entrance.close()));
    throw error;
  }
  return all;
}
