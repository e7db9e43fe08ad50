const day = new Intl.DateTimeFormat('en-CH', { dateStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en-CH', { dateStyle: 'medium', timeStyle: 'short' });

export const date = (iso: string): string => day.format(new Date(iso));
export const moment = (iso: string): string => minute.format(new Date(iso));

/** `2, 'product'` → `2 products` */
export const count = (many: number, one: string, more = `${one}s`): string =>
  `${many} ${many === 1 ? one : more}`;

/** What people read out: the end of the id, which is random. */
export const orderNumber = (id: string): string => {
  const end = id.replaceAll('-', '').slice(-8).toUpperCase();
  return `${end.slice(0, 4)}-${end.slice(4)}`;
};

/** `Mozilla/5.0 (X11; Linux x86_64) … Chrome/140 …` → `Chrome on Linux`: as far as that can be told. */
export function device(userAgent: string): string {
  const first = (known: Record<string, RegExp>) =>
    Object.entries(known).find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = first({ Edge: /Edg/, Firefox: /Firefox/, Chrome: /Chrome|CriOS/, Safari: /Safari/ });
  const system = first({
    Android: /Android/,
    iPhone: /iPhone/,
    iPad: /iPad/,
    Windows: /Windows/,
    macOS: /Mac OS/,
    Linux: /Linux/,
  });
  if (!browser) return userAgent.slice(0, 40) || 'Unknown device';
  return system ? `${browser} on ${system}` : browser;
}

/** `Log & chart` → `log-chart`: what stands in an address. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
