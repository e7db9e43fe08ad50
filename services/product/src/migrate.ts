import { Type } from 'typebox';
import { migrate } from './database/migrations.ts';
import { connection, databaseSettings } from './database/pool.ts';
import { program, readSettings } from './server/settings.ts';
import { schema } from './tables.ts';

await program(async () => {
  const given = readSettings(Type.Object(databaseSettings), process.env);
  const applied = await migrate(connection(given), schema);
  process.stdout.write(applied.length === 0 ? 'Nothing to migrate.\n' : `Migrated: ${applied.join(', ')}.\n`);
});
