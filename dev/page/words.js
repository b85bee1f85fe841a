// Numbers and times as people say them.

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export function plural(count, what) {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

// 1234 is "1.2K" on a small screen.
export const short = (count) =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count);

// "gone in 13 days": whole units that have not passed, the largest that fits.
export function expiry(expiresAt, now = Date.now()) {
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return 'gone';
  for (const [unit, length] of UNITS) {
    if (left >= length) return `gone in ${plural(Math.floor(left / length), unit)}`;
  }
  return 'gone within a minute';
}

export function ago(at, now = Date.now()) {
  const past = now - Date.parse(at);
  for (const [unit, length] of UNITS) {
    if (past >= length) return `${plural(Math.floor(past / length), unit)} ago`;
  }
  return 'just now';
}
