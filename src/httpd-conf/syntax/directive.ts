/** Where something stands in a configuration. */
export type Place = Readonly<{
  /** As it was named: the file, or `httpd.conf` for a text. */
  file: string;
  /** From 1. */
  line: number;
}>;

/** One argument of a directive: quotes taken away, `${VAR}` put in. */
export type Argument = Readonly<{
  text: string;
  /** Where it is written, for the caret: its line, its column from 1 and its length there. */
  place: Place;
  column: number;
  length: number;
  /** The whole physical line that it stands in. */
  lineText: string;
}>;

/** A directive: a name and what follows it. */
export type Directive = Readonly<{
  kind: 'directive';
  /** As it is written. */
  name: string;
  /** In lower case: names are case-insensitive. */
  key: string;
  args: readonly Argument[];
  /** Name and arguments as one line, as they are written: for notices. */
  text: string;
  place: Place;
  /** The name as an argument of its own, for carets. */
  head: Argument;
}>;

/** A section with what is in it. For one, `text` is `<Location /app>`. */
export type Section = Omit<Directive, 'kind'> & Readonly<{ kind: 'section'; items: readonly Item[] }>;

/** What a configuration consists of, in order, with Include, Define and the sections that only ask (IfModule …) worked in. */
export type Item = Directive | Section;
