import type { Cells } from './cells.ts';
import { isAtWork } from './edits.ts';
import { hooks } from './hooks.ts';
import { parseHtml } from './html.ts';
import { morph } from './morph.ts';

type Texts = Readonly<Record<string, string>>;
type Orders = Readonly<Record<string, readonly string[]>>;

/** Keeps the pieces of the page as the server says they are. */
export type Parts = Readonly<{
  /** Puts pieces into their places, those in which somebody is at work later. `token` goes into their forms. */
  put(parts: Texts, order: Orders, token: string): void;
  /** Puts those that had to wait. */
  catchUp(token: string): void;
}>;

/** `onChange` is called after something was put in or taken out. */
export function createParts(root: Element, cells: Cells, onChange: () => void): Parts {
  const known = new Map<string, Element>();
  const lists = new Map<string, Element>();
  /** What waits until nobody is at work in it. */
  const waiting = new Map<string, string>();
  /** Lists that hold somebody's work although it is no more in them, or wait for a part. */
  const unsettled = new Map<string, readonly string[]>();

  function learn(piece: Element): void {
    for (const list of find(piece, hooks.list)) lists.set(list.getAttribute('data-list')!, list);
    for (const part of find(piece, hooks.part)) known.set(part.getAttribute('data-part')!, part);
  }

  function forget(piece: Element): void {
    cells.leave(piece);
    for (const list of find(piece, hooks.list)) lists.delete(list.getAttribute('data-list')!);
    for (const part of find(piece, hooks.part)) {
      known.delete(part.getAttribute('data-part')!);
      waiting.delete(part.getAttribute('data-part')!);
    }
  }

  function putPart(id: string, text: string, token: string): void {
    const wanted = parseHtml(text).firstElementChild;
    if (!wanted) return;
    for (const field of wanted.querySelectorAll<HTMLInputElement>(hooks.token))
      field.setAttribute('value', token);
    const old = known.get(id);
    if (!old) {
      // In no list yet, so in no place either.
      known.set(id, wanted);
      return;
    }
    waiting.delete(id);
    if (isAtWork(old)) {
      waiting.set(id, text);
      return;
    }
    cells.leave(old);
    morph(old, wanted);
    learn(old);
    cells.adopt(old);
  }

  /** Whether everything stands where it should. */
  function putOrder(id: string, ids: readonly string[]): boolean {
    const list = lists.get(id);
    if (!list) return false;
    const wanted = new Set(ids);
    let isSettled = true;
    for (const child of [...list.children]) {
      const part = child.getAttribute('data-part');
      if (part === null || wanted.has(part)) continue;
      if ([child, ...child.querySelectorAll(hooks.part)].some(isAtWork)) isSettled = false;
      else {
        child.remove();
        forget(child);
      }
    }
    let next = nextPart(list.firstElementChild);
    for (const each of ids) {
      const part = known.get(each);
      if (!part) continue;
      if (part === next) next = nextPart(next.nextElementSibling);
      else place(list, part, next);
    }
    return isSettled;
  }

  function place(list: Element, part: Element, before: Element | null): void {
    const isNew = !part.isConnected;
    movePart(list, part, before);
    if (!isNew) return;
    learn(part);
    cells.adopt(part);
  }

  function settle(): void {
    for (const [id, ids] of [...unsettled]) if (putOrder(id, ids) || !lists.has(id)) unsettled.delete(id);
  }

  learn(root);
  return {
    put(parts, order, token) {
      const [texts, orders] = [Object.entries(parts), Object.entries(order)];
      if (texts.length + orders.length === 0) return;
      for (const [id, text] of texts) putPart(id, text, token);
      for (const [id, ids] of orders) unsettled.set(id, ids);
      settle();
      for (const [id, part] of known) if (!part.isConnected) known.delete(id);
      onChange();
    },
    catchUp(token) {
      if (waiting.size + unsettled.size > 0) {
        for (const [id, text] of [...waiting]) putPart(id, text, token);
        settle();
        onChange();
      }
      if (waiting.size === 0) cells.tidy();
    },
  };
}

/** Keeps the focus in it where the browser can. */
function movePart(list: Element, part: Element, before: Element | null): void {
  // Not in every browser yet.
  if (part.isConnected && 'moveBefore' in list) list.moveBefore(part, before);
  else list.insertBefore(part, before);
}

function nextPart(from: Element | null): Element | null {
  let at = from;
  while (at && !at.hasAttribute('data-part')) at = at.nextElementSibling;
  return at;
}

function find(piece: Element, selector: string): readonly Element[] {
  const within = [...piece.querySelectorAll(selector)];
  return piece.matches(selector) ? [piece, ...within] : within;
}
