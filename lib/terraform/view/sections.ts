import type { Scrub } from '../../runner/scrub.ts';
import { isFailed } from '../checks.ts';
import type { DeferredChange, Invocation, Plan, ResourceChange } from '../model.ts';
import { cut, plural, visible } from '../text.ts';
import type { Style } from './attributes.ts';
import { type Block, outputLines, resourceBlock, resourceLines, title } from './blocks.ts';
import { driftBlocks } from './drift-groups.ts';
import { lines } from './inner.ts';

/** A part of what is shown, under a title. */
export interface Section {
  title: string;
  language: 'diff' | 'hcl';
  /** How many things it shows. */
  amount: number;
  /** How many blocks there are; fewer, where one stands for several that are alike. */
  count: number;
  blocks(): Iterable<Block>;
  /** With more lines than these it is folded. */
  openUpTo: number;
  /** The part of all room that it may take; what may take all gets what the others leave. */
  share: number;
}

/** The parts of a plan that have something to show, in the order in which they are read. */
export function sections(
  plan: Plan,
  warnings: readonly string[],
  style: Style,
  /** Everything that is known of every resource, in one place. */
  whole: boolean,
): Section[] {
  const { changes, deferred, outputs } = plan;
  const { scrub } = style;
  const failed = plan.checks.filter(isFailed);
  const invocations = plan.file.action_invocations ?? [];
  const drift = driftBlocks(plan.drift, style);
  const created = changes.filter(({ action }) => action === 'create');
  const destroyed = changes.filter(({ action }) => action === 'destroy');
  const generated = changes.filter(({ change }) => change.generated_config);
  // What a whole resource consists of says little and takes much room: it is read where somebody wants to know.
  const folded = whole ? [] : [created, destroyed].filter(all => !isAtMost(linesOf(all, style), shortLines));
  const isFolded = ({ action }: ResourceChange) => folded.some(([first]) => first?.action === action);
  const outputRows = outputLines(outputs, style);

  const all: (Partial<Section> & Pick<Section, 'title' | 'count' | 'blocks'>)[] = [
    {
      title: 'Failed checks',
      count: failed.length,
      openUpTo: Number.POSITIVE_INFINITY,
      blocks: () => checkBlocks(plan, scrub),
    },
    {
      title: 'Warnings',
      count: warnings.length,
      openUpTo: Number.POSITIVE_INFINITY,
      blocks: () => warnings.map(text => message('!', text, scrub)),
    },
    {
      title: 'Changes',
      count: changes.length,
      openUpTo: 60,
      share: 1,
      *blocks() {
        for (const change of ordered(changes))
          yield isFolded(change) ? { title: title(change, style), lines: [] } : resourceBlock(change, style);
      },
    },
    {
      title: 'Outputs',
      amount: outputs.length,
      count: outputRows.length,
      openUpTo: changes.length === 0 ? 60 : 10,
      blocks: () => outputRows.map(title => ({ title, lines: [] })),
    },
    {
      title: 'Deferred to a later plan',
      count: deferred.length,
      blocks: () => deferred.map(each => deferredBlock(each, style)),
    },
    {
      title: 'Actions that run',
      count: invocations.length,
      blocks: () => invocations.map(each => invocationBlock(each, scrub)),
    },
    {
      title: 'Changed outside of Terraform',
      count: drift.length,
      amount: plan.drift.length,
      openUpTo: 20,
      blocks: () => drift,
    },
    ...folded.map(all => ({
      title: all === created ? 'What is created' : 'What is destroyed',
      count: all.length,
      openUpTo: 0,
      share: 1,
      *blocks() {
        for (const change of all) yield resourceBlock(change, style);
      },
    })),
    {
      title: 'Generated configuration',
      language: 'hcl',
      count: generated.length,
      share: 1,
      *blocks() {
        for (const { change } of generated) yield configuration(change.generated_config ?? '', scrub);
      },
    },
  ];
  return all
    .filter(({ count }) => count > 0)
    .map(each => ({ language: 'diff', openUpTo: 10, share: 1 / 8, amount: each.count, ...each }));
}

/** So many lines of what is created, or of what is destroyed, stand with the changes; more are folded. */
const shortLines = 40;

function* linesOf(changes: readonly ResourceChange[], style: Style): Generator<string> {
  for (const change of changes) yield* resourceLines(change, style);
}

function isAtMost(all: Iterable<unknown>, count: number): boolean {
  let found = 0;
  for (const _ of all) if (++found > count) return false;
  return true;
}

/** By what happens to them, losses first and what is long last; within that as Terraform lists them. */
function* ordered(changes: readonly ResourceChange[]): Generator<ResourceChange> {
  for (const action of ['destroy', 'replace', 'forget', 'update', 'no-op', 'create', 'read'] as const) {
    for (const change of changes) if (change.action === action) yield change;
  }
}

/** A message of one line or several, each behind the sign. */
function message(sign: string, text: string, scrub: Scrub): Block {
  const [first = '', ...rest] = lines(scrub(text).trim()).map(line => cut(visible(line), 1_000));
  return { title: `${sign} ${first}`, lines: rest.map(line => `${sign}   ${line}`) };
}

function checkBlocks({ checks }: Plan, scrub: Scrub): Block[] {
  const failed = checks.filter(isFailed).map(({ address, status, problems }) => ({
    title: `- ${cut(visible(scrub(address)), 400)}${status === 'error' ? '  # could not be evaluated' : ''}`,
    lines: problems.flatMap(problem => {
      const { title, lines } = message('-', problem, scrub);
      return [title, ...lines].map(line => `-   ${line.slice(2)}`);
    }),
  }));
  const count = (status: string) => checks.filter(each => each.status === status).length;
  const others = [
    count('pass') && `${plural(count('pass'), 'check holds', 'checks hold')}`,
    count('unknown') && `${plural(count('unknown'), 'is', 'are')} known after apply`,
  ].filter(Boolean);
  return others.length > 0 ? [...failed, { title: `# ${others.join(', ')}`, lines: [] }] : failed;
}

const deferredBlock = (deferred: DeferredChange, style: Style): Block =>
  resourceBlock(deferred, style, deferrals.get(deferred.waitsFor) ?? deferred.waitsFor.replaceAll('_', ' '));

// https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
const deferrals = new Map(
  Object.entries({
    instance_count_unknown: 'how many there are is known after apply',
    resource_config_unknown: 'its configuration is known after apply',
    provider_config_unknown: "its provider's configuration is known after apply",
    absent_prereq: 'what it needs does not exist yet',
    deferred_prereq: 'it depends on what is deferred',
  }),
);

/** `! action.aws_lambda_invoke.warm  # after update of aws_lambda_function.resize` */
function invocationBlock({ address, lifecycle_action_trigger: trigger }: Invocation, scrub: Scrub): Block {
  const event = trigger?.action_trigger_event?.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const when = event ? `  # ${event} of ${trigger?.triggering_resource_address}` : '';
  return { title: cut(visible(scrub(`! ${address}${when}`)), 1_000), lines: [] };
}

function configuration(text: string, scrub: Scrub): Block {
  const [title = '', ...rest] = lines(scrub(text).trim()).map(visible);
  return { title, lines: rest };
}
