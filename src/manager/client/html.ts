type Policy = Readonly<{ createHTML(text: string): unknown }>;
type PolicyFactory = Readonly<{
  createPolicy(name: string, rules: Readonly<{ createHTML: (text: string) => string }>): Policy;
}>;

// The page's CSP allows markup from this policy only, and what goes through it is what the manager has rendered and escaped.
const policy = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes?.createPolicy('manager', {
  createHTML: (text) => text,
});

/** Makes HTML of the manager's into nodes. */
export function parseHtml(text: string): DocumentFragment {
  const template = document.createElement('template');
  // Where there are trusted types they are what innerHTML takes.
  template.innerHTML = (policy ? policy.createHTML(text) : text) as string;
  return template.content;
}

/** Makes an element with a text. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}
