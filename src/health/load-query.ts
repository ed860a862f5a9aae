/**
 * What makes the address of a module another one, and so the module too: Node keeps what it has once imported, by its address.
 * @param count how often the module was imported before
 */
export function loadQuery(count: number): string {
  return count === 0 ? "" : `load=${count}`;
}

/** The query that {@link loadQuery} gave a module, or that which it was imported by; empty when there is none. */
export function loadQueryOf(address: string): string {
  return /[?&](load=\d+)$/.exec(address)?.[1] ?? "";
}

/** Adds a query to an address. */
export function withLoadQuery(address: string, query: string): string {
  if (query === "") return address;
  return `${address}${address.includes("?") ? "&" : "?"}${query}`;
}
