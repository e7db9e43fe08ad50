/** Runs in a pod, and so knows nothing of this file. A second is much: nothing here is further away than this machine. */
function program() {
  const { connect } = require('node:net');
  const open = (host: string, port: string) =>
    new Promise<boolean>(resolve => {
      const socket = connect({ host, port, timeout: 1000 });
      const end = (opened: boolean) => () => {
        socket.destroy();
        resolve(opened);
      };
      socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
    });
  const attempts = process.argv.slice(1).map(async place => {
    const [host = '', port = ''] = place.split(':');
    return (await open(host, port)) ? [place] : [];
  });
  Promise.all(attempts).then(reached => console.log(JSON.stringify(reached.flat())));
}

/**
 * What somebody gets through to.
 * @param within runs Node there, with these arguments, and returns what it printed
 * @param places by their names, an address and a TCP port each (`10.0.0.1:80`)
 * @returns the names of those that it reaches
 */
export async function reached(
  within: (...args: string[]) => Promise<string>,
  places: Record<string, string>,
): Promise<string[]> {
  const printed = await within('-e', `(${program.toString()})()`, ...Object.values(places));
  const found = JSON.parse(printed) as string[];
  return Object.keys(places).filter(name => found.includes(places[name] ?? ''));
}
