/** Where the machine stands: httpd's logs are in its time too. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>();

/** A time of day, `12:03:45`. */
export function formatTime(at: number, zone: string = ownZone): string {
  return print(at, zone).slice(11);
}

/** The same, with the date where that is another day than `now`: `2026-11-20 12:03:45`. */
export function formatMoment(at: number, now: number, zone: string = ownZone): string {
  const text = print(at, zone);
  return text.slice(0, 10) === print(now, zone).slice(0, 10) ? text.slice(11) : text;
}

// Swedes write times as ISO 8601 does.
function print(at: number, zone: string): string {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, format);
  return format.format(at);
}
