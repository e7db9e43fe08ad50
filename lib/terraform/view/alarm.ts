import type { Scrub } from '../../runner/scrub.ts';
import { isLoss, type Plan, type ResourceChange } from '../model.ts';
import { cut, plural, visible } from '../text.ts';
import { reasonText } from './blocks.ts';
import { step } from './values.ts';

const named = 10;

/**
 * What a plan destroys and why, in a headline and an item for each; nothing where nothing is lost.
 * @param quote makes names of the plan harmless where they are shown
 */
export function alarm(
  { changes }: Plan,
  scrub: Scrub,
  quote: (name: string) => string,
): { headline?: string; items: string[] } {
  const losses = changes.filter(isLoss);
  if (losses.length === 0) return { items: [] };
  const destroyed = losses.filter(({ action }) => action === 'destroy');
  const replaced = losses.filter(({ action }) => action === 'replace');
  const first = [
    destroyed.length > 0 ? `destroys ${plural(destroyed.length, 'resource')}` : '',
    replaced.length > 0
      ? `replaces ${destroyed.length > 0 ? replaced.length : plural(replaced.length, 'resource')}`
      : '',
  ].filter(Boolean);
  const tell = (text: string, length: number) => quote(cut(visible(scrub(text)), length));
  const items = [...destroyed, ...replaced]
    .slice(0, named)
    .map(loss => `${tell(loss.address, 200)}: ${cause(loss, text => tell(text, 60))}`);
  if (losses.length > named) items.push(`… and ${losses.length - named} more`);
  return { headline: `This ${first.join(' and ')}`, items };
}

/** `destroyed, its module is gone`, `replaced because of zone` */
function cause({ action, reason, deposed, change }: ResourceChange, tell: (text: string) => string): string {
  const paths = (change.replace_paths ?? []).map(keys => tell(keys.reduce<string>(step, '')));
  const because =
    paths.length > 0 ? ` because of ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? '…' : ''}` : '';
  return [
    `${action === 'destroy' ? 'destroyed' : 'replaced'}${because}`,
    reason === undefined ? '' : (reasonText.get(reason) ?? tell(reason)),
    deposed === undefined ? '' : 'what an interrupted replacement left behind',
  ]
    .filter(Boolean)
    .join(', ');
}
