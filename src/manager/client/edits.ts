import { hooks } from './hooks.ts';

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const sent = new WeakSet<Element>();

/** Notes that what a form holds was sent: it is no edit any more, until somebody goes on with it. */
export function noteSent(form: HTMLFormElement): void {
  sent.add(form);
  form.addEventListener('input', () => sent.delete(form), { once: true });
}

/** Whether somebody is at work in a part: then it stays as it is for a while. Parts within it are looked at by themselves. */
export function isAtWork(part: Element): boolean {
  const { activeElement } = document;
  if (activeElement && isField(activeElement) && isOwn(part, activeElement)) {
    if (!sent.has(activeElement.form ?? activeElement)) return true;
  }
  if ([...part.querySelectorAll('dialog[open], :active')].some((each) => isOwn(part, each))) return true;
  if (hasSelection(part)) return true;
  return [...part.querySelectorAll('input, select, textarea')].some(
    (field) => isField(field) && isOwn(part, field) && isEdited(field) && !sent.has(field.form ?? field),
  );
}

function isOwn(part: Element, element: Element): boolean {
  return element.closest(hooks.part) === part;
}

// Whoever marks a text wants to copy it.
function hasSelection(part: Element): boolean {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.anchorNode) return false;
  const { anchorNode } = selection;
  const at = anchorNode instanceof Element ? anchorNode : anchorNode.parentElement;
  return at?.closest(hooks.part) === part;
}

function isField(element: Element): element is Field {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement
  );
}

/** Whether a field holds something else than it came with, or came back from the server as wrong. */
function isEdited(field: Field): boolean {
  if (field.getAttribute('aria-invalid') === 'true') return true;
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options];
    const isChosenByMarkup = options.some(({ defaultSelected }) => defaultSelected);
    return options.some(({ selected, defaultSelected }, i) =>
      isChosenByMarkup ? selected !== defaultSelected : selected !== (i === 0),
    );
  }
  if (field instanceof HTMLInputElement) {
    if (field.type === 'hidden') return false;
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  }
  return field.value !== field.defaultValue;
}
