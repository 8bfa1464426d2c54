/** What a Content-Type says, both in lower case and `''` where it says nothing. */
export type ContentType = Readonly<{ header: string; type: string; charset: string }>;

const charsetParameter = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))/i;

export function readContentType(header = ''): ContentType {
  const [type = ''] = header.split(';', 1);
  const charset = charsetParameter.exec(header);
  return {
    header,
    type: type.trim().toLowerCase(),
    charset: (charset?.[1] ?? charset?.[2] ?? '').toLowerCase(),
  };
}

/** The Content-Type of the same in UTF-8; undefined if it need not be changed. */
export function declareUtf8({ header, charset }: ContentType): string | undefined {
  if (charset === '' || isUtf8(charset)) return undefined;
  return header.replace(charsetParameter, '; charset=utf-8');
}

export function isUtf8(charset: string): boolean {
  return charset === 'utf-8' || charset === 'utf8';
}

export function isJson({ type }: ContentType): boolean {
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json');
}

export function isForm({ type }: ContentType): boolean {
  return type === 'application/x-www-form-urlencoded';
}
