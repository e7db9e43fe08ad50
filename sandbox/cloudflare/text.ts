import type { DnsRecord } from './record.ts';
import type { Zone } from './zone.ts';

/** The zone as a person reads it: a zone file, with what Cloudflare knows beyond it as comments. */
export function zoneText({ name, plan, records }: Zone): string {
  const sorted = [...records.values()].sort(
    (a, b) =>
      byLabels(a.name).localeCompare(byLabels(b.name)) ||
      a.type.localeCompare(b.type) ||
      a.content.localeCompare(b.content),
  );
  const rows = sorted.map(record => [
    `${record.name}.`,
    String(record.ttl),
    'IN',
    record.type,
    content(record),
    [record.proxied && 'proxied', record.comment].filter(Boolean).join('; '),
  ]);
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(0, ...rows.map(row => (row[column] ?? '').length)));
  const lines = rows.map(row => {
    const cells = row.slice(0, 5).map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return `${cells.join('  ')}${row[5] ? `  ; ${row[5]}` : ''}`.trimEnd();
  });
  return [`; ${name}: ${records.size} of ${plan.records} records, ${plan.name}`, ...lines, ''].join('\n');
}

function content({ type, content, priority }: DnsRecord): string {
  const host = ['CNAME', 'MX', 'NS', 'PTR'].includes(type) ? `${content}.` : content;
  return type === 'MX' ? `${priority ?? 0} ${host}` : host;
}

/** `api.example.com` → `com.example.api`: a zone's own name first, then what is below it. */
const byLabels = (name: string): string => name.split('.').reverse().join('.');
