import { expect, test } from 'vitest';
import { sign } from './signature.ts';

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
test.each([
  {
    name: 'an object, in part',
    request: { method: 'GET', path: '/test.txt', headers: { Range: 'bytes=0-9' } },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'a list, with a query',
    request: { method: 'GET', path: '/?max-keys=2&prefix=J' },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
])('signs as Amazon does: $name', ({ request: { path, ...request }, signature }) => {
  const { authorization } = sign(
    { ...request, url: new URL(path, 'https://examplebucket.s3.amazonaws.com') },
    { key: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    'us-east-1',
    new Date('2013-05-24T00:00:00Z'),
  );
  expect(authorization).toMatch(new RegExp(`Signature=${signature}$`));
});
