/** Our own folder: of our classes there must be one copy only. */
const ours = new URL("../", import.meta.url).href;

/** Whether a module is one of ours, which is never imported again. */
export function isOurs(address: string): boolean {
  return address.startsWith(ours);
}

/**
 * What gives a module another address, and so makes it another module: Node keeps what it has imported by its address.
 * @param count how often the module was imported before
 */
export function loadQuery(count: number): string {
  return count === 0 ? "" : `load=${count}`;
}

/** The query by which a module was imported again; empty when it was not. */
export function loadQueryOf(address: string): string {
  return /[?&](load=\d+)$/.exec(address)?.[1] ?? "";
}

/** Adds a query to an address. */
export function withLoadQuery(address: string, query: string): string {
  if (query === "") return address;
  return `${address}${address.includes("?") ? "&" : "?"}${query}`;
}
