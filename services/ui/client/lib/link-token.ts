/** The token behind the `#` of a link in a mail, which no server and no log sees. It is taken out of the address at once. */
export function takeToken(): string | undefined {
  const token = /^#([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1];
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
