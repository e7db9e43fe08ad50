import { readFile } from 'node:fs/promises';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { type Location, UserError, UserErrors } from '../runner/errors.ts';
import { closest } from './closest.ts';
import { references } from './references.ts';
import { type PlatformFile, schema } from './schema.ts';

/**
 * Reads platform.yaml.
 * @throws UserErrors with every mistake in the file, each at its line and column
 */
export async function load(file: string): Promise<PlatformFile> {
  const source = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(
      cause.code === 'ENOENT'
        ? `${file} does not exist: run this where your platform.yaml is, or name it with the input "platform"`
        : `${file} could not be read (${cause.code}): see that it is a readable file`,
    );
  });
  return parse(source, file);
}

// Compiled when the first file is read: it costs 20 ms.
let compiled: ValidateFunction<PlatformFile> | undefined;
const validator = () =>
  (compiled ??= new Ajv({ allErrors: true, verbose: true }).compile<PlatformFile>(schema));

/** A path into the file: keys and list indexes. */
export type Path = readonly (string | number)[];

export function parse(source: string, file = 'platform.yaml'): PlatformFile {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter });
  const location = (offset: number): Location => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col };
  };
  const fail = (errors: UserError[]) => {
    throw new UserErrors(
      errors.sort(
        (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
      ),
    );
  };

  if (document.errors.length > 0) {
    fail(
      document.errors.map(
        error => new UserError(`This is not valid YAML: ${summarise(error.message)}`, location(error.pos[0])),
      ),
    );
  }

  const value: unknown = document.toJS();
  const validate = validator();
  const at = (path: Path, key = false) => location(offsetOf(document, path, key));
  if (!validate(value)) fail(explain(validate.errors ?? [], at));
  const platform = value as PlatformFile;
  const broken = references(platform).map(({ path, message }) => new UserError(message, at(path)));
  if (broken.length > 0) fail(broken);
  return platform;
}

// The parser appends a picture of the line; the place is already in front.
const summarise = (message: string): string =>
  (message.split(' at line ')[0] ?? message).replace(/\s+/g, ' ');

/** Where a value (or, with `key`, its key) begins; for a value that is not there, the nearest thing around it. */
function offsetOf(document: Document.Parsed, path: Path, key: boolean): number {
  const parent = document.getIn(path.slice(0, -1), true);
  if (key && isMap(parent)) {
    const pair = parent.items.find(
      ({ key: each }) => isScalar(each) && String(each.value) === String(path.at(-1)),
    );
    if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
  if (range) return range[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), true);
}

type At = (path: Path, key?: boolean) => Location;

function explain(errors: ErrorObject[], at: At): UserError[] {
  const told = new Set<string>();
  return errors.flatMap(error => {
    const { instancePath, keyword } = error;
    // One value can break several rules, and the first says enough; keys are each a mistake of their own.
    if (keyword !== 'required' && keyword !== 'additionalProperties') {
      if (told.has(instancePath)) return [];
      told.add(instancePath);
    }
    return [mistake(error, pointer(instancePath), at)];
  });
}

function mistake(error: ErrorObject, path: Path, at: At): UserError {
  const parent = error.parentSchema as {
    properties?: Record<string, unknown>;
    description?: string;
    enum?: string[];
  };
  const where = path.length > 0 ? ` in ${path.join('.')}` : '';
  if (error.keyword === 'additionalProperties') {
    const key = String((error.params as { additionalProperty: string }).additionalProperty);
    const known = Object.keys(parent.properties ?? {});
    if (known.length === 0) {
      return new UserError(
        `"${key}" is not a name here: write lower-case letters, digits and dashes, at most 40`,
        at([...path, key], true),
      );
    }
    return new UserError(`Unknown key "${key}"${where}: ${suggest(key, known)}`, at([...path, key], true));
  }
  if (error.keyword === 'required') {
    const { missingProperty } = error.params as { missingProperty: string };
    return new UserError(
      `"${missingProperty}" is missing${where}: add ${describe(parent.properties?.[missingProperty])}`,
      at(path, true),
    );
  }
  const shown =
    typeof error.data === 'object'
      ? Array.isArray(error.data)
        ? 'a list'
        : error.data
          ? 'a map'
          : 'empty'
      : `"${error.data}"`;
  if (error.keyword === 'enum') {
    return new UserError(
      `${shown} is not ${parent.description}: ${suggest(String(error.data), parent.enum ?? [])}`,
      at(path),
    );
  }
  return new UserError(`${path.join('.') || 'The file'} is ${shown}: write ${parent.description}`, at(path));
}

const describe = (property: unknown): string =>
  (property as { description?: string } | undefined)?.description ?? 'it';

function suggest(word: string, known: readonly string[]): string {
  const hint = closest(word, known);
  return hint ? `did you mean "${hint}"?` : `it must be one of ${known.join(', ')}`;
}

const pointer = (path: string): Path =>
  path
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
