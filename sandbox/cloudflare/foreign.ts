/** Records of others in a team's zone, one of another owner of our kind among them: nothing of ours may touch them. */
export const foreign = [
  { type: 'A', name: 'www', content: '198.51.100.7', comment: 'by hand' },
  {
    type: 'A',
    name: 'api.staging',
    content: '198.51.100.8',
    comment: 'slipway other@0123456789ab Ingress x/y',
  },
  { type: 'MX', name: '@', content: 'mx.example.net', priority: 10 },
];
