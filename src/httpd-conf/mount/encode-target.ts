/** A target as a path that may be sent: what can stand in none is encoded, escapes stay as they are written. */
export function encodeTarget(to: string): string {
  return to.replace(/[^!-~]+|[#?"<>]|%(?![\da-f]{2})/giu, encodeText);
}

/** Every byte of a text as an escape. */
export function encodeText(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
    '',
  );
}
