import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/*
 * What `GET /auth` is measured against: Node's own server, which hashes the cookie's token and looks it up among as many
 * sessions as it is told of. Arguments: port, tokens.
 */

const [port = '', ...tokens] = process.argv.slice(2);
const hash = (token: string) => createHash('sha256').update(token).digest('base64');
const sessions = new Map(tokens.map(token => [hash(token), { user: token.slice(0, 8), role: 'customer' }]));

createServer((request, response) => {
  const token = /__Host-sid=([\w-]{43})/.exec(request.headers.cookie ?? '')?.[1];
  const session = token && sessions.get(hash(token));
  if (!session) return void response.writeHead(401).end();
  response.writeHead(204, {
    'cache-control': 'no-store',
    'x-auth-user': session.user,
    'x-auth-role': session.role,
  });
  response.end();
}).listen(Number(port), '127.0.0.1');
