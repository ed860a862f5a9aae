/**
 * Node's own http. An `import` of it reads every name that it exports, and some of those load the whole of `fetch` and
 * `WebSocket`, which nothing here needs: 14 MB, and as long as it takes to start an empty server.
 */
export const { createServer, request } = process.getBuiltinModule("node:http");

/** Loaded where it is needed. */
export function nodeHttps(): typeof import("node:https") {
  return process.getBuiltinModule("node:https");
}
