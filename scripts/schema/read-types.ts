import ts from 'typescript';
import { mostSeconds } from '../../src/definition/duration.ts';
import { bounds, foreign, unsayable, written } from './bounds.ts';
import { defined, narrow, type JsonSchema } from './json-schema.ts';
import { readDocs } from './read-docs.ts';
import { openTypeFiles, type Alias } from './type-files.ts';

/** A type of TypeScript as JSON Schema; undefined where JSON has no value of it. */
type Reading = JsonSchema | undefined;

/** Where a type stands: whose bounds hold, and which file knows the names in it. */
type Place = Readonly<{ file: string; owner: string }>;

/**
 * The schema of a type, with all that it refers to under `definitions`.
 *
 * @throws {Error} for what it does not understand: nothing is left out unless it is known that JSON cannot say it.
 */
export function readTypes(file: string, root: string): JsonSchema {
  const files = openTypeFiles();
  const definitions = new Map<string, Reading>();

  function read(node: ts.TypeNode, place: Place): Reading {
    const keyword = ts.tokenToString(node.kind);
    if (keyword === 'string' || keyword === 'number' || keyword === 'boolean') return { type: keyword };
    if (keyword === 'never') return undefined;
    // Functions, and those that are written as methods: `{ ask(req): boolean }['ask']`.
    if (ts.isFunctionTypeNode(node) || ts.isIndexedAccessTypeNode(node)) return undefined;
    if (ts.isParenthesizedTypeNode(node)) return read(node.type, place);
    if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.KeyOfKeyword)
      return { enum: files.listKeys(node.type, place.file) };
    if (ts.isTypeOperatorNode(node)) return read(node.type, place);
    if (ts.isLiteralTypeNode(node)) return { const: readLiteral(node) };
    if (ts.isTemplateLiteralTypeNode(node)) return { type: 'string', pattern: `^${readTemplate(node)}$` };
    if (ts.isUnionTypeNode(node)) return joinUnion(node.types.map((each) => read(each, place)));
    if (ts.isArrayTypeNode(node)) {
      const items = read(node.elementType, place);
      return items && { type: 'array', items };
    }
    if (ts.isTypeLiteralNode(node)) return readMembers(node.members, place);
    if (ts.isIntersectionTypeNode(node)) return joinRecords(node.types.map((each) => read(each, place)));
    if (ts.isTypeReferenceNode(node)) return readReference(node, place);
    throw new Error(`${place.owner}: ${node.getText()} is not understood`);
  }

  function followed(reference: string): JsonSchema {
    return definitions.get(reference.replace('#/definitions/', ''))!;
  }

  function readReference({ typeName, typeArguments }: ts.TypeReferenceNode, place: Place): Reading {
    const name = typeName.getText();
    const [first, second] = typeArguments ?? [];
    if (unsayable.has(name)) return undefined;
    switch (name) {
      case 'Readonly':
      case 'NoInfer':
        return read(first!, place);
      case 'Partial':
        return withoutRequired(readWhole(first!, place));
      case 'Record': {
        const [keys, values] = [read(first!, place), read(second!, place)];
        if (!values) return undefined;
        if (!keys?.enum) return { type: 'object', additionalProperties: values };
        const names = keys.enum.map(String);
        const properties = Object.fromEntries(names.map((key) => [key, values]));
        return { type: 'object', properties, required: names, additionalProperties: false };
      }
      case 'Pick':
        return pick(readWhole(first!, place), (option) => listNames(second!).has(option));
      case 'Omit':
        return pick(readWhole(first!, place), (option) => !listNames(second!).has(option));
      case 'Exclude':
        return undefined;
    }
    return refer(name, place);
  }

  /** By its name, where it is a record; in place, where it is not. */
  function refer(name: string, place: Place): Reading {
    const schema = readNamed(name, place);
    return schema?.type === 'object' && schema.properties ? { $ref: `#/definitions/${name}` } : schema;
  }

  function readNamed(name: string, place: Place): Reading {
    if (definitions.has(name)) return definitions.get(name);
    const known = written[name] ?? foreign[name];
    const alias = files.find(name, place.file);
    if (!known && !alias) throw new Error(`${place.owner}: there is no type ${name}`);
    const schema = known ?? read(alias!.node.type, { file: alias!.file, owner: name });
    // The docstring of a record; that of anything else says less than the option's own.
    const docs = schema?.type === 'object' && alias ? describeAlias(alias) : {};
    const whole = schema && { ...docs, ...narrow(schema, bounds[name]?.[''] ?? {}) };
    definitions.set(name, whole);
    return whole;
  }

  /** A record with its options, wherever it is written. */
  function readWhole(node: ts.TypeNode, place: Place): JsonSchema {
    const schema = read(node, place);
    if (schema?.$ref !== undefined) return followed(schema.$ref);
    if (schema?.type !== 'object') throw new Error(`${place.owner}: ${node.getText()} is no record`);
    return schema;
  }

  function readMembers(members: ts.NodeArray<ts.TypeElement>, place: Place): Reading {
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const member of members) {
      // One with a method is a function's type.
      if (!ts.isPropertySignature(member) || !member.type) return undefined;
      const name = member.name.getText();
      const schema = readOption(name, member.type, place);
      // Its own words, and not those of its type.
      if (schema) properties[name] = { ...schema, ...readDocs(member) };
      if (member.questionToken) continue;
      if (!schema) return undefined;
      required.push(name);
    }
    return defined<JsonSchema>({
      type: 'object',
      properties,
      required: required.length === 0 ? undefined : required,
      additionalProperties: false,
    });
  }

  function readOption(name: string, type: ts.TypeNode, place: Place): Reading {
    const schema = read(type, place);
    const own = bounds[place.owner]?.[name] ?? {};
    // A bare number of a time span is one of seconds, unless its bounds say otherwise.
    const isTime = /\bDuration\b/.test(type.getText());
    return schema && narrow(schema, isTime ? { minimum: 0, maximum: mostSeconds, ...own } : own);
  }

  /** Records that hold at once; the options of each. */
  function joinRecords(readings: readonly Reading[]): Reading {
    const records = readings.flatMap((reading) => {
      const record = reading?.$ref === undefined ? reading : followed(reading.$ref);
      return record?.type === 'object' ? [record] : [];
    });
    if (records.length < readings.length) return undefined;
    return {
      type: 'object',
      properties: Object.fromEntries(records.flatMap(({ properties = {} }) => Object.entries(properties))),
      required: records.flatMap(({ required = [] }) => required),
      additionalProperties: false,
    };
  }

  const schema = readNamed(root, { file, owner: root });
  if (!schema) throw new Error(`JSON has no value of ${root}`);
  return { ...schema, definitions: collect(schema, definitions) };
}

/** What is referred to, and by what is referred to. */
function collect(
  schema: JsonSchema,
  definitions: ReadonlyMap<string, Reading>,
): Readonly<Record<string, JsonSchema>> {
  const found = new Map<string, JsonSchema>();
  const look = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value).matchAll(/"#\/definitions\/(\w+)"/g)) {
      if (found.has(name!)) continue;
      found.set(name!, definitions.get(name!)!);
      look(found.get(name!));
    }
  };
  look(schema);
  return Object.fromEntries([...found].toSorted(([one], [other]) => one.localeCompare(other)));
}

function withoutRequired({ required: _required, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function describeAlias({ node }: Alias): Pick<JsonSchema, 'description'> {
  const { description } = readDocs(node);
  return description === undefined ? {} : { description };
}

function pick(record: JsonSchema, isWanted: (option: string) => boolean): JsonSchema {
  const entries = Object.entries(record.properties ?? {}).filter(([option]) => isWanted(option));
  return {
    ...record,
    properties: Object.fromEntries(entries),
    required: (record.required ?? []).filter(isWanted),
    additionalProperties: false,
  };
}

/** `'a' | 'b'`, as Pick and Omit have it. */
function listNames(node: ts.TypeNode): ReadonlySet<string> {
  const types = ts.isUnionTypeNode(node) ? node.types : [node];
  return new Set(types.map((each) => String(readLiteral(each as ts.LiteralTypeNode))));
}

function readLiteral({ literal }: ts.LiteralTypeNode): string | number | boolean {
  if (literal.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (literal.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isStringLiteral(literal)) return literal.text;
  if (ts.isNumericLiteral(literal)) return Number(literal.text);
  throw new Error(`${literal.getText()} is no literal that is known`);
}

/** `${number}${'ms' | 's'}` as a pattern. */
function readTemplate({ head, templateSpans }: ts.TemplateLiteralTypeNode): string {
  const spans = templateSpans.map(({ type, literal }) => {
    if (type.kind === ts.SyntaxKind.NumberKeyword) return `\\d+(?:\\.\\d+)?${literal.text}`;
    const words = ts.isUnionTypeNode(type) ? [...listNames(type)] : [];
    if (words.length === 0) throw new Error(`${type.getText()} is no part that is known`);
    return `(?:${words.join('|')})${literal.text}`;
  });
  return `${head.text}${spans.join('')}`;
}

/** What JSON can say of a union: its words together, and each other form. */
function joinUnion(readings: readonly Reading[]): Reading {
  const forms = readings.flatMap((reading) => reading?.anyOf ?? (reading ? [reading] : []));
  const words = forms.flatMap(({ const: word }) => (word === undefined ? [] : [word]));
  const others = forms.filter((form) => form.const === undefined);
  const own: readonly JsonSchema[] =
    words.length === 0 ? [] : [words.length === 1 ? { const: words[0] } : { enum: words }];
  const all = [...own, ...others];
  if (all.length === 0) return undefined;
  return all.length === 1 ? all[0] : { anyOf: all };
}
