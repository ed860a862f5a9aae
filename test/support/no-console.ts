import { format } from "node:util";
import { afterEach, beforeEach, expect, vi } from "vitest";

const methods = ["debug", "log", "info", "warn", "error"] as const;
let printed: string[] = [];

beforeEach(() => {
  printed = [];
  for (const method of methods) {
    vi.spyOn(console, method).mockImplementation((...values) => {
      printed.push(`console.${method}: ${format(...values)}`);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(printed, "a test must not print").toEqual([]);
});
