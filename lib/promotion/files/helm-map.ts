import { UserError } from '../../runner/errors.ts';
import type { Path } from '../editor/source.ts';

/** Where a chart's values hold the parts of an image. Charts differ, so it is told and never guessed. */
export interface HelmMap {
  /** The whole of it: a reference, or a map of registry, repository, tag and digest. */
  image?: Path;
  registry?: Path;
  repository?: Path;
  tag?: Path;
  digest?: Path;
}

export const helmParts = ['image', 'registry', 'repository', 'tag', 'digest'] as const;
export type HelmPart = (typeof helmParts)[number];

/** Reads `image.main`, or `{ repository: image.name, tag: image.tag }`. @throws UserError */
export function parseHelmMap(name: string, given: unknown): HelmMap {
  if (typeof given === 'string') return { image: parseHelmPath(name, given) };
  const entries = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  const wrong = entries.find(
    ([part, path]) => !helmParts.some(known => known === part) || typeof path !== 'string',
  );
  const keys = entries.map(([part]) => part);
  if (
    entries.length === 0 ||
    wrong ||
    (keys.includes('image') && keys.length > 1) ||
    !keys.some(key => /image|tag|digest/.test(key))
  ) {
    throw new UserError(
      `The input helm does not say where "${name}" stands: write "${name}: PATH" or "${name}: { repository: PATH, tag: PATH, digest: PATH }"`,
    );
  }
  return Object.fromEntries(entries.map(([part, path]) => [part, parseHelmPath(name, String(path))]));
}

/** A path as `helm --set` takes it: `a.b`, `a\.b.c`, `list[0].image`. https://helm.sh/docs/intro/using_helm/ */
export function parseHelmPath(name: string, text: string): Path {
  const steps: (string | number)[] = [];
  let rest = text;
  while (rest !== '') {
    const [whole, index, key] =
      (steps.length > 0 ? /^\[(\d+)\]|^\.?((?:\\.|[^.[\]\\])+)/ : /^()((?:\\.|[^.[\]\\])+)/).exec(rest) ?? [];
    if (whole === undefined || (index && steps.length === 0)) {
      throw new UserError(
        `The input helm has "${text}" for "${name}", which is no path: write it as helm --set does, such as ui.image`,
      );
    }
    steps.push(index ? Number(index) : (key ?? '').replace(/\\(.)/g, '$1'));
    rest = rest.slice(whole.length);
  }
  if (steps.length > 0) return steps;
  throw new UserError(
    `The input helm has no path for "${name}": write it as helm --set does, such as ui.image`,
  );
}

/** True for the name of a Helm parameter that means this path. */
export function isHelmPath(name: string, path: Path): boolean {
  try {
    return JSON.stringify(parseHelmPath(name, name)) === JSON.stringify(path);
  } catch {
    return false;
  }
}

/** The path as `helm --set` takes it. */
export const helmPathText = (path: Path): string =>
  path
    .map((step, index) =>
      typeof step === 'number'
        ? `[${step}]`
        : `${index > 0 ? '.' : ''}${step.replace(/[.[\]\\,=]/g, '\\$&')}`,
    )
    .join('');
