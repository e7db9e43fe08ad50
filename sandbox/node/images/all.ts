import { argocd } from './argocd.ts';
import { coredns } from './coredns.ts';
import { dex } from './dex.ts';
import { node } from './node.ts';
import { pause } from './pause.ts';
import type { Recipe } from './recipe.ts';
import { redis } from './redis.ts';
import { traefik } from './traefik.ts';

/** What a node knows before anybody adds a service. */
export const recipes: Recipe[] = [pause, coredns, argocd, redis, dex, traefik, node];
