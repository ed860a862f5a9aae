import { getSystemErrorName } from "node:util";
import { systemError } from "../../health/system-error.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

/** What nodemailer says by the code of an error (lib/errors.js), where nothing else says more. */
const knownCodes: Readonly<Record<string, KnownError>> = {
  EAUTH: knownErrors.loginRefused,
  ENOAUTH: knownErrors.passwordRequired,
  EOAUTH2: ["authentication", "no token for the login could be had"],
  ETLS: ["tls", "the server does not speak TLS, or the handshake failed"],
  EREQUIRETLS: knownErrors.tlsDeclined,
  EDNS: ["dns", "host name could not be resolved"],
  ETIMEDOUT: ["timeout", "the server did not answer in time"],
  ECONNECTION: knownErrors.closedByServer,
  ESOCKET: ["connection_reset", "the connection failed"],
  EPROTOCOL: ["unexpected_result", "the server does not speak the protocol of SMTP"],
};

/** What is read of an error of nodemailer. Its message is not: it repeats the server. */
interface TransporterError extends Error {
  readonly code?: unknown;
  /** The code that nodemailer has replaced by its own. */
  readonly originalCode?: unknown;
  /** What the server answered. */
  readonly responseCode?: unknown;
}

/** What `verify()` of a transporter has failed with, as an error that may be shown; anything unknown is returned as it is. */
export function transporterFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, responseCode } = error as TransporterError;
  if (typeof responseCode === "number" && responseCode >= 400 && responseCode < 500) {
    return serverError(["unavailable", `the server cannot serve us at present (${responseCode})`], error);
  }
  const original = originalCode(error);
  const known =
    original === undefined ? undefined : systemError(Object.assign(new Error(original), { code: original }));
  if (known !== undefined) return serverError([known.reason, known.message], error);
  if (typeof code !== "string" || !Object.hasOwn(knownCodes, code)) return systemError(error) ?? error;
  return serverError(knownCodes[code] ?? knownErrors.closedByServer, error);
}

/** Older versions replace the code, but leave the number. */
function originalCode(error: TransporterError): string | undefined {
  const { originalCode: code, errno } = error as TransporterError & { readonly errno?: unknown };
  if (typeof code === "string") return code;
  return typeof errno === "number" && errno < 0 ? getSystemErrorName(errno) : undefined;
}
