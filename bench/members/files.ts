/** What members answer by name, in bytes: the path is `/<name>`. */
export const files: readonly (readonly [name: string, bytes: number])[] = [
  ['10k', 10 * 1_024],
  ['10m', 10 * 1_024 * 1_024],
  ['100m', 100 * 1_024 * 1_024],
];
