import { quote } from '../../../definition/describe.ts';
import { isDone, mayRead, peek, readBy, type Reader } from '../pcre/reader.ts';
import { refuse } from '../pcre/refusal.ts';
import { refuseReference } from './tokens.ts';
import { changeCase, joinWords, type Word } from './tree.ts';

/** Reads a text up to its quote, the one that opens it being read. */
export function readText(reader: Reader, mark: string, at: number): Word {
  const word = readParts(reader, mark, at);
  if (!mayRead(reader, mark)) refuse('a text is not closed', `write ${mark} behind it`, at);
  return word;
}

/** Reads `%{NAME}` or `%{function:text}`, its `%{` being read. */
export function readVariable(reader: Reader, at: number): Word {
  const [name] = readBy(reader, /[a-zA-Z]\w*/y) ?? [];
  if (name === undefined) {
    refuse('%{ begins a variable', 'write its name: %{REQUEST_STATUS}, or \\%{ for the characters', at, 2);
  }
  const argument = mayRead(reader, ':') ? readParts(reader, '}', at) : undefined;
  if (!mayRead(reader, '}')) refuse('a variable is not closed', 'write } behind its name', at, 2);
  const length = reader.at - at;
  return argument ? callFunction(name, argument, at, length) : findVariable(name, at, length);
}

const characters: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
]);

/** What stands in front of `end`, which stays unread. */
function readParts(reader: Reader, end: string, at: number): Word {
  const words: Word[] = [];
  let text = '';
  while (!isDone(reader) && peek(reader) !== end) {
    const from = reader.at;
    if (mayRead(reader, '%{')) {
      words.push({ kind: 'literal', text }, readVariable(reader, from));
      text = '';
    } else if (mayRead(reader, '\\')) text += readEscape(reader, from);
    else {
      if (/^\$\d/.test(reader.text.slice(from))) refuseReference(from);
      if (peek(reader) === '\n') refuse('a text is not closed', `write ${end} behind it`, at);
      text += peek(reader);
      reader.at += 1;
    }
  }
  return joinWords([...words, { kind: 'literal', text }]);
}

function readEscape(reader: Reader, from: number): string {
  const [octal] = readBy(reader, /[0-7]{1,3}/y) ?? [];
  const letter = peek(reader);
  if (octal !== undefined) {
    const code = Number.parseInt(octal, 8);
    if (code < 0x80) return String.fromCharCode(code);
    refuse('a byte beyond ASCII is no character', 'write the character itself', from, octal.length + 1);
  }
  if (letter === '8' || letter === '9') refuse(`there is no escape \\${letter}`, `write ${letter}`, from, 2);
  reader.at += 1;
  return characters.get(letter) ?? letter;
}

/** Functions of httpd that an answer to a health check can be asked with. `name`, case aside. */
export function callFunction(name: string, argument: Word, at: number, length: number): Word {
  switch (name.toLowerCase()) {
    case 'resp':
      return readHeaderName(argument, at, length);
    case 'hc':
      if (argument.kind === 'literal' && argument.text.toLowerCase() === 'body') return { kind: 'body' };
      return refuse('hc() knows the body alone: all else is empty', "write hc('body')", at, length);
    case 'tolower':
      return changeCase('lower', argument);
    case 'toupper':
      return changeCase('upper', argument);
    case 'req':
    case 'http':
    case 'req_novary':
      return refuse(
        `${name} asks for what the check has sent`,
        "write resp('Name') for a header of the answer",
        at,
        length,
      );
    default:
      return refuse(
        `there is no function ${quote(name)} here`,
        "write resp('Name'), hc('body'), tolower(…) or toupper(…), or a function as hcexpect",
        at,
        length,
      );
  }
}

function readHeaderName(argument: Word, at: number, length: number): Word {
  if (argument.kind !== 'literal') {
    return refuse("a header's name must be written out", "write resp('Content-Type')", at, length);
  }
  const name = argument.text.toLowerCase();
  // What every object has is no header.
  if (/^[!#$%&'*+\-.^_`|~\da-z]+$/.test(name) && !(name in {})) return { kind: 'header', name };
  return refuse(`${quote(argument.text)} is no name of a header`, "write resp('Content-Type')", at, length);
}

function findVariable(name: string, at: number, length: number): Word {
  const upper = name.toUpperCase();
  if (upper === 'REQUEST_STATUS') return { kind: 'status' };
  if (upper === 'HC_BODY') return { kind: 'body' };
  if (upper === 'CONTENT_TYPE') {
    return refuse('CONTENT_TYPE is empty in a health check', 'write %{resp:Content-Type}', at, length);
  }
  const isKnown = /^(?:REQUEST|HTTP|SERVER|REMOTE|TIME|SCRIPT|DOCUMENT|CONN|AUTH|CONTEXT|SSL)_/.test(upper);
  return refuse(
    isKnown ? `${name} is not known of the answer to a health check` : `there is no variable ${quote(name)}`,
    'write %{REQUEST_STATUS}, %{HC_BODY} or %{resp:Name}',
    at,
    length,
  );
}
