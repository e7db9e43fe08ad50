import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { closest } from '../lib/platform/closest.ts';
import { UserError } from '../lib/runner/errors.ts';

/* Workflows name environments where platform.yaml cannot be read: in matrices, in what a person may choose, in calls. */

type Name = Scalar<string>;

/** The environments that a workflow writes down. */
interface Mentioned {
  /** Each alone, with the place it stands at. */
  names: [string, Name][];
  /** Those of lists that are to have all of them. */
  lists: Name[][];
}

/**
 * @param environments those of platform.yaml
 * @param files the text of each workflow, by its name
 * @returns an error for each name that is none of them, and for each list that lacks one, at its line and column
 */
export function environmentErrors(
  environments: readonly string[],
  files: Record<string, string>,
): UserError[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const lines = new LineCounter();
    const at = (node: Node) => {
      const { line, col } = lines.linePos(node.range?.[0] ?? 0);
      return { file, line, column: col };
    };
    const { names, lists } = mentioned(parseDocument(text, { lineCounter: lines }).contents, environments);
    const all = [...names, ...lists.flat().map((node): [string, Name] => [node.value, node])];
    const unknown = all.filter(([name]) => !environments.includes(name) && name !== 'nothing');
    const missing = lists.flatMap(list => {
      const lacks = environments.filter(name => !list.some(({ value }) => value === name));
      return list[0] && lacks.length > 0 ? [new UserError(lacking(lacks), at(list[0]))] : [];
    });
    return [
      ...unknown.map(([name, node]) => new UserError(noSuch(name, environments), at(node))),
      ...missing,
    ];
  });
}

function mentioned(workflow: unknown, environments: readonly string[]): Mentioned {
  const names: Mentioned['names'] = [];
  const lists: Name[][] = [];
  const calls = new Map<string, Name[]>();
  visit(workflow as Node, {
    Pair(_, { key, value }, path) {
      const name = nameOf(key);
      if (name === 'environment' && isSeq(value)) lists.push(value.items.filter(isName)); // of a matrix
      if (name === 'options' && isSeq(value)) {
        const input = nameOf([...path].reverse().find(isPair)?.key);
        const options = value.items.filter(isName);
        // Whatever its name, an input that offers one environment is about environments.
        const offersOne = options.some(option => environments.includes(option.value));
        if (input === 'environment' || offersOne) lists.push(options);
      }
    },
    Map(_, map) {
      const entered = enteredBy(map);
      // `production-promote` is production's, and a release enters one that is none of the platform's.
      if (entered && usesOurs(map))
        names.push([entered.value.replace(/-(plan|drift|promote)$/, ''), entered]);
      const given = map.get('with');
      const environment = isMap(given) ? given.get('environment', true) : undefined;
      if (!isName(environment) || environment.value.includes('${{')) return;
      const uses = String(map.get('uses'));
      if (uses.includes('.github/workflows/'))
        calls.set(uses, [...(calls.get(uses) ?? []), environment]); // one that is never deployed is missing too
      else names.push([environment.value, environment]);
    },
    Scalar(_, node) {
      if (!isName(node)) return;
      for (const [, compared, given] of node.value.matchAll(expressions))
        names.push([compared ?? given ?? '', node]);
    },
  });
  return { names, lists: [...lists, ...calls.values()] };
}

/** The environment that a job enters, where its name is written down. */
function enteredBy(job: YAMLMap): Name | undefined {
  const environment = job.get('environment', true);
  const name = isMap(environment) ? environment.get('name', true) : environment;
  return job.has('steps') && isName(name) && !name.value.includes('${{') ? name : undefined;
}

const usesOurs = (job: YAMLMap): boolean => /\.\/actions\//.test(JSON.stringify(job.get('steps')));

/** `inputs.environment == 'staging'`, and `… && 'staging' || inputs.environment` */
const expressions =
  /\binputs\.(?:environment|accept-changes) [!=]= '([^']*)'|&& '([^']*)' \|\| inputs\.environment\b/g;

const isName = (node: unknown): node is Name => isScalar(node) && typeof node.value === 'string';
const nameOf = (node: unknown): string | undefined => (isName(node) ? node.value : undefined);

const lacking = (names: readonly string[]) =>
  `${names.join(' and ')} of platform.yaml ${names.length > 1 ? 'are' : 'is'} missing here: name ${names.length > 1 ? 'them' : 'it'} too`;

function noSuch(name: string, environments: readonly string[]): string {
  const hint = closest(name, environments);
  const cure = hint ? `write "${hint}" if you mean that one` : `there are ${environments.join(', ')}`;
  return `There is no environment "${name}" in platform.yaml: ${cure}`;
}
