// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { join } from "node:path";
import { expect, it } from "vitest";
import { CommandError } from "../../../src/cli/output/command-error.ts";
import { readHeaders } from "../../../src/cli/remote/request-headers.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const variables = {
  variable: (name: string) => ({ TOKEN: "hunter2" })[name],
  file: () => "hunter3",
};

const read = (...given: string[]) => readHeaders(given, variables);

it("reads names and values, with variables and files in them", async () => {
  expect(
    await read("X-A: b", "Authorization:Bearer ${TOKEN}", "X-C: ${file:token}", "X-Empty:", "X-D: ${NO:-d}"),
  ).toEqual({
    "X-A": "b",
    Authorization: "Bearer hunter2",
    "X-C": "hunter3",
    "X-Empty": "",
    "X-D": "d",
  });
});

it("reads one header a line from a file", async () => {
  await using folder = await temporaryFolder({ headers: "Authorization: Bearer ${x}\r\n\nX-A: b\n" });
  expect(await read(`@${join(folder.path, "headers")}`, "X-B: c")).toEqual({
    Authorization: "Bearer ${x}",
    "X-A": "b",
    "X-B": "c",
  });
});

it.each([
  ["no colon", "hunter2"],
  ["a space in the name", "X A: hunter2"],
  ["a line break", "X-A: hunter2\r\nX-B: c"],
  ["a character that no header may have", "X-A: hunter2\u20ac"],
  ["nothing", ""],
])("refuses %s, without repeating it", async (_, given) => {
  const error = await read(given).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandError);
  expect(String(error)).toContain("--header must be a name and a value");
  expect(String(error)).not.toContain("hunter2");
});

it("refuses a line break that came from a variable", async () => {
  const injected = { ...variables, variable: () => "a\r\nX-B: hunter2" };
  await expect(readHeaders(["X-A: ${TOKEN}"], injected)).rejects.toThrow("--header must be a name and a value");
});

it("says which variable is not set", async () => {
  await expect(read("Authorization: Bearer ${NO}")).rejects.toThrow("--header: the variable NO is not set");
});

it("names the file that cannot be used, without its content", async () => {
  await using folder = await temporaryFolder({ token: "hunter2\n", large: `X-A: ${"x".repeat(65_536)}` });
  const path = (name: string) => join(folder.path, name);
  await expect(read(`@${path("token")}`)).rejects.toThrow(
    `--header @${path("token")}: each line of the file must be a name and a value, such as Authorization: Bearer TOKEN`,
  );
  await expect(read(`@${path("large")}`)).rejects.toThrow(`--header @${path("large")}: the file is larger than 64 KiB`);
  await expect(read(`@${path("gone")}`)).rejects.toThrow(/the file cannot be read: ENOENT/);
  await expect(read("@/dev/zero")).rejects.toThrow("larger than 64 KiB");
});
