import { hooks, madeHere } from './hooks.ts';

/** Attributes that say which of its siblings an element is. */
const names = [
  'id',
  'data-part',
  'data-list',
  'data-cell',
  'data-details',
  'data-chart-member',
  'data-measure',
  'name',
  'formaction',
  'class',
];

/** What the reader or the script has done to an element; the server's markup says nothing of it. */
const ownAttributes = new Set(['open', 'hidden']);

/**
 * Makes an element like another one, touching only what is different: focus, scroll positions, what is unfolded, what was
 * typed in, charts and whole lists stay as they are.
 */
export function morph(old: Element, wanted: Element): void {
  morphAttributes(old, wanted);
  if (isKept(old)) return;
  let next = old.firstChild;
  for (const child of [...wanted.childNodes]) {
    const match = findMatch(next, child);
    if (!match) {
      old.insertBefore(child, next);
      continue;
    }
    if (match === next) next = next.nextSibling;
    else old.insertBefore(match, next);
    if (match instanceof Element) morph(match, child as Element);
    else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
  }
  while (next) {
    const rest: ChildNode = next;
    next = next.nextSibling;
    // Parts come and go by the order of their list.
    if (!(rest instanceof Element && rest.matches(`[${madeHere}], ${hooks.part}`))) rest.remove();
  }
}

/** What stands in it is somebody else's: other parts, texts that move, what the script has drawn or put there. */
function isKept(element: Element): boolean {
  return element.matches(`${hooks.cell}, ${hooks.chart}, ${hooks.tools}, ${hooks.explanation}`);
}

function findMatch(from: ChildNode | null, wanted: ChildNode): ChildNode | undefined {
  if (!from) return undefined;
  if (isSame(from, wanted)) return from;
  if (!(wanted instanceof Element)) return undefined;
  for (let later = from.nextSibling; later; later = later.nextSibling)
    if (isSame(later, wanted)) return later;
  return undefined;
}

function isSame(a: ChildNode, b: ChildNode): boolean {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return (
    !(a instanceof Element) ||
    names.every((name) => a.getAttribute(name) === (b as Element).getAttribute(name))
  );
}

function morphAttributes(old: Element, wanted: Element): void {
  const isCell = old.matches(hooks.cell);
  for (const { name, value } of wanted.attributes)
    if (!ownAttributes.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    if (wanted.hasAttribute(name) || ownAttributes.has(name) || name === madeHere) continue;
    if (!(isCell && name === 'data-kind')) old.removeAttribute(name);
  }
}
