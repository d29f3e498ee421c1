/** Numbers and times as people read them. Pure. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size in bytes: `79.6 GiB`. */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A span of time with the unit that fits it; `count` is a whole number. */
export interface Span {
  count: number;
  unit: 'second' | 'minute' | 'hour' | 'day';
}

/** How long `milliseconds` are, in tens of seconds below a minute. */
export function span(milliseconds: number): Span {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 60) {
    return { count: Math.floor(seconds / 10) * 10, unit: 'second' };
  }
  if (seconds < 3600) {
    return { count: Math.floor(seconds / 60), unit: 'minute' };
  }
  if (seconds < 2 * 86400) {
    return { count: Math.floor(seconds / 3600), unit: 'hour' };
  }
  return { count: Math.floor(seconds / 86400), unit: 'day' };
}

/** Milliseconds since the epoch of an ISO 8601 text; null where it is none. */
export function instant(iso: string): number | null {
  const parsed = Date.parse(iso);
  return Number.isNaN(parsed) ? null : parsed;
}

/** The time of day of an event, in the reader's own zone: `14:05:09`. */
export function clock(milliseconds: number): string {
  const time = new Date(milliseconds);
  if (Number.isNaN(time.getTime())) {
    return '--:--:--';
  }
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return parts.map(part => String(part).padStart(2, '0')).join(':');
}

/** A share of a whole in percent, from 0 to 100; null where it cannot be said. */
export function percent(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole <= 0) {
    return null;
  }
  return Math.min(100, Math.max(0, Math.round((100 * part) / whole)));
}
