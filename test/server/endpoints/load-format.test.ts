import { beforeEach, describe, expect, it, vi } from "vitest";
import { offeredFormats } from "../../../src/formats/offered-formats.ts";
import { loadFormat } from "../../../src/server/endpoints/load-format.ts";
import { formats } from "../../../src/server/formats.ts";

describe("loadFormat", () => {
  it("finds each format that is offered, and offers each that there is, in the same order", async () => {
    expect(await Promise.all(offeredFormats.map(loadFormat))).toEqual(formats);
    expect(offeredFormats.map(({ name }) => name)).toEqual(formats.map(({ name }) => name));
  });

  it.each(["json", "text"])("has %s from the start: probes ask for it", (name) => {
    const offered = offeredFormats.filter((each) => each.name === name);
    expect(offered.map(loadFormat)).toEqual([expect.objectContaining({ name, render: expect.any(Function) })]);
  });

  it("rejects for what nothing renders", async () => {
    const unknown = {
      name: "poem",
      title: "Poem",
      offers: [{ mediaType: "text/plain", contentType: "text/plain" }],
    } as const;
    await expect(loadFormat(unknown)).rejects.toThrow("the format poem is offered, but nothing renders it");
  });

  describe("while no file can be opened", () => {
    beforeEach(() => void vi.resetModules());

    it("rejects, and finds the format with the next request", async () => {
      vi.doMock("../../../src/server/formats.ts", () => {
        throw new Error("too many open files");
      });
      const { loadFormat: load } = await import("../../../src/server/endpoints/load-format.ts");
      const [html] = offeredFormats;
      if (html === undefined) throw new Error("there are no formats");
      await expect(load(html)).rejects.toThrow();
      vi.doUnmock("../../../src/server/formats.ts");
      expect(await load(html)).toMatchObject({ name: "html" });
    });
  });
});
