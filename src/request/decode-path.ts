/** A path decoded once: raw bytes and escapes alike, as UTF-8; what is none becomes U+FFFD, which no pattern holds. */
export function decodePath(path: string): string {
  if (!isEncoded(path)) return path;
  const bytes = Buffer.alloc(path.length);
  let length = 0;
  for (let i = 0; i < path.length; i += 1) {
    const isEscape = path[i] === '%';
    bytes[length] = isEscape ? parseInt(path.slice(i + 1, i + 3), 16) : path.charCodeAt(i);
    length += 1;
    if (isEscape) i += 2;
  }
  return bytes.toString('utf8', 0, length);
}

function isEncoded(path: string): boolean {
  for (let i = 0; i < path.length; i += 1) {
    const code = path.charCodeAt(i);
    if (code === 0x25 || code > 0x7f) return true;
  }
  return false;
}
