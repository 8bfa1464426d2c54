import { html, type Content, type Html } from './html.ts';
import type { Field, Group } from './fields.ts';
import type { Look } from './look.ts';

/** What each kind of form does. */
export type FormKind = 'change' | 'drain' | 'add' | 'remove' | 'configure' | 'undo' | 'explain';

/** A form: which it is, what it does, and to whom. */
export type FormOf = Readonly<{
  /** Its id; the same in a hidden field, so that a refused form is found again. */
  id: string;
  kind: FormKind;
  /** Fields that are not filled in. */
  hidden?: Readonly<Record<string, string>>;
  className?: string;
}>;

/** A form, with the token and the name of it. */
export function showForm(look: Look, form: FormOf, content: Content): Html {
  const { base, token } = look.viewer;
  return html`<form
    id="${form.id}"
    method="post"
    action="${base}/forms/${form.kind}"
    class="${form.className ?? 'form'}"
    autocomplete="off"
  >
    ${hide('token', token)} ${hide('form', form.id)}
    ${Object.entries(form.hidden ?? {}).map(([name, value]) => hide(name, value))} ${content}
  </form>`;
}

/** A field that is not filled in. */
export function hide(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

/** What an option was when the form was made; nothing is said of one that was empty. */
function hideWas(name: string, was: string): Html | undefined {
  return was === '' ? undefined : hide(`was.${name}`, was);
}

/** What an option is now, as it stands in a form: written, or empty where nothing is said. */
export type Values = Readonly<Record<string, unknown>>;

/** Groups of options, each option with the value that it has now. */
export function showGroups(look: Look, form: string, groups: readonly Group[], values: Values): Html[] {
  return groups.map(
    ({ title, fields }) =>
      html`<fieldset>
        <legend>${title}</legend>
        ${fields.map((field) => showOption(look, form, field, values[field.name]))}
      </fieldset>`,
  );
}

/** An option: its field, and beside it what it was when the form was made. */
export function showOption(look: Look, form: string, field: Field, value: unknown): Html {
  const { name, input } = field;
  const was = printOption(field, value);
  const filled = refusedValue(look, form, name);
  const shown = filled ?? was;
  const faulty = isFaulty(look, form, name) && html` aria-invalid="true"`;
  switch (input.kind) {
    case 'text':
      return html`${label(
        field,
        html`<input name="${name}" value="${shown}" placeholder="${input.hint}" ${faulty} />`,
      )}${hideWas(name, was)}`;
    case 'number':
      return html`${label(
        field,
        html`<input
          type="number"
          name="${name}"
          value="${shown}"
          placeholder="${input.hint}"
          min="${input.min}"
          ${input.max !== undefined && html` max="${input.max}"`}
          step="${input.step ?? '1'}"
          ${faulty}
        />`,
      )}${hideWas(name, was)}`;
    case 'flag':
      return showFlag(look, form, field, was === 'on');
    case 'choice':
      return html`${label(
        field,
        html`<select name="${name}" ${faulty}>
          ${listWords(input.words, was).map(
            (word) => html`<option ${word === shown && html` selected`}>${word}</option>`,
          )}
        </select>`,
      )}${hideWas(name, was)}`;
  }
}

/** A flag. A box without its check sends nothing: `was` tells that it was there. */
export function showFlag(look: Look, form: string, { name, label: words }: LabelOf, isOn: boolean): Html {
  const { refused } = look;
  const isChecked = refused?.form === form ? refused.fields[name] === 'on' : isOn;
  return html`<label class="check">
      <input
        type="checkbox"
        name="${name}"
        value="on"
        ${isChecked && html` checked`}
        ${isFaulty(look, form, name) && html` aria-invalid="true"`}
      />
      ${words} <code>${name}</code>
    </label>
    ${hide(`was.${name}`, isOn ? 'on' : 'off')}`;
}

/** Why, and for how long. */
export function showReason(look: Look, form: string): Html {
  return html`${showPlain(look, form, 'reason', 'Reason', 'optional')}
  ${showPlain(look, form, 'for', 'For', 'until it is undone; 20m, 2h')}`;
}

/** A field that is no option: empty, but for what was filled in. */
export function showPlain(look: Look, form: string, name: string, words: string, hint: string): Html {
  return html`<label class="field ${`field-${name}`}"
    ><span>${words}</span>
    <input
      name="${name}"
      value="${refusedValue(look, form, name) ?? ''}"
      placeholder="${hint}"
      ${isFaulty(look, form, name) && html` aria-invalid="true"`}
  /></label>`;
}

/** What was filled in where this form was refused. */
export function refusedValue({ refused }: Look, form: string, name: string): string | undefined {
  return refused?.form === form ? refused.fields[name] : undefined;
}

/** Whether this is the form that was refused. */
export function isRefused({ refused }: Look, form: string): boolean {
  return refused?.form === form;
}

type LabelOf = Readonly<{ name: string; label: string }>;

function isFaulty({ refused }: Look, form: string, name: string): boolean {
  return refused?.form === form && refused.faulty.has(name);
}

function label({ name, label: words }: LabelOf, input: Html): Html {
  return html`<label class="field"
    ><span>${words} <code>${name}</code></span> ${input}</label
  >`;
}

// What a program has set need not be one of the words: then it stands there too, and stays as long as nobody chooses.
function listWords(words: readonly string[], was: string): readonly string[] {
  return words.includes(was) ? words : [was, ...words];
}

function printOption({ input }: Field, value: unknown): string {
  switch (input.kind) {
    case 'flag':
      return (value ?? input.isOn) === true ? 'on' : 'off';
    case 'choice':
      return value === undefined || value === null ? input.words[0] : printValue(value);
    case 'text':
    case 'number':
      return printValue(value);
  }
}

/** A value as one writes it into a field; lists with commas. */
function printValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map(printValue).join(', ') : JSON.stringify(value);
}
