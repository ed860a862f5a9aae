import { z } from "zod";
import { isHostPattern } from "../../net/probing/allow-list.ts";
import { Network } from "../../net/probing/network.ts";

const hostPattern = z
  .string()
  .refine(isHostPattern, "must be a host name, in which * stands for any characters, such as *.shop.example")
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

/** What a configuration says of `/probe`, except for who may ask. */
export const probeFields = {
  checks: z
    .array(z.string())
    .min(1)
    .describe(
      "The names of the checks that may be run with another target: checks of the types http, tcp, dns and ssh.",
    ),
  hosts: z
    .array(hostPattern)
    .default([])
    .describe(
      "Targets by their names, in which `*` stands for any characters: `*.shop.example`. A name gets no further than to public addresses and to those that `networks` lists.",
    ),
  networks: z
    .array(network)
    .prefault([])
    .describe(
      "Targets by their addresses: `10.0.0.0/8`, `fd00::/8`, `192.0.2.1`. A block that is not public is admitted only by a network that is no larger: `0.0.0.0/0` lets nobody reach this host's own loopback.",
    ),
  sendCredentials: z
    .array(z.string())
    .default([])
    .describe(
      "The names of those checks whose credentials every admitted target gets: headers, tokens, user names and passwords, bodies, client certificates. Those of the others stay with the target of the check itself.",
    ),
  concurrency: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe("At most so many probes at once; further ones are answered with 503."),
};
