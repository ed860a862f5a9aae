import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";
import { startOtlpReceiver } from "../test/support/otlp-receiver.ts";
import { servePage } from "../test/support/serve-page.ts";
import { shopPage } from "./screenshots/shop-page.ts";
import { tracePage } from "./screenshots/trace-page.ts";

// Takes the pictures of the README, in light and dark: the page of a shop on a bad day after 90 simulated days, and, from a
// running server that watches the shop of examples/demo, the spans that the slow check and the shop pushed. Needs Debian's
// package chromium.

const root = join(import.meta.dirname, "..");
const images = join(root, "docs/images");

const configuration = (shop: string) => `
service: { name: shop-health }
defaults: { interval: 2s, timeout: 5s }
checks:
  website: { type: http, url: "http://${shop}/", json: { $.status: open } }
  orders: { type: http, url: "http://${shop}/api/orders", maxResponseTime: 500ms, dependsOn: [website] }
  payments: { type: http, url: "http://${shop}/api/payments", dependsOn: [website] }
  checkout: { type: tcp, host: 127.0.0.1, port: ${shop.replace(/.*:/, "")}, dependsOn: [payments] }
  event-loop: { type: event-loop }
  memory: { type: memory }
  disk: { type: disk, path: / }
`;

/** Starts a program that prints a line once it is ready. */
async function start(args: readonly string[], environment: Readonly<Record<string, string>>, ready: RegExp) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  for (let attempt = 0; !ready.test(printed); attempt += 1) {
    if (attempt === 200 || child.exitCode !== null) throw new Error(`${args[0]} did not start: ${printed}`);
    await pause(50);
  }
  return {
    found: ready.exec(printed)?.[1] ?? "",
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

/** Waits until something is there. */
async function waitFor<Value>(
  what: string,
  find: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error(`${what} did not come within 30 s`);
}

async function take(page: Page, name: string, fullPage: boolean): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`), fullPage });
  }
}

await mkdir(images, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "healthspan-screenshots-"));
const receiver = await startOtlpReceiver();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const environment = {
    HOST: "127.0.0.1",
    PORT: "0",
    DEMO_FAULTS: "1",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "200",
  };
  await using shop = await start([join(root, "examples/demo/shop.ts")], environment, /"port":(\d+)/);
  const file = join(folder, "healthspan.yaml");
  await writeFile(file, configuration(`127.0.0.1:${shop.found}`));
  await using _server = await start(["bin/healthspan.js", "serve", file], environment, /"url":"([^"]+)"/);

  await using shown = await servePage(await shopPage());
  const page = await browser.newPage({ viewport: { width: 1080, height: 660 }, deviceScaleFactor: 2 });
  await page.goto(shown.url);
  await take(page, "page", false);

  const trace = await waitFor("the trace of a slow run", () => {
    const slow = receiver.spans.find(({ name, status }) => name === "check orders" && status.message.includes("took"));
    const spans = receiver.spans.filter(({ traceId }) => traceId === slow?.traceId);
    return spans.some(({ name }) => name.startsWith("wait for the lock")) ? spans : undefined;
  });
  // A page of its own: the policy of the server's page allows no other style than its own.
  const drawing = await browser.newPage({ viewport: { width: 900, height: 100 }, deviceScaleFactor: 2 });
  await drawing.setContent(String(tracePage(trace)));
  await take(drawing, "trace", true);
} finally {
  await browser.close();
  await receiver[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}
