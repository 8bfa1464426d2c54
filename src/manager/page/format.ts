/** What stands for nothing. */
export const nothing = '–';

/** A whole number with thin spaces between its thousands. */
export function formatCount(value: number): string {
  const [whole = '', rest] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, '\u202f');
  return (rest === undefined ? grouped : `${grouped}.${rest}`).replace('-', '\u2212');
}

/** Bytes as httpd writes them (apr_strfsize): `973`, `1.2K`, `34M`. */
export function formatBytes(bytes: number): string {
  if (bytes < 973) return String(bytes);
  let size = bytes;
  for (const unit of 'KMGTPE') {
    const remainder = size % 1024;
    size = Math.floor(size / 1024);
    if (size >= 973) continue;
    if (size > 9 || (size === 9 && remainder >= 973)) return `${remainder >= 512 ? size + 1 : size}${unit}`;
    const tenths = Math.floor((remainder * 5 + 256) / 512);
    return tenths >= 10 ? `${size + 1}.0${unit}` : `${size}.${tenths}${unit}`;
  }
  return `${size}E`;
}

/** A short time: `0.4 ms`, `12.3 ms`, `240 ms`, `1.2 s`, `2 min`. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return nothing;
  if (ms < 99.95) return `${trimTenths(ms)}\u00a0ms`;
  if (ms < 999.5) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}\u00a0s`;
  return formatSpan(ms);
}

/** So many a second. */
export function formatRate(rate: number): string {
  return rate < 9.95 ? trimTenths(rate) : formatCount(Math.round(rate));
}

/** How long something lasts still: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. Rounded up, since 0 is over. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joinUnits(hours, 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** How long one has to wait, as a clock that runs down: `0:45`, `14:32`, `1:04:32`; from a day up as a span. */
export function formatRest(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 86_400) return formatSpan(ms);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = `${large}\u00a0${largeUnit}`;
  return small === 0 ? first : `${first}\u00a0${small}\u00a0${smallUnit}`;
}

function trimTenths(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
