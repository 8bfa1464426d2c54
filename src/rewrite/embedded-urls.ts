/** Maps the URL of a Refresh value: `5; url=http://…`, quoted or not, with or without `url=` as browsers read it. */
export function mapRefresh(value: string, map: (url: string) => string): string {
  const match = /^([\d.]+(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?)(["']?)(.*)$/is.exec(value);
  if (match === null) return value;
  const [, lead, mark, rest] = match;
  const end = mark === '' ? rest!.trimEnd().length : rest!.indexOf(mark!);
  const url = end === -1 ? rest! : rest!.slice(0, end);
  return lead! + mark! + map(url) + rest!.slice(url.length);
}

/** Maps each target of a Link value (RFC 8288 3): what stands in angle brackets outside of quoted strings. */
export function mapLinks(value: string, map: (url: string) => string): string {
  let mapped = '';
  let copied = 0;
  let isQuoted = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (isQuoted) {
      if (char === '\\') i++;
      else if (char === '"') isQuoted = false;
    } else if (char === '"') {
      isQuoted = true;
    } else if (char === '<') {
      const end = value.indexOf('>', i);
      if (end === -1) break;
      mapped += value.slice(copied, i + 1) + map(value.slice(i + 1, end));
      copied = end;
      i = end;
    }
  }
  return mapped + value.slice(copied);
}
