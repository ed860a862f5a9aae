import { createRequire } from "node:module";
import type KoaRouter from "@koa/router";

/**
 * Koa's router, as its CommonJS module: the other one has an `import` of `node:http`, with what that brings along (see
 * `server/node-http.ts`).
 */
export const Router: typeof KoaRouter = createRequire(import.meta.url)("@koa/router");
export type Router = KoaRouter;
