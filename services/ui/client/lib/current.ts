/** What `aria-current` says of a link: it leads to this page, or to the list that what is on this page is in. */
export function current(link: string, path: string): 'page' | 'true' | undefined {
  if (path === link) return 'page';
  return path.startsWith(`${link}/`) ? 'true' : undefined;
}
