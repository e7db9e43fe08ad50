import { computed, readonly, shallowRef } from 'vue';
import { call, users } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import type { User } from '../api/types.ts';
import { storage } from '../lib/storage.ts';

/* Who is logged in. The session itself is a cookie that no script can read: what is kept here is only that there was one. */

const hint = 'logged-in';
const user = shallowRef<User>();
let asked: Promise<void> | undefined;

export const session = {
  user: readonly(user),
  isAdmin: computed(() => user.value?.role === 'admin'),

  /** Asks who we are, once; whoever never logged in here is not asked about. */
  known(): Promise<void> {
    asked ??= storage.getItem(hint) ? session.refresh() : Promise.resolve();
    return asked;
  },

  async refresh(): Promise<void> {
    try {
      session.set(await call(users.GET('/auth/me')));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 401) asked = undefined; // not known yet: the next page asks again
    }
  },

  async logIn(email: string, password: string): Promise<void> {
    session.set(await call(users.POST('/auth/login', { body: { email, password } })));
  },

  async logOut(): Promise<void> {
    await call(users.POST('/auth/logout'));
    session.ended();
  },

  set(next: User): void {
    user.value = next;
    asked = Promise.resolve();
    storage.setItem(hint, '1');
  },

  ended(): void {
    user.value = undefined;
    asked = Promise.resolve();
    storage.removeItem(hint);
  },
};
