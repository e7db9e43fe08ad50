import { constants } from 'node:buffer';
import { UserError } from '../runner/errors.ts';
import { parseJson } from './json.ts';
import type { PlanFile } from './model.ts';
import { misshapen } from './plan-shape.ts';

/**
 * The JSON of a plan as it is.
 * @throws UserError for what is no plan, is too long for a string, or has a format that this version does not know
 */
export function parsePlanFile(json: string | Uint8Array): PlanFile {
  let file: (PlanFile & { values?: unknown }) | null;
  try {
    file = parseJson(typeof json === 'string' ? json : decoded(json)) as typeof file;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new UserError(
      'The plan is not JSON: hand over what "terraform show -json PLAN" prints, all of it and nothing else',
      undefined,
      { cause },
    );
  }
  const version = file?.format_version;
  const isState = typeof file?.values === 'object' && !file.planned_values;
  if (typeof version !== 'string' || isState) {
    throw new UserError(
      `This is JSON, but ${isState ? 'of a state' : 'not of a plan'}: hand over what "terraform show -json PLAN" prints, where PLAN is the file that "terraform plan -out=PLAN" wrote`,
    );
  }
  if (!/^[01]\./.test(version)) {
    const known = /^[\w.-]{1,40}$/.test(version) ? `format ${version}` : 'a format that is no version';
    throw new UserError(
      `The plan has ${known}, and formats 1.x are understood: use a newer version of this action, or an older Terraform`,
    );
  }
  const wrong = misshapen(file);
  if (wrong) {
    throw new UserError(
      `This is not a plan as Terraform or OpenTofu print it (${wrong}): hand over what "terraform show -json PLAN" prints, as it is`,
    );
  }
  return file as PlanFile;
}

/** @throws UserError for more bytes of JSON than a string can hold */
export function refuseTooLong(bytes: number): void {
  const most = constants.MAX_STRING_LENGTH;
  if (bytes <= most) return;
  throw new UserError(
    `The plan has ${inMebibytes(bytes)} MiB of JSON, and at most ${inMebibytes(most)} can be read: split what it plans into several states, or plan a part with -target`,
  );
}

function decoded(bytes: Uint8Array): string {
  refuseTooLong(bytes.length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

const inMebibytes = (bytes: number): number => Math.floor(bytes / 2 ** 20);
