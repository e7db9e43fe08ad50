import { Type } from 'typebox';
import { createDatabase } from './database/kysely.ts';
import { createPool, databaseSettings } from './database/pool.ts';
import { program, readSettings } from './server/settings.ts';
import { issue } from './tokens.ts';

const minutes = 15;

/* Prints a token that makes one account an administrator. Whoever can run this in the cluster can do as much by hand. */
await program(async () => {
  const pool = createPool(readSettings(Type.Object(databaseSettings), process.env), 'admin-token');
  try {
    const token = await issue(createDatabase(pool), { purpose: 'become-admin', userId: null, minutes });
    process.stdout.write(`${token}\n`);
    process.stderr.write(
      `Works once, for ${minutes} minutes: log in, then POST {"token": …} to /auth/admin.\n`,
    );
  } finally {
    await pool.end();
  }
});
