import { z } from "zod";
import { isHostPattern } from "../../net/probing/allow-list.ts";
import { Network } from "../../net/probing/network.ts";

const hostPattern = z
  .string()
  .refine(isHostPattern, "must be a host name, where * matches any characters, such as *.shop.example")
  .meta({ title: "host pattern" });

const network = z
  .string("must be a network, such as 10.0.0.0/8, fd00::/8 or 192.0.2.1")
  .meta({ title: "network" })
  .transform((text, context) => {
    const parsed = Network.parse(text);
    if (parsed !== undefined) return parsed;
    const message = "must be a network, such as 10.0.0.0/8, fd00::/8 or 192.0.2.1";
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  });

/** The options of `/probe`, except authentication. */
export const probeFields = {
  checks: z
    .array(z.string())
    .min(1)
    .describe(
      "The names of the checks that may run with another target. The reference page of a type says whether it can.",
    ),
  hosts: z
    .array(hostPattern)
    .default([])
    .describe(
      "Allowed targets by name, where `*` matches any characters: `*.shop.example`. Their addresses must be public or listed in `networks`.",
    ),
  networks: z
    .array(network)
    .prefault([])
    .describe(
      "Allowed targets by address: `10.0.0.0/8`, `fd00::/8`, `192.0.2.1`. Addresses that are not public are allowed only by a network that is no larger than their block: `0.0.0.0/0` does not allow this host's own loopback, nor its other addresses.",
    ),
  sendCredentials: z
    .array(z.string())
    .default([])
    .describe(
      "The names of the checks whose credentials are sent to every allowed target: headers, tokens, user names and passwords, bodies, client certificates. Other checks send credentials only to their own target.",
    ),
  concurrency: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe("The maximum number of concurrent probes; further requests get a 503."),
};
