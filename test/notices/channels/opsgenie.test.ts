import { expect, it } from "vitest";
import type { ChannelOptions } from "../../../src/notices/channel-fields.ts";
import type { HttpChannelType } from "../../../src/notices/http-channel.ts";
import { openChannel } from "../../../src/notices/open-channel.ts";
import { messageOf, noticeOf } from "../../support/sample-notices.ts";

it("an alert has as many labels of the check as fit into its details, after what is known of it", async () => {
  const { type, options } = await openChannel("own", { type: "opsgenie", apiKey: "hush" });
  const labels = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label${index}`, "v".repeat(900)]));
  const { request } = type as HttpChannelType<ChannelOptions, unknown>; // Opsgenie is told by HTTP.
  const { body } = request(options, messageOf(noticeOf({ labels: { ...labels, url: "https://a.example/" } })), {
    at: 0,
  });
  const { details } = JSON.parse(body);
  expect(Object.keys(details)).toEqual(expect.arrayContaining(["state", "label0", "label10", "url"]));
  expect(Object.keys(details)).not.toContain("label20");
  expect(details.label0).toHaveLength(500);
});
