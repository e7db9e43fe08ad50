import { reactive } from 'vue';

interface Config {
  apiOrigin: string;
  shopName: string;
}

export const config = reactive<Config>({ apiOrigin: '', shopName: 'Shop' });

/**
 * Where we are, from the server that the page came from.
 * @throws {Error} when it is not there or not ours
 */
export async function loadConfig(): Promise<void> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`/config.json answered ${response.status}`);
  const { apiOrigin, shopName } = (await response.json()) as Partial<Config>;
  if (typeof apiOrigin !== 'string' || !/^https?:\/\/[^/]+$/.test(apiOrigin) || typeof shopName !== 'string')
    throw new Error('/config.json does not say where the API is');
  Object.assign(config, { apiOrigin, shopName });
}
