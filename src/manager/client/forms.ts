import { noteSent } from './edits.ts';
import { madeHere } from './hooks.ts';
import { make, parseHtml } from './html.ts';

/** What a form is answered with. */
type Answer = Readonly<{
  message?: string;
  html?: string;
  error?: Readonly<{ code: string; message: string; problems?: readonly Problem[] }>;
}>;

type Problem = Readonly<{ path: string; given: string; problem: string; advice: string }>;

/** Where answers are put. */
export type Places = Readonly<{ messages: Element | null; explanation: Element | null }>;

/** How long one may read what was done; the log of changes says it for good. */
const messageMs = 10_000;

/** Sends forms without leaving the page. Returns what to call when the page shows what they have done. */
export function sendFormsInPlace(places: Places): () => void {
  const busy = new WeakSet<HTMLFormElement>();
  const done = new Set<HTMLFormElement>();

  document.addEventListener('submit', (event) => {
    const form = event.target;
    // By their attributes: a field called `id` or `action` hides the form's own.
    if (
      !(form instanceof HTMLFormElement) ||
      form.getAttribute('method') !== 'post' ||
      event.defaultPrevented
    )
      return;
    const { submitter } = event;
    const url = submitter?.getAttribute('formaction') ?? form.getAttribute('action')!;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form, submitter))
      if (typeof value === 'string') body.append(name, value);
    // From here on it is the script's; whatever fails before leaves it to the browser.
    event.preventDefault();
    if (busy.has(form)) return;
    busy.add(form);
    form.setAttribute('aria-busy', 'true');
    void send(url, body)
      .then((answer) => {
        if (!show(form, answer, places)) return;
        done.add(form);
        form.addEventListener('input', () => done.delete(form), { once: true });
      })
      .finally(() => {
        busy.delete(form);
        form.removeAttribute('aria-busy');
      });
  });

  return function emptySentForms() {
    for (const form of done) if (form.isConnected) form.reset();
    done.clear();
  };
}

async function send(url: string, body: URLSearchParams): Promise<Answer> {
  try {
    const response = await fetch(url, { method: 'POST', body, headers: { Accept: 'application/json' } });
    if (response.headers.get('content-type')?.startsWith('application/json'))
      return (await response.json()) as Answer;
    const text = await response.text();
    const isPlain = response.headers.get('content-type')?.startsWith('text/plain');
    const message = isPlain
      ? text.slice(0, 300)
      : 'The answer cannot be read. Load the page again: you may have to log in.';
    return { error: { code: String(response.status), message } };
  } catch {
    return { error: { code: 'offline', message: 'It could not be sent: nobody answers. Try again.' } };
  }
}

/** Shows an answer; tells whether the form was sent for good. */
function show(form: HTMLFormElement, answer: Answer, { messages, explanation }: Places): boolean {
  clearErrors(form);
  if (answer.error) {
    showError(form, answer.error);
    return false;
  }
  if (answer.html !== undefined) {
    explanation?.replaceChildren(parseHtml(answer.html));
    return false;
  }
  noteSent(form);
  // Over the page, not in it: what somebody reads stays where it is.
  const message = make('p', 'message toast', answer.message ?? 'Done.');
  message.setAttribute('role', 'status');
  messages?.replaceChildren(message);
  setTimeout(() => {
    message.remove();
  }, messageMs);
  return true;
}

function showError(
  form: HTMLFormElement,
  { message, problems = [], code }: NonNullable<Answer['error']>,
): void {
  const box = make('div', 'error');
  box.setAttribute(madeHere, '');
  box.setAttribute('role', 'alert');
  box.tabIndex = -1;
  box.id = `${form.getAttribute('id') ?? ''}/error`;
  // The sentence; the problems stand below it.
  box.append(make('p', '', message.split('\n', 1)[0]));
  if (problems.length > 0) {
    const list = make('ul');
    for (const { path, given, problem, advice } of problems) {
      const item = make('li');
      item.append(make('code', '', path), ` is ${given}: ${problem}; ${advice}`);
      list.append(item);
    }
    box.append(list);
  }
  const codeLine = make('p', 'code');
  codeLine.append(make('code', '', code));
  box.append(codeLine);
  form.prepend(box);
  const faulty = problems.map(({ path }) => findField(form, path)).filter((field) => field !== undefined);
  for (const field of faulty) {
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', box.id);
  }
  (faulty[0] ?? box).focus();
}

/** The field that a path such as `member.loadfactor` or `hcinterval` is of. */
function findField(form: HTMLFormElement, path: string): HTMLElement | undefined {
  const name = /[\w$]+(?=(?:\[\d+\])*$)/.exec(path)?.[0];
  const field = name === undefined ? null : form.elements.namedItem(name);
  return field instanceof HTMLElement ? field : undefined;
}

function clearErrors(form: HTMLFormElement): void {
  form.querySelector(`:scope > [${madeHere}]`)?.remove();
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid');
    field.removeAttribute('aria-describedby');
  }
}
