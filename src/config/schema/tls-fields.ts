import { z } from "zod";

/** The options of `server.tls`. */
export const tlsFields = {
  certificate: z
    .string()
    .min(1)
    .describe("The file of the server's certificate and those between it and its authority, in PEM form."),
  key: z.string().min(1).describe("The file of the certificate's private key, in PEM form, without a passphrase."),
  clientCa: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The file of the authorities of clients, in PEM form: every client then needs a certificate by one of them.",
    ),
  minVersion: z.enum(["1.2", "1.3"]).default("1.2").describe("The lowest version of TLS."),
};
