import type { AuditEntry, User } from '../api/types.ts';

export const roles: Record<User['role'], string> = { customer: 'Customer', admin: 'Administrator' };

/** What is written down, as people say it. */
export const actions: Record<AuditEntry['action'], string> = {
  registered: 'Registered',
  'logged-in': 'Logged in',
  'login-failed': 'Failed to log in',
  'logged-out': 'Logged out',
  'session-revoked': 'Logged out one place',
  'sessions-revoked': 'Logged out everywhere',
  'password-changed': 'Changed the password',
  'password-reset': 'Set a new password by mail',
  'email-verified': 'Confirmed the address',
  'role-changed': 'Changed the role',
  'became-admin': 'Became administrator by a token',
  'account-disabled': 'Disabled the account',
  'account-enabled': 'Enabled the account again',
};

export const isAction = (value: unknown): value is AuditEntry['action'] =>
  typeof value === 'string' && Object.hasOwn(actions, value);

/** `Changed the role: now Administrator` */
export const told = ({ action, role }: AuditEntry): string =>
  action === 'role-changed' && role ? `${actions[action]}: now ${roles[role]}` : actions[action];

/** An account of an entry, by the best name there is: accounts can go, and what they did stays. */
export const accountName = (id: string, email: string | null): string => email ?? `…${id.slice(-6)}`;
