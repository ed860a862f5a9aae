import { firstIssue, type LoginOptions } from "../../net/login-options.ts";
import { urlCredentials } from "../../net/url-credentials.ts";
import type { MongodbUrl } from "./mongodb-url.ts";

/** By which a server knows a user by the certificate. */
const byCertificate = "MONGODB-X509";

/** What is wrong with the options that say who logs in, and how, as a sentence; undefined when nothing is. */
export function mongodbLoginIssue(
  options: LoginOptions & { readonly url?: MongodbUrl | undefined; readonly authSource?: string | undefined },
): string | undefined {
  const { url, clientCertificate, authSource } = options;
  const inUrl = url && urlCredentials(url);
  const hasUser = (options.username ?? inUrl?.username) !== undefined;
  const hasPassword = (options.password ?? inUrl?.password) !== undefined;
  const mechanism = url?.parameters.get("authMechanism");
  const sourceInUrl = url?.parameters.get("authSource");
  const usesCertificate = mechanism === byCertificate;
  return firstIssue([
    [authSource !== undefined && sourceInUrl !== undefined, "give authSource either in url or as authSource"],
    [
      usesCertificate && (hasPassword || clientCertificate === undefined),
      `authMechanism ${byCertificate} goes with clientCertificate, and without a password`,
    ],
    [
      usesCertificate && (authSource ?? sourceInUrl ?? "$external") !== "$external",
      `authMechanism ${byCertificate} goes with authSource $external`,
    ],
    [!usesCertificate && hasUser !== hasPassword, "the user name and the password must be given together"],
    [!usesCertificate && mechanism !== undefined && !hasUser, `authMechanism ${mechanism} needs a user name`],
  ]);
}
