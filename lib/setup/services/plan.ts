import { unreadRow } from '../github/rows.ts';
import { listed, type Row, rowsOf } from '../row.ts';
import type { ServiceWorld } from './observe.ts';

const row = rowsOf('Services');

/** Pure. */
export const planServices = (services: readonly ServiceWorld[]): Row[] => services.map(serviceRow);

function serviceRow({ name, slug, repository, pins }: ServiceWorld): Row {
  if ('unreadable' in repository) return unreadRow(name, repository.unreadable, row);
  if (!repository.value)
    return row(name, 'missing', `there is no ${slug}, or not for this token`, {
      todo: `make it, or correct "repository" of ${name} in platform.yaml`,
    });
  const unread = pins.find(({ isThere }) => 'unreadable' in isThere);
  if (unread && 'unreadable' in unread.isThere) return unreadRow(name, unread.isThere.unreadable, row);
  const absent = pins.filter(({ isThere }) => 'value' in isThere && !isThere.value);
  const [first] = absent;
  if (first) {
    const where = absent.map(({ revision, environments }) => `${revision} (${listed(environments)})`);
    return row(name, 'missing', `${slug} has no folder ${first.path} at ${listed(where)}`, {
      todo: `push ${listed(absent.map(({ revision }) => revision))} to ${slug}, or promote a version that is there`,
    });
  }
  const at = pins.map(({ revision }) => revision);
  const what = repository.value.isPrivate ? `${slug}, private` : slug;
  return row(name, 'ok', at.length > 0 ? `${what}, at ${listed(at)}` : what);
}
