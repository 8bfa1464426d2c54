import { readFileSync } from 'node:fs';

let page: string | undefined;

/**
 * Where the page that is installed with the package tells of a code: a `file:` URL that terminals open, or the page's path
 * in the package where it is not beside the program, as in a bundle.
 */
export function linkTo(code: string): string {
  // As GitHub makes anchors of headings.
  return `${(page ??= findPage(() => import.meta.url))}#${code.toLowerCase()}`;
}

/** `askPlace`: where this file is; throws, or tells nothing, where nobody knows. */
export function findPage(askPlace: () => string | undefined): string {
  const path = 'docs/troubleshooting.md';
  try {
    const root = new URL('../../', askPlace());
    const { name } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { name?: unknown };
    const url = new URL(path, root);
    // A bundle may stand in a package that has a page of this name too.
    if (name === 'express-proxy-balancer' && readFileSync(url).length > 0) return url.href;
  } catch {
    // The link is for people, who find the page by its name too.
  }
  return `express-proxy-balancer/${path}`;
}
