import { fullTools } from '../../sandbox/sandbox.ts';
import { serviceFolder } from '../../sandbox/service-folder.ts';
import { services } from '../../sandbox/shop.ts';
import { build } from '../../sandbox/tools/build.ts';
import { upstreams } from '../../sandbox/upstream/index.ts';

/** Fetches and builds all that a demo with real nodes runs on, while it runs already in a network that leads nowhere. */
export async function fetchAll(tell: (event: object) => void): Promise<void> {
  const built = build(fullTools, tell);
  const fetched = upstreams().then(() => Promise.all(services.map(serviceFolder)));
  await Promise.all([built, fetched]);
}
