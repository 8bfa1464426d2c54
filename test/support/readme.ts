import { readPage } from './pages.ts';

const page = readPage('README.md');

/** README.md. */
export const readme = page.text;
export const { findSnippet, findSnippets, readSection, readTable } = page;
export { readCode } from './pages.ts';
export { compileSnippets, runSnippet, runWaitingSnippet } from './snippets.ts';
