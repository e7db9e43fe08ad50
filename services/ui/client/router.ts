import { nextTick } from 'vue';
import { createRouter, createWebHistory, type RouteRecordRaw, type Router } from 'vue-router';
import { announce } from './stores/announcer.ts';
import { session } from './stores/session.ts';
import { setTitle } from './stores/title.ts';

declare module 'vue-router' {
  interface RouteMeta {
    title?: string;
    needs?: 'login' | 'admin';
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'catalogue', component: () => import('./pages/Catalogue.vue') },
  { path: '/products/:id', name: 'product', component: () => import('./pages/Product.vue'), props: true },
  {
    path: '/basket',
    name: 'basket',
    component: () => import('./pages/Basket.vue'),
    meta: { title: 'Basket' },
  },
  {
    path: '/checkout',
    name: 'checkout',
    component: () => import('./pages/Checkout.vue'),
    meta: { title: 'Checkout', needs: 'login' },
  },
  { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { title: 'Log in' } },
  {
    path: '/register',
    name: 'register',
    component: () => import('./pages/Register.vue'),
    meta: { title: 'Register' },
  },
  {
    path: '/forgotten-password',
    name: 'forgotten-password',
    component: () => import('./pages/ForgottenPassword.vue'),
    meta: { title: 'Forgotten password' },
  },
  {
    path: '/reset-password',
    name: 'reset-password',
    component: () => import('./pages/ResetPassword.vue'),
    meta: { title: 'New password' },
  },
  {
    path: '/verify-email',
    name: 'verify-email',
    component: () => import('./pages/VerifyEmail.vue'),
    meta: { title: 'Confirm your address' },
  },
  {
    path: '/account',
    name: 'account',
    component: () => import('./pages/Account.vue'),
    meta: { title: 'Account', needs: 'login' },
  },
  {
    path: '/orders',
    name: 'orders',
    component: () => import('./pages/Orders.vue'),
    meta: { title: 'Your orders', needs: 'login' },
  },
  {
    path: '/orders/:id',
    name: 'order',
    component: () => import('./pages/Order.vue'),
    props: true,
    meta: { title: 'Order', needs: 'login' },
  },
  {
    path: '/admin',
    component: () => import('./pages/admin/Admin.vue'),
    meta: { needs: 'admin' },
    children: [
      { path: '', redirect: { name: 'admin-products' } },
      {
        path: 'products',
        name: 'admin-products',
        component: () => import('./pages/admin/Products.vue'),
        meta: { title: 'Products' },
      },
      {
        path: 'products/new',
        name: 'admin-new-product',
        component: () => import('./pages/admin/NewProduct.vue'),
        meta: { title: 'New product' },
      },
      {
        path: 'products/:id',
        name: 'admin-product',
        component: () => import('./pages/admin/EditProduct.vue'),
        props: true,
        meta: { title: 'Product' },
      },
      {
        path: 'categories',
        name: 'admin-categories',
        component: () => import('./pages/admin/Categories.vue'),
        meta: { title: 'Categories' },
      },
      {
        path: 'orders',
        name: 'admin-orders',
        component: () => import('./pages/admin/Orders.vue'),
        meta: { title: 'All orders' },
      },
      {
        path: 'users',
        name: 'admin-users',
        component: () => import('./pages/admin/Users.vue'),
        meta: { title: 'People' },
      },
      {
        path: 'users/:id',
        name: 'admin-user',
        component: () => import('./pages/admin/User.vue'),
        props: true,
        meta: { title: 'Account' },
      },
      {
        path: 'audit-log',
        name: 'admin-audit-log',
        component: () => import('./pages/admin/AuditLog.vue'),
        meta: { title: 'Log' },
      },
    ],
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('./pages/NotFound.vue'),
    meta: { title: 'No such page' },
  },
];

export function createShopRouter(): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (to, from, saved) => {
      if (saved) return saved;
      // Within a page the browser goes to a heading itself, and a token is none.
      return to.hash && to.path === from.path ? false : { top: 0 };
    },
  });

  router.beforeEach(async to => {
    await session.known();
    if (to.meta.needs && !session.user.value) return { name: 'login', query: { next: to.fullPath } };
    // To whoever is no administrator the office is not there. The services decide; this only spares a look at errors.
    if (to.meta.needs === 'admin' && !session.isAdmin.value)
      return { name: 'not-found', params: { rest: to.path.slice(1).split('/') }, replace: true };
  });

  // A page that is not reloaded has to say that it is another, and where it begins.
  router.afterEach(async (to, from, failure) => {
    if (failure) return;
    const moved = to.path !== from.path;
    if (moved || to.meta.title) setTitle(to.meta.title ?? '');
    if (!moved || from.matched.length === 0) return;
    await nextTick();
    const heading = document.querySelector<HTMLElement>('main h1') ?? document.querySelector('main');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
    if (to.meta.title) announce(to.meta.title);
  });
  return router;
}
