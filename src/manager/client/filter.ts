import { hooks, madeHere } from './hooks.ts';
import { make } from './html.ts';

/** With fewer members one sees at a glance what one looks for. */
const fewest = 6;

/** Puts a filter field and "only those not ok" above the members of each balancer, and keeps them true. */
export function filterMembers(root: Element): void {
  for (const tools of root.querySelectorAll(hooks.tools)) {
    const section = tools.closest(hooks.balancer);
    if (!section) continue;
    const members = [...section.querySelectorAll<HTMLElement>(`tbody${hooks.member}`)];
    const { text, onlyBad, count } = findControls(tools, section);
    const words = text.value.trim().toLowerCase();
    const isFiltering = words !== '' || onlyBad.checked;
    const box = text.closest<HTMLElement>(`[${madeHere}]`)!;
    box.hidden = members.length < fewest && !isFiltering;
    let shown = 0;
    for (const member of members) {
      const isShown = !isFiltering || (matches(member, words) && !(onlyBad.checked && isOk(member)));
      if (isShown) shown += 1;
      if (member.hidden === isShown) member.hidden = !isShown;
    }
    const said = isFiltering ? `${shown} of ${members.length} members` : '';
    if (count.textContent !== said) count.textContent = said;
  }
}

type Controls = Readonly<{ text: HTMLInputElement; onlyBad: HTMLInputElement; count: Element }>;

const controls = new WeakMap<Element, Controls>();

function findControls(tools: Element, section: Element): Controls {
  const known = controls.get(tools);
  if (known) return known;
  const name = section.getAttribute('data-balancer')!;
  const box = make('div', 'filter');
  box.setAttribute(madeHere, '');
  box.setAttribute('role', 'search');
  box.setAttribute('aria-label', `Members of ${name}`);
  const text = make('input');
  text.type = 'search';
  text.placeholder = 'name, URL or route';
  text.autocomplete = 'off';
  const onlyBad = make('input');
  onlyBad.type = 'checkbox';
  const count = make('output');
  box.append(label('Filter', text, 'field'), label('Only those not ok', onlyBad, 'check'), count);
  tools.append(box);
  const made = { text, onlyBad, count };
  controls.set(tools, made);
  const refresh = (): void => {
    filterMembers(section);
  };
  text.addEventListener('input', refresh);
  onlyBad.addEventListener('change', refresh);
  return made;
}

function label(words: string, field: HTMLInputElement, className: string): HTMLLabelElement {
  const element = make('label', className);
  const span = make('span', '', words);
  if (field.type === 'checkbox') element.append(field, span);
  else element.append(span, field);
  return element;
}

function matches(member: Element, words: string): boolean {
  if (words === '') return true;
  const text = [member.querySelector('.c-name'), member.querySelector('.c-route')]
    .map((cell) => cell?.textContent ?? '')
    .join(' ')
    .toLowerCase();
  return words.split(/\s+/).every((word) => text.includes(word));
}

function isOk(member: Element): boolean {
  return member.querySelector('.c-state [data-cell$="/state"]')?.getAttribute('data-kind') === 'ok';
}
