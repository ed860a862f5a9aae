import { expect, it } from "vitest";
import { printBytes } from "../../src/host/print-bytes.ts";

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [512 * 1024 ** 2, "512 MiB"],
  [25_276_514_304, "23.5 GiB"],
  [3 * 1024 ** 6, "3072 PiB"],
])("prints %d bytes as %s", (bytes, text) => {
  expect(printBytes(bytes)).toBe(text);
});
