import { join } from 'node:path';
import type { JsonSchema } from './json-schema.ts';
import { readTypes } from './read-types.ts';

const file = join(import.meta.dirname, '../../src/definition/definition.ts');

/** The JSON Schema of a definition, from its types and docstrings: for editors, and for definitions in files. */
export function buildSchema(): JsonSchema {
  const { properties, ...schema } = readTypes(file, 'BalancerDefinition');
  return {
    ...schema,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The definition of a balancer of express-proxy-balancer',
    description:
      'Options in lower case are httpd’s, those in camelCase the library’s own. What takes functions is set by the program.',
    properties: {
      $schema: { type: 'string', description: 'Where this schema is, for editors; the balancer ignores it.' },
      ...properties,
    },
  };
}
