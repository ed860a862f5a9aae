import { expect, it } from "vitest";
import { openChannel } from "../../../src/notices/open-channel.ts";

const url = "https://discord.example/api/webhooks/1/hush";

it.each(["Discord", "our discord", "CLYDE"])(
  "the name %s, which Discord refuses, is refused at once",
  async (username) => {
    await expect(openChannel("own", { type: "discord", url, username })).rejects.toThrow("clyde or discord");
  },
);

it("another name is taken", async () => {
  const channel = await openChannel("own", { type: "discord", url, username: "Disc jockey" });
  expect(channel.options).toMatchObject({ username: "Disc jockey" });
});
