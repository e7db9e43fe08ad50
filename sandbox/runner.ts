import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';

/** One step `uses: ./actions/<action>`, as GitHub's runner starts it. */
export interface Step {
  action: string;
  inputs?: Record<string, string>;
  /** What the job's environment holds besides the runner's own variables: proxies, certificates, secrets under `env:`. */
  env?: Record<string, string>;
  /** The workspace: where the repository is checked out. */
  cwd: string;
  /** Where built bundles lie, as a release has them; the source is run unless told, here or in SLIPWAY_BUNDLES. */
  bundles?: string | 'source';
  github?: {
    repository?: string;
    sha?: string;
    event?: string;
    payload?: unknown;
    runId?: string;
    /** Who runs again what octocat has started. */
    rerunBy?: string;
  };
  /** Called when main has started. */
  started?: (main: ChildProcess) => void;
  /** The same for post. */
  postStarted?: (post: ChildProcess) => void;
  /** A line that main or post has printed; signals are sent to main from here, and to one that has ended they do nothing. */
  onLine?: (line: string, main: ChildProcess) => void;
}

export interface StepResult {
  code: number;
  /** All that main and post printed, workflow commands included. */
  stdout: string;
  /** What a person sees: without the workflow commands of masks and groups. */
  log: string;
  outputs: Record<string, string>;
  /** The Markdown of the job summary. */
  summary: string;
  /** `error`, `warning` and `notice` with their text. */
  annotations: { level: string; message: string; file?: string; line?: number }[];
  masks: string[];
}

const root = dirname(import.meta.dirname);

/**
 * Plays GitHub's runner for one step: defaults from action.yml, INPUT_* and GITHUB_* variables, the command files, then
 * `post` with the saved state. https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 */
export async function runAction(step: Step): Promise<StepResult> {
  const metadata = parse(await readFile(join(root, 'actions', step.action, 'action.yml'), 'utf8')) as {
    inputs?: Record<string, { default?: string }>;
    runs: { main: string; post?: string };
  };
  const scratch = await mkdtemp(join(step.env?.TMPDIR ?? tmpdir(), 'runner-'));
  try {
    const files = Object.fromEntries(
      ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'].map(name => [
        name,
        join(scratch, name.toLowerCase()),
      ]),
    );
    await Promise.all(Object.values(files).map(file => writeFile(file, '')));
    const event = join(scratch, 'event.json');
    await writeFile(event, JSON.stringify(step.github?.payload ?? {}));
    const temporary = join(scratch, 'temp');
    await mkdir(temporary);

    const given = Object.entries({
      ...Object.fromEntries(
        Object.entries(metadata.inputs ?? {}).map(([name, { default: value }]) => [name, value ?? '']),
      ),
      ...step.inputs,
    });
    const env: Record<string, string> = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...step.env,
      ...files,
      ...Object.fromEntries(
        given.map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
      ),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: step.cwd,
      GITHUB_REPOSITORY: step.github?.repository ?? 'acme/platform',
      GITHUB_SHA: step.github?.sha ?? '',
      GITHUB_EVENT_NAME: step.github?.event ?? 'workflow_dispatch',
      GITHUB_EVENT_PATH: event,
      GITHUB_RUN_ID: step.github?.runId ?? '1',
      GITHUB_ACTOR: 'octocat',
      GITHUB_TRIGGERING_ACTOR: step.github?.rerunBy ?? 'octocat',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_API_URL: 'https://api.github.com',
      GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
      RUNNER_TEMP: temporary,
      RUNNER_OS: 'Linux',
    };
    const { bundles = process.env.SLIPWAY_BUNDLES ?? 'source' } = step;
    const isSource = bundles === 'source';
    // What Node keeps of a script is found by its path: it lies with the bundles, and is good for as long as they are.
    if (!isSource && env.NODE_COMPILE_CACHE) env.NODE_COMPILE_CACHE = join(bundles, 'compiled');
    const entry = (file: string) =>
      isSource ? join(root, 'actions', step.action, 'main.ts') : join(bundles, basename(file));

    const main = start(entry(metadata.runs.main), env, step.cwd);
    step.started?.(main);
    const onLine = (line: string) => step.onLine?.(line, main);
    let { code, stdout } = await ended(main, onLine);
    if (metadata.runs.post) {
      const state = parseCommandFile(await readFile(files.GITHUB_STATE ?? '', 'utf8'));
      const saved = Object.fromEntries(Object.entries(state).map(([key, value]) => [`STATE_${key}`, value]));
      const started = start(entry(metadata.runs.post), { ...env, ...saved }, step.cwd);
      step.postStarted?.(started);
      const post = await ended(started, onLine);
      stdout += post.stdout;
      code ||= post.code;
    }
    return {
      code,
      stdout,
      log: stdout
        .split('\n')
        .filter(line => !/^::(add-mask|group|endgroup|debug)/.test(line))
        .join('\n'),
      outputs: parseCommandFile(await readFile(files.GITHUB_OUTPUT ?? '', 'utf8')),
      summary: await readFile(files.GITHUB_STEP_SUMMARY ?? '', 'utf8'),
      annotations: annotations(stdout),
      masks: [...stdout.matchAll(/^::add-mask::(.*)$/gm)].map(match => unescapeData(match[1] ?? '')),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const start = (file: string, env: Record<string, string>, cwd: string) =>
  spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });

function ended(
  child: ReturnType<typeof start>,
  onLine: (line: string) => void,
): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let rest = '';
    const take = (chunk: Buffer) => {
      stdout += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 130), stdout }),
    );
  });
}

/** `name<<DELIMITER\nvalue\nDELIMITER` and `name=value`, as in GITHUB_OUTPUT and GITHUB_STATE. */
function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const block = /^([^=<]+)<<(.+)$/.exec(line);
    if (block?.[1] && block[2]) {
      const end = lines.indexOf(block[2]);
      if (end < 0) throw new Error(`${block[1]} has no closing ${block[2]}`);
      values[block[1]] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n');
      continue;
    }
    const [name, value] = line.split(/=(.*)/s);
    if (name && value !== undefined) values[name] = value;
  }
  return values;
}

function annotations(stdout: string): StepResult['annotations'] {
  return [...stdout.matchAll(/^::(error|warning|notice)( [^:]*(?:%3A[^:]*)*)?::(.*)$/gm)].map(
    ([, level, properties, message]) => {
      const found = Object.fromEntries(
        (properties ?? '')
          .trim()
          .split(',')
          .map(pair => pair.split('=')),
      );
      return {
        level: level ?? '',
        message: unescapeData(message ?? ''),
        ...(found.file && { file: found.file as string }),
        ...(found.line && { line: Number(found.line) }),
      };
    },
  );
}

const unescapeData = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
