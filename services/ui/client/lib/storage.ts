/** What this browser keeps for us. Some refuse to: then it is kept as long as the page is open. */
export const storage: Storage = (() => {
  try {
    localStorage.setItem('probe', '1');
    localStorage.removeItem('probe');
    return localStorage;
  } catch {
    const kept = new Map<string, string>();
    return {
      get length() {
        return kept.size;
      },
      clear: () => kept.clear(),
      getItem: name => kept.get(name) ?? null,
      key: index => [...kept.keys()][index] ?? null,
      removeItem: name => void kept.delete(name),
      setItem: (name, value) => void kept.set(name, value),
    };
  }
})();
