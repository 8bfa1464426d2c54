import { printText } from './print-text.ts';

/** Groups that every target knows. */
const group = String.raw`\((?:\?(?::|=|!|<=|<!))?`;
const escape = String.raw`\\[bBdDfnrstvwW$()*+\-./?[\\\]^{|}]`;
const classEscape = String.raw`\\[fnrtv$()*+\-./?[\\\]^{|}]`;
const classSet = String.raw`\\[dDsSwW]`;
const inClass = String.raw`[^\\\]\-[/\x00-\x1f\x7f-\uffff]`;
const range = `(?:${inClass}|${classEscape})-(?:${inClass}|${classEscape})`;
const characterClass = String.raw`\[\^?-?(?:${range}|${inClass}|${classEscape}|${classSet})*-?\]`;
const quantifier = String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})\??`;
const plain = String.raw`[^\\()[\]{}*+?/\x00-\x1f\x7f-\uffff]`;

/** Only what TypeScript's own reading of patterns says nothing about, whatever the target: it is stricter than JavaScript. */
const usual = new RegExp(
  String.raw`^(?:(?:${plain}|${escape}|${characterClass}|\))(?:${quantifier})?|${group})+$`,
);
const quantifiedLook = /\(\?<?[=!].*\)[*+?{]/;
const longestLiteral = 1000;

/** A pattern as it is written in a program: a literal, or by its constructor where its syntax is an unusual one. */
export function printRegExp({ source, flags }: RegExp): string | readonly string[] {
  const isUsual =
    source.length <= longestLiteral &&
    /^[gimsuy]*$/.test(flags) &&
    usual.test(source) &&
    !quantifiedLook.test(source);
  if (isUsual) return `/${source}/${flags}`;
  return flags === '' ? [printText(source)] : [printText(source), printText(flags)];
}
