import { createServer, type RequestListener } from "node:http";
import { promisify } from "node:util";
import Router from "@koa/router";
import express from "express";
import Koa from "koa";
import type { HealthMonitor } from "../../src/engine/monitor.ts";
import { createApplication } from "../../src/server/application.ts";
import { healthHandler } from "../../src/server/handler.ts";
import { healthRouter } from "../../src/server/router.ts";
import type { ServingOptions } from "../../src/server/serving-options.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

/** A kind of program that serves a monitor's endpoints. */
export interface Face {
  readonly name: string;
  /** What the program mounts the endpoints under. */
  readonly prefix: string;
  readonly listener: (monitor: HealthMonitor, options?: ServingOptions) => RequestListener;
}

/** Every way in which endpoints can be served. Programs that serve other things answer `/other` with "other". */
export const faces: readonly Face[] = [
  { name: "the server", prefix: "", listener: (monitor, options) => createApplication(monitor, options).callback() },
  { name: "node:http", prefix: "", listener: (monitor, options) => healthHandler(monitor, options) },
  {
    name: "Express",
    prefix: "",
    listener: (monitor, options) => withOther(express().use(healthHandler(monitor, options))),
  },
  {
    name: "Express, under a path",
    prefix: "/internal",
    listener: (monitor, options) => withOther(express().use("/internal", healthHandler(monitor, options))),
  },
  {
    name: "Koa",
    prefix: "",
    listener: (monitor, options) => koaWith(healthRouter(monitor, options).routes()),
  },
  {
    name: "Koa, with a prefix",
    prefix: "/internal",
    listener: (monitor, options) => koaWith(healthRouter(monitor, options).prefix("/internal").routes()),
  },
  {
    name: "Koa, within another router",
    prefix: "/internal",
    listener: (monitor, options) => {
      const router = new Router().use("/internal", healthRouter(monitor, options).routes());
      return koaWith(router.routes());
    },
  },
  {
    name: "Koa, mounted",
    prefix: "/internal",
    listener: (monitor, options) => koaWith(mounted("/internal", healthRouter(monitor, options).routes())),
  },
];

/** A server on a free port of 127.0.0.1 that lives as long as a test. */
export interface Serving extends AsyncDisposable {
  readonly port: number;
  /** How many connections are open. */
  readonly connections: () => Promise<number>;
}

/** Starts a server with a listener. */
export async function serving(listener: RequestListener): Promise<Serving> {
  const server = createServer(listener);
  const port = await listenOnFreePort(server);
  return {
    port,
    connections: promisify(server.getConnections.bind(server)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Routes = ReturnType<Router["routes"]>;

function withOther(application: express.Express): RequestListener {
  application.get("/other", (_request, response) => void response.send("other"));
  return application as RequestListener; // Its type has only an overload of it.
}

function koaWith(middleware: Routes): RequestListener {
  const koa = new Koa().use(middleware);
  // Koa tells of every connection that is cut off, whatever it serves.
  koa.on("error", (error: Error & { code?: string }) => {
    if (error.code !== "ECONNRESET") throw error;
  });
  koa.use((ctx) => {
    if (ctx.path === "/other") ctx.body = "other";
  });
  return koa.callback();
}

/** What the package koa-mount does: takes the prefix off the path while the middleware has its turn. */
function mounted(prefix: string, middleware: Routes): Routes {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${prefix}/`) && ctx.path !== prefix) return next();
    const { path } = ctx;
    ctx.path = path.slice(prefix.length) || "/";
    await middleware(ctx, async () => {
      ctx.path = path;
      await next();
      ctx.path = path.slice(prefix.length) || "/";
    });
    ctx.path = path;
  };
}
