import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../../src/clients/status-page/judge.ts";
import { type Platform, platformNames, platforms } from "../../../src/clients/status-page/platforms.ts";
import { HealthCheckError } from "../../../src/health/errors.ts";
import { pageFixtures } from "../../support/status-pages/all-pages.ts";

const strange = fc.oneof(
  fc.constant(null),
  fc.constantFrom(
    "",
    "0",
    "__proto__",
    "9999-99-99",
    "-271821-04-20T00:00:00Z",
    "\u202e\u0000",
    "<",
    "javascript:x",
    "//",
  ),
  fc.constantFrom(0, -1, 1e308, 2 ** 53),
  fc.constantFrom<unknown>([], {}, [[]], [null], { id: "c" }, true),
  fc.string({ unit: "binary" }),
);

/** Puts a value in place of one of those in a JSON text, and leaves the rest as it is. */
function withStrangeValue(text: string, at: number, value: unknown): string {
  let count = 0;
  JSON.parse(text, (_, one) => {
    count += 1;
    return one;
  });
  let index = 0;
  return JSON.stringify(
    JSON.parse(text, (_, one) => {
      index += 1;
      return index === 1 + (at % count) ? value : one;
    }),
  );
}

const watches = fc.record({
  components: fc.constantFrom([], ["API"], ["Apo", "ec2"], ["\u0000"], [".*"]),
  regions: fc.constantFrom([], ["eu-west-9"], ["("]),
  outage: fc.constantFrom("degraded" as const, "unhealthy" as const),
  maintenance: fc.constantFrom("ignore" as const, "degraded" as const),
});

const terms = { maxEntryAge: 28_800_000 };

describe.each(platformNames)("what is read as a page of %s", (name) => {
  const { read, components }: Platform = platforms[name];
  const { healthy, degraded, outage, maintenance } = pageFixtures[name];
  const bodies = [healthy, degraded.body, outage.body, ...(maintenance === undefined ? [] : [maintenance.body])];
  const isJson = healthy.startsWith("{") || healthy.startsWith("[");

  const changed = fc.oneof(
    fc
      .tuple(fc.constantFrom(...bodies), fc.nat(), fc.nat(40), fc.string({ unit: "binary" }))
      .map(([body, at, length, text]) => {
        const from = at % body.length;
        return body.slice(0, from) + text + body.slice(from + length);
      }),
    ...(isJson
      ? [
          fc
            .tuple(fc.constantFrom(...bodies), fc.nat(), strange)
            .map(([body, at, value]) => withStrangeValue(body, at, value)),
        ]
      : []),
  );

  it("is a page or none, and says what it says in a line, whatever is in it", async () => {
    await fc.assert(
      fc.asyncProperty(changed, watches, async (body, watch) => {
        for (const one of [read, components?.read]) {
          const content = await one?.(body);
          if (content === undefined) continue;
          const { incidents, failure } = judge(
            content(Date.now(), terms),
            watch,
            "https://page.example/",
            (text) => text,
          );
          expect(incidents).toBeGreaterThanOrEqual(0);
          if (failure === undefined) continue;
          expect(failure).toBeInstanceOf(HealthCheckError);
          expect(failure.message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{1,1000}$/u);
        }
      }),
    );
  });

  it("is none when it is any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.json()), async (body) => {
        // A list without events is what AWS and Google answer when all is calm.
        if (body.trim() === "[]") return;
        expect(await read(body)).toBeUndefined();
      }),
    );
  });
});
