import type { components } from '@octokit/openapi-types';
import type { Account } from '../world.ts';

export const api = 'https://api.github.com';
export const web = 'https://github.com';

export type Schemas = components['schemas'];

/** GraphQL's ids; `node(id:)` finds the thing again. */
export const nodeId = (kind: string, id: number | string) => `${kind}_${id}`;

export function user(account: Account): Schemas['simple-user'] {
  const { login, id, type } = account;
  const path = encodeURIComponent(login);
  const url = `${api}/users/${path}`;
  return {
    login,
    id,
    node_id: nodeId('U', id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: type === 'Bot' ? `${web}/apps/${login.replace('[bot]', '')}` : `${web}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

export const publicUser = (account: Account): Schemas['public-user'] => ({
  ...user(account),
  name: account.login,
  company: null,
  blog: '',
  location: null,
  email: null,
  hireable: null,
  bio: null,
  twitter_username: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: '2024-01-01T00:00:00Z',
  updated_at: '2024-01-01T00:00:00Z',
});
