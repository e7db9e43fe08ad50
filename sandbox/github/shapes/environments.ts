import type { Repository } from '../world.ts';
import { nodeId } from './accounts.ts';
import { apiUrl, webUrl } from './repositories.ts';

/** What names an environment, wherever one is spoken of. */
export const environmentNames = (repository: Repository, { id, name }: { id: number; name: string }) => ({
  ...{ id, node_id: nodeId('EN', id), name },
  url: `${apiUrl(repository)}/environments/${encodeURIComponent(name)}`,
  html_url: `${webUrl(repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
});
