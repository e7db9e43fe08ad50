import { isIndex, steps } from '../address.ts';
import type { ResourceChange } from '../model.ts';
import { cut, visible } from '../text.ts';
import type { Style } from './attributes.ts';
import { type Block, changedPaths, resourceLines } from './blocks.ts';

interface Group {
  first: ResourceChange;
  count: number;
  paths: string;
  /** What differs; nothing once two of the group differ in their values. */
  lines: string[];
}

/** What has changed outside of Terraform, with all that says the same of one kind of resource as one block. */
export function driftBlocks(drift: readonly ResourceChange[], style: Style): Block[] {
  const groups = new Map<string, Group>();
  for (const each of drift) {
    const paths = changedPaths(each);
    const lines = each.action === 'destroy' ? [] : resourceLines(each, style);
    const kind = steps(each.address)
      .filter(step => !isIndex(step))
      .slice(0, -1);
    const key = [...kind, each.action, paths].join('\n');
    const group = groups.get(key);
    if (!group) groups.set(key, { first: each, count: 1, paths, lines });
    else {
      group.count++;
      if (group.lines.join('\n') !== lines.join('\n')) group.lines = [];
    }
  }
  return [...groups.values()].map(group => block(group, style));
}

function block({ first, count, paths, lines }: Group, { scrub }: Style): Block {
  const tell = (text: string) => cut(visible(scrub(text)), 400);
  const others = count > 1 ? ` and ${count - 1} more like it` : '';
  const what = first.action === 'destroy' ? 'gone' : lines.length === 0 ? tell(paths) : '';
  return { title: `! ${tell(first.address)}${others}${what && `  # ${what}`}`, lines };
}
