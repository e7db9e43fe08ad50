/** Something the user can mend, in one sentence that is shown without a stack. */
export class ToolError extends Error {
  override name = 'ToolError';
}

const noSpace = /no space left on device|disk quota exceeded|ENOSPC|EDQUOT|disk is full/;
const noNetwork =
  /dial tcp|no such host|connection refused|connection reset|network is unreachable|i\/o timeout|TLS handshake timeout|proxyconnect|module lookup disabled/;

/** Gigabytes that a cold build of everything takes, downloads and compile cache included. */
const everything = 6;
/** Bytes. With less than this left, Go may blame a package that it could not write: it does not always say why. */
const nearlyNothing = 64e6;

const diskFull = (tool: string, folder: string): ToolError =>
  new ToolError(
    `The disk is full: ${tool} could not be built in ${folder}, where a cold build of all tools takes about ${everything} GB; free some space or point XDG_CACHE_HOME at a larger disk.`,
  );

/**
 * Why `go build` failed.
 * @param folder the cache folder
 * @param free bytes left there
 */
export function explainBuild(tool: string, output: string, folder: string, free: number): ToolError {
  if (noSpace.test(output) || free < nearlyNothing) return diskFull(tool, folder);
  if (noNetwork.test(output)) {
    return new ToolError(
      `The sources of ${tool} are not on this machine yet and there is no network (${lastLines(output, 1)}); connect once and run this again: from then on it works offline.`,
    );
  }
  return new ToolError(`${tool} does not build; \`go build\` says last:\n${lastLines(output, 15)}`);
}

/** Why the cache folder could not be read or written. */
export function explainCache(tool: string, error: unknown, folder: string): ToolError {
  if (noSpace.test(String(error))) return diskFull(tool, folder);
  return new ToolError(
    `${tool} cannot be built because ${folder} cannot be used (${error}); point XDG_CACHE_HOME at a folder of yours.`,
  );
}

const lastLines = (output: string, count: number): string =>
  output.trim().split('\n').slice(-count).join('\n').trim();
