import { pinned } from '../../tools/parts.ts';
import type { Recipe } from './recipe.ts';

export const coredns: Recipe = {
  reference: `registry.k8s.io/coredns/coredns:v${pinned('coredns')}`,
  tools: { '/coredns': 'coredns' },
  config: { Entrypoint: ['/coredns'], User: '65532:65532', WorkingDir: '/' },
};
