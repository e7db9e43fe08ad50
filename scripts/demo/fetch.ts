import { serviceFolder } from '../../sandbox/service-folder.ts';
import { build } from '../../sandbox/tools/build.ts';
import { fullTools } from '../../sandbox/tools/parts.ts';
import { upstreams } from '../../sandbox/upstream/index.ts';
import { services } from '../services.ts';

/** Fetches and builds all that a demo with real nodes runs on, while it runs already in a network that leads nowhere. */
export async function fetchAll(tell: (event: object) => void): Promise<void> {
  const built = build(fullTools, tell);
  const fetched = upstreams().then(() => Promise.all(services.map(({ name }) => serviceFolder(name))));
  await Promise.all([built, fetched]);
}
