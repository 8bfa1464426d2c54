import { hooks } from './hooks.ts';
import type { PackedCell } from './messages.ts';

/** A text that has become another one. */
export type Moved = Readonly<{ id: string; from: string; cell: Element }>;

/** Keeps the texts that move in their places. */
export type Cells = Readonly<{
  /** Puts new texts into their places, and says which ones are others than before. */
  put(news: Readonly<Record<string, PackedCell>>): readonly Moved[];
  /** Fills the places in a piece that was put into the page, and knows them from now on. */
  adopt(root: Element): void;
  /** Forgets the places in a piece, but not what stood there. */
  leave(root: Element): void;
  /** Forgets what stands nowhere. */
  tidy(): void;
}>;

/** Knows every place that is in the page. */
export function createCells(root: Element): Cells {
  const texts = new Map<string, PackedCell>();
  const places = new Map<string, Set<Element>>();

  function adopt(piece: Element): void {
    for (const place of piece.querySelectorAll(hooks.cell)) {
      const id = idOf(place);
      const known = places.get(id);
      if (known) known.add(place);
      else places.set(id, new Set([place]));
      const text = texts.get(id);
      if (text) fill(place, text);
    }
  }

  adopt(root);
  return {
    adopt,
    put(news) {
      const moved: Moved[] = [];
      for (const [id, packed] of Object.entries(news)) {
        texts.set(id, packed);
        for (const place of places.get(id) ?? []) {
          const from = place.textContent;
          fill(place, packed);
          if (from !== packed[0]) moved.push({ id, from, cell: place });
        }
      }
      return moved;
    },
    leave(piece) {
      for (const place of piece.querySelectorAll(hooks.cell)) {
        const known = places.get(idOf(place));
        known?.delete(place);
        if (known?.size === 0) places.delete(idOf(place));
      }
    },
    tidy() {
      for (const id of texts.keys()) if (!places.has(id)) texts.delete(id);
    },
  };
}

/** Touches nothing that is as it should be: what does not move is not laid out again, and not read out again. */
function fill(place: Element, [text, kind]: PackedCell): void {
  const { firstChild } = place;
  if (firstChild instanceof Text && !firstChild.nextSibling) {
    if (firstChild.data !== text) firstChild.data = text;
  } else if (place.textContent !== text) place.textContent = text;
  if (kind === undefined) {
    if (place.hasAttribute('data-kind')) place.removeAttribute('data-kind');
  } else if (place.getAttribute('data-kind') !== kind) place.setAttribute('data-kind', kind);
}

function idOf(place: Element): string {
  return place.getAttribute('data-cell')!;
}
