import { fenced } from '../github/fence.ts';
import type { Runner } from '../runner/runner.ts';
import type { Wishes } from './claims.ts';
import type { Plan } from './plan.ts';
import { fitting, remarksText } from './render.ts';
import { type Row, statusMarkdown, statusText, summaryOf } from './render-status.ts';
import type { Resolve } from './resolve.ts';
import { statusOf } from './status.ts';

/**
 * Shows how each host stands, and changes nothing.
 * @param label what it is the status of: the environment
 * @param resolve asks a DNS server too
 */
export async function showStatus(
  runner: Runner,
  label: string,
  { plans, wishes }: { plans: readonly Plan[]; wishes: Wishes },
  resolve?: Resolve,
): Promise<Row[]> {
  const hosts = statusOf(plans, wishes);
  const rows: Row[] = [];
  // A few at a time: a resolver that everybody uses takes many at once for an attack.
  for (let from = 0; from < hosts.length; from += 20) {
    if (resolve) runner.progress(`Asking the resolver for ${hosts.length} hosts, ${from} done`);
    const some = hosts.slice(from, from + 20).map(async (host): Promise<Row> => {
      if (!resolve || host.targets.length === 0) return host;
      return { ...host, resolved: await resolve(host) };
    });
    rows.push(...(await Promise.all(some)));
  }
  const headline = `DNS of ${label}: ${summaryOf(rows)}`;
  const refusals = plans.flatMap(({ refusal }) => (refusal === undefined ? [] : [`! Refused: ${refusal}`]));
  const remarks = [...refusals, remarksText(wishes)].filter(Boolean).join('\n\n');
  const [table, page] = rows.length > 0 ? [statusText(rows), statusMarkdown(rows)] : ['', ''];
  runner.info([headline, table, remarks].filter(Boolean).join('\n\n'));
  await runner.summary(
    fitting([`### ${headline}`, page, remarks && fenced('text', remarks)].filter(Boolean).join('\n\n')),
  );
  return rows;
}
