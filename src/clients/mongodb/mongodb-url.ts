import { z } from "zod";
import { misreadIssue } from "../../health/fields.ts";
import { ConnectionUrl } from "../../health/secret.ts";
import { parseServers, type ServerAddress } from "../../net/server-list.ts";

/** Where MongoDB listens unless it is told otherwise. */
export const defaultPort = 27_017;

/**
 * A connection string of MongoDB, which may name several hosts and then is no URL (MongoDB, "Connection Strings"). For all else
 * than {@link hosts}, it is the one that names the first of them alone.
 */
export class MongodbUrl extends ConnectionUrl {
  readonly hosts: readonly ServerAddress[];
  /** What stands after its `?`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly #hostList: string;

  /** @throws TypeError when `address` is no connection string */
  constructor(address: string) {
    const [, protocol = "", login = "", hostList = "", rest = ""] = form.exec(address) ?? [];
    const names = hostList.split(",");
    super(`${protocol}://${login}${names[0]}${rest}`);
    this.hosts = parseServers(names, defaultPort);
    if (this.hosts.length !== names.length) throw new TypeError("a host is none");
    this.parameters = new Map(new URL(this.reveal()).searchParams);
    this.#hostList = hostList;
  }

  /** Whether it names servers in the DNS, rather than the servers themselves. */
  get isOfService(): boolean {
    return this.protocol === "mongodb+srv:";
  }

  /** Whether it means a replica set, and not the one server that it names. */
  get isOfSet(): boolean {
    const isDirect = this.parameters.get("directConnection") ?? String(!this.parameters.has("replicaSet"));
    return this.isOfService || this.hosts.length > 1 || isDirect !== "true";
  }

  /** What in it does not go together, as a sentence; undefined when all does. */
  get issue(): string | undefined {
    const { parameters, hosts, isOfService, port } = this;
    const mechanism = parameters.get("authMechanism");
    const word = ["tls", "ssl", "directConnection"].find(
      (name) => !/^(?:true|false)$/.test(parameters.get(name) ?? "true"),
    );
    if (word !== undefined) return `${word} in url must be true or false`;
    if (mechanism !== undefined && !mechanisms.includes(mechanism)) {
      return `authMechanism in url must be one of ${mechanisms.join(", ")}`;
    }
    if (isOfService && (hosts.length > 1 || port !== undefined))
      return "mongodb+srv:// goes with one name, without a port";
    if (parameters.get("directConnection") !== "true") return undefined;
    return isOfService || hosts.length > 1 ? "directConnection goes with one host" : undefined;
  }

  override toString(): string {
    return `${this.protocol}//${this.#hostList}${this.pathname}`;
  }
}

/** Whether TLS is spoken, by what the address says. */
export function urlSpeaksTls(url: MongodbUrl | undefined): boolean {
  const inUrl = url?.parameters.get("tls") ?? url?.parameters.get("ssl");
  return inUrl === undefined ? url?.isOfService === true : inUrl === "true";
}

/** Other ways to log in need more packages than that of the client. */
const mechanisms = ["SCRAM-SHA-1", "SCRAM-SHA-256", "MONGODB-X509", "PLAIN"];

/** Protocol, user information, hosts; path and query. */
const form = /^(mongodb(?:\+srv)?):\/\/((?:[^/?#]*@)?)([^/?#@]+)([/?].*)?$/s;

const message = "must be an address that starts with mongodb:// or mongodb+srv://";

/** A field that is a connection string of MongoDB. It yields a {@link MongodbUrl}. */
export function mongodbUrl() {
  return z
    .string(message)
    .meta({ title: "address", writeOnly: true })
    .transform((value, context) => {
      const misread = misreadIssue(value);
      try {
        if (misread === undefined) return new MongodbUrl(value);
      } catch {
        // Whatever it is, it is refused. The value is not repeated, it may hold a password.
      }
      const hosts = /^mongodb(?:\+srv)?:\/\//.test(value) ? "must name its hosts as HOST or HOST:PORT" : message;
      context.issues.push({ code: "custom", message: misread ?? hosts, input: "[redacted]" });
      return z.NEVER;
    });
}
