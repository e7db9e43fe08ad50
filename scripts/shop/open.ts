import { openRun, type Run } from '../../sandbox/run.ts';
import { buildUi, installServices } from '../services.ts';
import { shopName } from './catalogue.ts';
import type { Client } from './client.ts';
import { type ProgramOptions, type Programs, startPrograms } from './programs.ts';
import { type Login, seed } from './seed.ts';

export interface Shop extends Programs {
  run: Run;
  admin: Login;
  /** Logged in as that administrator. */
  client: Client;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The whole shop on this machine, with goods on its shelves. It ends with `close`, and with this process. */
export async function openShop(
  say: (line: string) => void = () => {},
  options: ProgramOptions = {},
): Promise<Shop> {
  await installServices(say);
  await buildUi(say);
  const run = openRun();
  try {
    say('PostgreSQL, the services, Traefik');
    const programs = await startPrograms(run, shopName, options);
    say('goods on the shelves');
    const { admin, client } = await seed(run, programs);
    return { ...programs, run, admin, client, close: run.close, [Symbol.asyncDispose]: run.close };
  } catch (error) {
    await run.close();
    throw error;
  }
}
