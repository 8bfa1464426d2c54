/** As much of JSON Schema (draft-07, the newest that editors know whole) as a definition needs. */
export type JsonSchema = {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly minProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: 'regex';
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
};

/** What types cannot say of a value. */
export type Bounds = Readonly<{
  /** Only whole numbers. */
  whole?: boolean;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  /** The text is the source of a pattern itself. */
  format?: 'regex';
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  /** Pattern of the keys of a table. */
  keys?: string;
  /** The keys are patterns themselves. */
  keysFormat?: 'regex';
  /** Pattern of its values, where it is another one than `pattern`. */
  values?: string;
}>;

/** A schema within bounds: each bound holds for what it can hold for, in lists and tables too. */
export function narrow(schema: JsonSchema, bounds: Bounds): JsonSchema {
  if (schema.anyOf) return { ...schema, anyOf: schema.anyOf.map((each) => narrow(each, bounds)) };
  const { whole, minimum, exclusiveMinimum, maximum, minLength, maxLength, pattern } = bounds;
  const { minItems, maxItems } = bounds;
  const { type } = schema;
  switch (type) {
    case 'number':
      return defined<JsonSchema>({
        ...schema,
        type: whole ? 'integer' : 'number',
        minimum: exclusiveMinimum === undefined ? (minimum ?? schema.minimum) : undefined,
        exclusiveMinimum,
        maximum: maximum ?? schema.maximum,
      });
    case 'string':
      return defined<JsonSchema>({
        ...schema,
        minLength,
        maxLength,
        pattern: joinPatterns(schema, bounds) ?? pattern,
        format: bounds.format,
      });
    case 'array':
      return defined<JsonSchema>({
        ...schema,
        items: schema.items && narrow(schema.items, bounds),
        minItems,
        maxItems,
      });
    case 'object':
      return narrowTable(schema, bounds);
    case 'integer':
    case 'boolean':
    case undefined:
      break;
  }
  return schema;
}

function narrowTable(schema: JsonSchema, bounds: Bounds): JsonSchema {
  const { minProperties, keys, keysFormat } = bounds;
  const names = defined<JsonSchema>({ pattern: keys, format: keysFormat });
  const pattern = bounds.values ?? bounds.pattern;
  const values = schema.additionalProperties;
  return defined<JsonSchema>({
    ...schema,
    minProperties,
    propertyNames: Object.keys(names).length === 0 ? schema.propertyNames : names,
    additionalProperties:
      typeof values === 'object' ? narrow(values, defined<Bounds>({ ...bounds, pattern })) : values,
  });
}

/** A text that has a pattern already is a time span: no time at all has no digit but 0 in it. */
function joinPatterns({ pattern }: JsonSchema, { exclusiveMinimum }: Bounds): string | undefined {
  if (pattern === undefined) return undefined;
  return exclusiveMinimum === 0 ? pattern.replace(/^\^/, '^(?=.*[1-9])') : pattern;
}

/** Without what is undefined. */
export function defined<Value extends object>(value: {
  readonly [Key in keyof Value]: Value[Key] | undefined;
}): Value {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as Value;
}
