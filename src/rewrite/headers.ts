/** Header fields as they are on the wire: name, value, name, value … in order, with the sender's spelling and repetitions. */
export type RawHeaders = readonly string[];

/** The values of one field, in order. `name` in lower case. */
export function valuesOf(headers: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.length === name.length && headers[i]!.toLowerCase() === name)
      values.push(headers[i + 1]!);
  }
  return values;
}

/** Whether there is such a field. `name` in lower case. */
export function hasField(headers: RawHeaders, name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.length === name.length && headers[i]!.toLowerCase() === name) return true;
  }
  return false;
}

/** Looks up field names, whatever their spelling, in a table whose keys are in lower case. */
export function compileFieldTable<T>(table: Readonly<Record<string, T>>): (name: string) => T | undefined {
  // Length and first letter tell most fields apart, so that only those of interest are put into lower case.
  const byLength: (readonly [first: number, name: string, entry: T])[][] = [];
  for (const [name, entry] of Object.entries(table)) {
    while (byLength.length <= name.length) byLength.push([]);
    byLength[name.length]!.push([name.charCodeAt(0), name, entry]);
  }
  return function lookUp(name) {
    const candidates = byLength[name.length];
    if (candidates === undefined) return undefined;
    const first = name.charCodeAt(0) | 0x20;
    for (const candidate of candidates) {
      if (candidate[0] === first && name.toLowerCase() === candidate[1]) return candidate[2];
    }
    return undefined;
  };
}

/**
 * Asks whether a name is none of these, and yet one of them to a member that makes variables of names: CGI and its descendants
 * (WSGI, PHP) cannot tell `X_Forwarded_For` from `X-Forwarded-For`. `names` in lower case.
 */
export function compileLookAlikes(names: readonly string[]): (name: string) => boolean {
  const byLength: string[][] = [];
  for (const name of names) {
    while (byLength.length <= name.length) byLength.push([]);
    byLength[name.length]!.push(name);
  }
  return function isLookAlike(name) {
    const candidates = byLength[name.length];
    if (candidates === undefined) return false;
    const first = name.charCodeAt(0) | 0x20;
    for (const candidate of candidates) {
      if (candidate.charCodeAt(0) !== first) continue;
      const lower = name.toLowerCase();
      if (lower !== candidate && asVariable(lower) === candidate) return true;
    }
    return false;
  };
}

/** What is left of a name, in lower case, where it is made a variable: only letters and digits are told apart. */
export function asVariable(name: string): string {
  return name.replace(/[^a-z\d]/g, '-');
}
