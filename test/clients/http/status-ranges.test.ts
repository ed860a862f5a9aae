import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StatusRanges, statusRanges } from "../../../src/clients/http/status-ranges.ts";

describe("statusRanges", () => {
  it.each([
    [200, "200", [200], [199, 201]],
    ["2xx", "2xx", [200, 299], [199, 300]],
    ["5XX", "5xx", [500, 599], [499, 600]],
    ["200-204", "200-204", [200, 204], [199, 205]],
    ["200, 301", "200, 301", [200, 301], [300]],
    [["2xx", 404, "500-502"], "2xx, 404, 500-502", [250, 404, 501], [403, 503]],
  ])("reads %j", (value, text, inside, outside) => {
    const ranges = statusRanges().parse(value);
    expect(String(ranges)).toBe(text);
    expect(JSON.stringify(ranges)).toBe(JSON.stringify(text));
    for (const status of inside) expect(ranges.includes(status), `${status}`).toBe(true);
    for (const status of outside) expect(ranges.includes(status), `${status}`).toBe(false);
  });

  it.each(["", "2x", "xx", "600", 99, 200.5, "299-200", "200-", "200,", [], ["2xx", ""], "6xx", "0xx", null])(
    "refuses %j",
    (value) => {
      const { error } = z.object({ status: statusRanges() }).safeParse({ status: value });
      expect(error?.issues.map(({ message }) => message)).toEqual([
        "must be status codes from 100 to 599, such as 200, 2xx, 200-299 or a list of those",
      ]);
    },
  );

  it("says in the JSON Schema what it takes", () => {
    const schema = z.toJSONSchema(z.object({ status: statusRanges().prefault("2xx") }), { io: "input" });
    expect(schema.properties?.status).toMatchObject({ default: "2xx", title: "status codes" });
  });
});

describe("StatusRanges", () => {
  it("holds nothing without ranges", () => {
    expect(new StatusRanges([]).includes(200)).toBe(false);
  });
});
