import { inspect } from "node:util";

/** What is shown in place of a secret. */
export const redacted = "[redacted]";

/** A text that cannot print itself: only {@link Secret.reveal} gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one call that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}

/** A value in the query with such a name is a secret, however short; one with another name if it is longer than a word such as `require`. */
const secretName = /pass|secret|token|key|auth|sig/i;
const longWord = 12;

/**
 * The address of a service, whose credentials can be revealed but never printed. It prints as
 * `redis://cache:6379/0`: without user information, query and fragment, each of which may hold a credential.
 */
export class ConnectionUrl {
  readonly #url: URL;
  /** The same text each time: what is published of a check repeats it. */
  readonly #printed: string;

  /** @throws TypeError when `address` is not an absolute URL */
  constructor(address: string) {
    this.#url = new URL(address);
    this.#printed = `${this.#url.protocol}//${this.#url.host}${this.#url.pathname}`;
  }

  /** The whole address, credentials included, for the one call that needs it. */
  reveal(): string {
    return this.#url.href;
  }

  /** `redis:`, with the colon, as in the URL standard. */
  get protocol(): string {
    return this.#url.protocol;
  }

  /** The host's name or address, an IPv6 one without its brackets. */
  get hostname(): string {
    return this.#url.hostname.replace(/^\[|\]$/g, "");
  }

  /** The port when the address names one other than its protocol's default. */
  get port(): number | undefined {
    return this.#url.port === "" ? undefined : Number(this.#url.port);
  }

  get pathname(): string {
    return this.#url.pathname;
  }

  /** What in the address may be a credential. */
  get secrets(): readonly string[] {
    const { protocol, search, hash } = this.#url;
    const username = decodeUrlPart(this.#url.username);
    const password = decodeUrlPart(this.#url.password);
    // A lone user name of a web address is a token; elsewhere it is a word like any other.
    const login =
      password === "" ? (protocol.startsWith("http") ? [username] : []) : [password, `${username}:${password}`];
    const values = [...new URLSearchParams(search)].filter(
      ([name, value]) => secretName.test(name) || value.length >= longWord,
    );
    return [...login, ...values.map(([, value]) => value), hash.slice(1)].filter((text) => text !== "");
  }

  toString(): string {
    return this.#printed;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const misread =
  "has an @ or # after its host: write %40 for @ and %23 for #, in a user name or password also %2F for /, %5C for \\ and %3F for ?";

/**
 * What is wrong with an address in which a part of the user information may have been taken for the host, the port or the path,
 * where it would be printed: `http://app:2024/pa@db/` names the host `app`. Repeats nothing of it.
 * @returns a sentence about the address; undefined when it cannot be misread
 */
export function addressIssue(address: string): string | undefined {
  // As written, for what is no URL; as read, since a URL may be written without slashes or with line breaks.
  const afterHost = /:\/\/[^/?#]*(?<rest>.*)$/su.exec(address)?.groups?.rest ?? "";
  const { pathname, search, hash } = URL.parse(address) ?? { pathname: "", search: "", hash: "" };
  return /[@#]/.test(`${afterHost}${pathname}${search}${hash}`) ? misread : undefined;
}

/** Decodes what is percent-encoded in a part of an address. */
export function decodeUrlPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray percent sign stands for itself.
  }
}
