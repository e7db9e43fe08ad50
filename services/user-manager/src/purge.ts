import type pg from 'pg';

const hour = 60 * 60 * 1000;
const year = '1 year';

/** Takes away, every hour, what has ended. Every replica may do it at once. */
export function purgeHourly(pool: pg.Pool, failed: (error: Error) => void): () => void {
  const timer = setInterval(() => purge(pool).catch(failed), hour).unref();
  return () => clearInterval(timer);
}

export async function purge(pool: pg.Pool): Promise<void> {
  await pool.query('DELETE FROM user_manager.sessions WHERE expires_at < now()');
  await pool.query('DELETE FROM user_manager.one_time_tokens WHERE expires_at < now()');
  await pool.query('DELETE FROM user_manager.throttle WHERE resets_at < now()');
  await pool.query(`DELETE FROM user_manager.audit_log WHERE at < now() - interval '${year}'`);
}
