import { fieldValue } from "./field-syntax.ts";

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Whether it is for this host alone, and not for those below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

/** More than that, or longer ones, no browser keeps either. */
const maxCookies = 50;
const maxCharacters = 4096;

/**
 * The cookies of one run (RFC 6265, sections 5.2 to 5.4): some servers redirect until the cookie comes back that they have set.
 * There is no list of public suffixes: what is set for all of `co.uk` goes, if at all, to where the server itself redirects.
 */
export class Cookies {
  #cookies: readonly Cookie[] = [];

  /** @param fields the values of `Set-Cookie` in an answer from `url` */
  take(url: URL, fields: readonly string[] = []): void {
    for (const field of fields) {
      const set = parse(field, url);
      if (set === undefined) continue;
      const { cookie, isGone } = set;
      const others = this.#cookies.filter((one) => !isSame(one, cookie));
      this.#cookies = isGone ? others : [...others, cookie].slice(-maxCookies);
    }
  }

  /** @returns what `Cookie` says in a request to `url`; undefined when there is none */
  for(url: URL): string | undefined {
    const sent = this.#cookies.filter(
      ({ domain, hostOnly, path, secure }) =>
        (url.hostname === domain || (!hostOnly && url.hostname.endsWith(`.${domain}`))) &&
        isBelow(url.pathname, path) &&
        (!secure || url.protocol === "https:"),
    );
    if (sent.length === 0) return undefined;
    return sent
      .toSorted((one, other) => other.path.length - one.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }
}

function parse(field: string, url: URL): { readonly cookie: Cookie; readonly isGone: boolean } | undefined {
  const [pair = "", ...parts] = field.split(";");
  const [name, value] = divide(pair);
  if (name === "" || !pair.includes("=") || pair.length > maxCharacters || !fieldValue.test(pair)) return undefined;
  const attributes = new Map(
    parts.map((part) => {
      const [key, content] = divide(part);
      return [key.toLowerCase(), content];
    }),
  );
  const domain = attributes.get("domain")?.replace(/^\./, "").toLowerCase() ?? "";
  const isForDomain = domain.includes(".") && url.hostname.endsWith(`.${domain}`);
  if (domain !== "" && domain !== url.hostname && !isForDomain) return undefined;
  const path = attributes.get("path") ?? "";
  const cookie = {
    name,
    value,
    domain: isForDomain ? domain : url.hostname,
    hostOnly: domain === "",
    path: path.startsWith("/") ? path : (/^(\/.*)\/[^/]*$/.exec(url.pathname)?.[1] ?? "/"),
    secure: attributes.has("secure"),
  };
  const maxAge = attributes.get("max-age");
  const isGone = maxAge === undefined ? Date.parse(attributes.get("expires") ?? "") <= Date.now() : Number(maxAge) <= 0;
  return { cookie, isGone };
}

function divide(pair: string): readonly [string, string] {
  const [name = "", ...rest] = pair.split("=");
  return [name.trim(), rest.join("=").trim()];
}

function isSame(one: Cookie, other: Cookie): boolean {
  return one.name === other.name && one.domain === other.domain && one.path === other.path;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
