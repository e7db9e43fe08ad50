import { comment, readSection } from '../github/comment.ts';
import { runLine } from '../github/run-line.ts';
import type { Runner } from '../runner/runner.ts';
import type { Scrub } from '../runner/scrub.ts';
import { code, cut, plural, visible } from './text.ts';

/** The section that one environment's plan has in the comment of the pull request. */
export interface PlanSection {
  /** `acme/shop#7` */
  pullRequest: string;
  /** Says at once that what stands there is being planned anew, unless it is of this very commit. */
  begin(): Promise<void>;
  /** @param data what `reviewOf` made of the plan */
  write(body: string, data?: string): Promise<void>;
}

export interface SectionRequest {
  environment: string;
  githubToken?: string | undefined;
  dryRun: boolean;
}

export const sectionOf = (environment: string): string => `plan ${environment}`;

/** Undefined where there is no pull request, or no comment is wanted. */
export async function planSection(
  runner: Runner,
  { environment, githubToken, dryRun }: SectionRequest,
): Promise<PlanSection | undefined> {
  const { repository, pullRequest, sha: commit } = runner.context;
  if (dryRun || !repository || pullRequest === undefined) return undefined;
  if (!githubToken) {
    runner.notice(
      'There is no comment on the pull request without the input github-token: give it "${{ github.token }}"',
    );
    return undefined;
  }
  const octokit = await runner.octokit(githubToken);
  const section = { repository, pullRequest, section: sectionOf(environment) };
  const write = (body: string, data?: string) => comment(octokit, { ...section, commit, body, data });
  return {
    pullRequest: `${repository}#${pullRequest}`,
    write,
    // A first plan begins in silence: who is told by e-mail of a new comment gets the text that it has then.
    async begin() {
      const present = await readSection(octokit, section);
      if (present && present.commit !== commit)
        await write(`### ${title(environment)}: being planned anew\n\n${runLine(runner)}`);
    },
  };
}

/** What went wrong may quote a secret, and nobody masks a comment: the log has it. */
export const failedBody = (runner: Runner, environment: string): string =>
  `### ${title(environment)}: the plan failed\n\n${runLine(runner)}`;

/** An environment's name may be anybody's text. */
const title = (environment: string): string =>
  /^[\w-]+$/.test(environment) ? environment : code(cut(visible(environment), 100));

/** A rendered plan with what forbids it right below its heading, above every fold. */
export function withViolations(markdown: string, violations: readonly string[], scrub: Scrub): string {
  if (violations.length === 0) return markdown;
  const shown = violations.slice(0, 20).map(each => `> - ${code(cut(visible(scrub(each)), 600))}`);
  const rest = violations.length - shown.length;
  const alert = [
    `> [!CAUTION]\n> **This must not be applied: it breaks ${plural(violations.length, 'rule')}.**\n>`,
    ...shown,
    ...(rest > 0 ? [`> - and ${rest} more`] : []),
  ].join('\n');
  const [heading = '', ...parts] = markdown.split('\n\n');
  return [heading, alert, ...parts].join('\n\n');
}

/** Whether a section says what is to be done, or that it was not or in part, and not yet that it is done. */
export const isOpen = (body: string): boolean =>
  /^### [^\n]*: (\d+ to create,|being applied\n|(not applied|the apply failed|the apply was stopped), see the run)/.test(
    body,
  );

const folded = '<details><summary>The plan that was reviewed</summary>';

/**
 * The last state of a section, after the merge: what was done, and the plan folded under it. A section that has one already
 * gets the new one.
 * @param plan the section's body, as `readSection` gives it
 * @param headline Markdown of one line: `staging: 2 created, 0 destroyed`
 * @param note one line under it: where it can be read
 */
export function concluded(plan: string, headline: string, note: string): string {
  const at = plan.indexOf(folded);
  const inner = at < 0 ? plan : plan.slice(at + folded.length).replace(/<\/details>\s*$/, '');
  return `### ${headline}\n\n${note}\n\n${folded}\n\n${inner.trim()}\n\n</details>`;
}
