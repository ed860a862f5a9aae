import { ConnectionUrl, Secret } from "../secret.ts";
import { type Redact, redactor } from "./redactor.ts";

/**
 * The key under which the options of a check have the values that came from outside its configuration, by `${NAME}` or
 * `${file:PATH}`. They are kept out of everything that is published of the check, its labels included. A symbol, so that it is no
 * option, and goes along when the options are copied for the same check with another target.
 */
export const outsideValues: unique symbol = Symbol("values from outside the configuration");

/** Options that may have such values. */
interface OptionsWithOutsideValues {
  readonly [outsideValues]?: readonly string[] | undefined;
}

/** What must not be published of the values that came from outside. */
export function secretsFromOutside(options: object): readonly Secret[] {
  const values = (options as OptionsWithOutsideValues)[outsideValues] ?? []; // Nothing else is set under this key.
  return values.filter((value) => !isPlain(value)).flatMap((value) => [value, ...partsOfAddress(value)].map(asSecret));
}

const redactors = new WeakMap<object, Redact>();

/** Takes the values that came from outside out of a text, and nothing else: what the configuration itself says may be shown. */
export function outsideRedactor(options: object): Redact {
  let redact = redactors.get(options);
  if (redact === undefined) {
    redact = redactor(secretsFromOutside(options));
    redactors.set(options, redact);
  }
  return redact;
}

/** A truth value, a number as short as a port, or an amount: hiding `5432` or `500ms` would hide nothing. */
function isPlain(value: string): boolean {
  return /^(?:true|false|-?\d{1,5}|\d{1,5}(?:\.\d{1,3})?\s?(?:ms|[smhd%]|[kmgt]?i?b))$/i.test(value);
}

/** What is printed of a whole address: the host, the path, parameters, and all of it without credentials. */
function partsOfAddress(value: string): readonly string[] {
  const hostAndPort = /^(?<host>[^\s/@:]+|\[[\da-f:.]+\]):\d{1,5}$/i.exec(value)?.groups?.host;
  if (hostAndPort !== undefined) return [hostAndPort];
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const address = new ConnectionUrl(value);
  const { host, hostname, pathname, searchParams } = new URL(address.reveal());
  const segments = pathname.split("/").filter((segment) => segment.length >= longSegment);
  const path = pathname === "/" ? [] : [pathname, pathname.slice(1)];
  return [...address.secrets, String(address), host, hostname, ...path, ...segments, ...searchParams.values()];
}

/** A shorter segment of a path is rather a word, such as `services`. */
const longSegment = 10;

function asSecret(value: string): Secret {
  return new Secret(value);
}
