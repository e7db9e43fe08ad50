import { join } from 'node:path';
import { type Location, UserError, UserErrors } from '../runner/errors.ts';

/** https://developer.hashicorp.com/terraform/cli/commands/validate#json */
export interface Diagnostic {
  severity: 'error' | 'warning';
  summary: string;
  detail?: string;
  range?: { filename: string; start: { line: number; column: number } };
}

/** A warning or an error in the user's words. */
export interface Finding {
  message: string;
  at?: Location;
}

/** @param directory where Terraform ran: the files that it names are relative to it */
export function finding({ summary, detail = '', range }: Diagnostic, directory: string): Finding {
  const text = detail.trim().replace(/\s*\n\s*/g, ' ');
  const message = text && text !== summary ? `${summary}: ${text}` : summary;
  return range
    ? {
        message,
        at: { file: join(directory, range.filename), line: range.start.line, column: range.start.column },
      }
    : { message };
}

/** Terraform finds mistakes in no particular order; a reader goes through files from the top. */
export const asErrors = (findings: readonly Finding[]): UserErrors =>
  new UserErrors(
    findings
      .toSorted((a, b) => compare(a.at?.file, b.at?.file) || (a.at?.line ?? 0) - (b.at?.line ?? 0))
      .map(({ message, at }) => new UserError(message, at)),
  );

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0);

const noNews = [
  // Whenever a check depends on a change. That is the nature of checks.
  'Check block assertion known after apply',
  // How to push errored.tfstate: by then that file is sealed, and we say how it is put back.
  'Failed to persist state to backend',
];

/** Whether a reader should hear of it. What init says before the mistakes that it has found is none. */
export const isNews = ({ summary }: Diagnostic): boolean =>
  !noNews.includes(summary) && !/^Terraform encountered problems during initiali[sz]ation/.test(summary);
