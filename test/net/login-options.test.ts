import { describe, expect, it } from "vitest";
import { z } from "zod";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../../src/net/login-options.ts";
import { certificates } from "../support/certificates.ts";

/** A protocol as brokers have it: TLS by another protocol in the address, a path, no parameters. */
const broker = new LoginProtocol({
  protocols: ["mq", "mqs"],
  tlsProtocols: ["mqs"],
  defaultPort: 5672,
  defaultTlsPort: 5671,
  usernameOption: "username",
  pathOption: "virtualHost",
  parameters: [],
  insteadOf: [["heartbeat timeout", "give timeout"]],
});
const brokerSchema = z.strictObject({
  ...broker.addressFields("The broker's address."),
  ...credentialFields,
  ...tlsLoginFields,
  virtualHost: z.string().optional(),
  others: z.array(z.string()).optional(),
});

/** A protocol as databases have it: TLS is negotiated, and a host may be a socket. */
const database = new LoginProtocol({
  protocols: ["sql"],
  negotiatesTls: true,
  defaultPort: 5432,
  socketHost: "the folder of a Unix socket",
  usernameOption: "user",
  parameters: ["sslmode", "application_name"],
  insteadOf: [["host port", "give host and port as options"]],
});
const databaseSchema = z.strictObject({
  ...database.addressFields("The server's address."),
  user: credentialFields.username,
  password: credentialFields.password,
  sslmode: z.enum(["disable", "prefer", "verify-full"]).optional(),
  ca: z.string().optional(),
});

type BrokerInput = z.input<typeof brokerSchema>;
type DatabaseInput = z.input<typeof databaseSchema>;

const brokerIssue = (input: BrokerInput): string | undefined => {
  const options = brokerSchema.parse(input);
  return broker.issue(options, { others: options.others });
};
const databaseIssue = (input: DatabaseInput): string | undefined => database.issue(databaseSchema.parse(input));
const { ca, client } = certificates;

describe("the login options of a protocol", () => {
  it("give the same by an address and by options of their own", () => {
    const { tls: _none, ...byUrl } = broker.resolve(
      brokerSchema.parse({ url: "mq://us%40er:pa%2Fss@queue:1/shop%2Fone" }),
    );
    const { tls: _neither, ...byOptions } = broker.resolve(
      brokerSchema.parse({ host: "queue", port: 1, username: "us@er", password: "pa/ss", virtualHost: "shop/one" }),
    );
    for (const login of [byUrl, byOptions]) {
      expect(login).toMatchObject({ server: { host: "queue", port: 1 }, username: "us@er", path: "shop/one" });
      expect(login.password?.reveal()).toBe("pa/ss");
    }
  });

  it("have defaults", () => {
    expect(broker.resolve(brokerSchema.parse({ url: "mq://queue/" }))).toEqual({
      server: { host: "queue", port: 5672 },
      username: undefined,
      password: undefined,
      tls: undefined,
      tlsIsOptional: false,
      path: undefined,
      parameters: new Map(),
    });
    expect(broker.resolve(brokerSchema.parse({ others: ["a"], username: "user" }))).toMatchObject({
      server: undefined,
      username: "user",
    });
  });

  it("have another default port where TLS has one", () => {
    const portOf = (input: BrokerInput) => broker.resolve(brokerSchema.parse(input)).server?.port;
    expect(portOf({ url: "mqs://queue" })).toBe(5671);
    expect(portOf({ host: "queue", tls: true })).toBe(5671);
    expect(portOf({ url: "mqs://queue:1" })).toBe(1);
    expect(database.resolve(databaseSchema.parse({ host: "db", sslmode: "verify-full" })).server?.port).toBe(5432);
    expect(brokerSchema.shape.port.description).toBe("The port of host. Default: 5672, with TLS 5671.");
  });

  it("read an IPv6 address without its brackets", () => {
    expect(broker.resolve(brokerSchema.parse({ url: "mq://[::1]:9" })).server).toEqual({ host: "::1", port: 9 });
  });

  it("say how to speak TLS", () => {
    const tlsOf = (input: BrokerInput) => broker.resolve(brokerSchema.parse(input)).tls;
    expect(tlsOf({ url: "mqs://queue" })).toEqual({ rejectUnauthorized: true });
    expect(tlsOf({ host: "queue", tls: true, ca, verifyCertificate: false })).toEqual({
      rejectUnauthorized: false,
      ca,
      allowPartialTrustChain: true,
    });
    expect(tlsOf({ host: "queue" })).toBeUndefined();
  });

  it("say whether to negotiate TLS", () => {
    const loginOf = (input: DatabaseInput) => database.resolve(databaseSchema.parse(input));
    expect(loginOf({ host: "db" })).toMatchObject({ tls: { rejectUnauthorized: false }, tlsIsOptional: true });
    expect(loginOf({ url: "sql://db?sslmode=verify-full" })).toMatchObject({
      tls: { rejectUnauthorized: true },
      tlsIsOptional: false,
    });
    expect(loginOf({ host: "db", sslmode: "disable" })).toMatchObject({ tls: undefined, tlsIsOptional: false });
    expect(loginOf({ host: "/run/db", sslmode: "verify-full" })).toMatchObject({ tls: undefined });
  });

  it("keep the parameters that the protocol has", () => {
    const { parameters } = database.resolve(databaseSchema.parse({ url: "sql://db?application_name=a%20b" }));
    expect([...parameters]).toEqual([["application_name", "a b"]]);
  });

  it.each<[BrokerInput, string | undefined]>([
    [{ url: "mq://user:word@queue/shop" }, undefined],
    [{ host: "queue", port: 1, tls: true, ca }, undefined],
    [{ others: ["a"] }, undefined],
    [{}, "give either url or host (or others)"],
    [{ url: "mq://a", others: ["b"] }, "give only one of url and others"],
    [{ url: "mq://a", host: "b", others: ["b"] }, "give only one of url, host and others"],
    [{ url: "mq://a", port: 1 }, "port goes with host; elsewhere it is part of the address"],
    [{ url: "mq://a/b", virtualHost: "b" }, "give the virtualHost either in url or as virtualHost"],
    [{ url: "mq://a@b", username: "a" }, "give the user name either in url or as username"],
    [{ url: "mq://a:b@c", password: "b" }, "give the password either in url or as password"],
    [{ url: "mq://a", tls: true }, "for TLS, url must begin with mqs://"],
    [{ host: "a", ca }, "certificates need TLS: give tls: true, or a url that begins with mqs://"],
    [
      { host: "a", verifyCertificate: false },
      "certificates need TLS: give tls: true, or a url that begins with mqs://",
    ],
    [
      { host: "a", tls: true, clientCertificate: client.cert },
      "clientCertificate and clientKey must be given together",
    ],
    [{ url: "mq://a:0" }, "0 is not a valid port (1 to 65535)"],
    [{ url: "mq://a,b" }, "url names several hosts: make a check of each"],
    [{ url: "mq://a?heartbeat=1" }, "instead of heartbeat in url, give timeout"],
    [{ url: "mq://a?retries=1" }, 'unknown parameter "retries" in url (there are none)'],
  ])("are judged together: %o", (input, issue) => {
    expect(brokerIssue(input)).toBe(issue);
  });

  it.each<[DatabaseInput, string | undefined]>([
    [{ url: "sql://user:word@db?sslmode=prefer&application_name=x" }, undefined],
    [{ host: "/run/db" }, undefined],
    [{}, "give either url or host"],
    [{ url: "sql://db/name" }, "nothing may follow the host and port in url"],
    [{ url: "sql://a@b", user: "a" }, "give the user name either in url or as user"],
    [{ url: "sql://db?host=%2Frun%2Fdb" }, "instead of host in url, give host and port as options"],
    [{ url: "sql://db?schema=x" }, 'unknown parameter "schema" in url (known: sslmode, application_name)'],
    [{ url: "sql://db?constructor=x" }, 'unknown parameter "constructor" in url (known: sslmode, application_name)'],
    [{ url: "sql://db?sslmode=prefer&sslmode=disable" }, 'parameter "sslmode" is given more than once in url'],
    [{ url: "sql://db?sslmode=prefer", sslmode: "prefer" }, "give sslmode either in url or as sslmode"],
    [{ host: "db", sslmode: "disable", ca }, "certificates need TLS: sslmode must not be disable"],
  ])("are judged together where TLS is negotiated: %o", (input, issue) => {
    expect(databaseIssue(input)).toBe(issue);
  });

  it.each(["2024/hidden@db", "2024#hidden@db", "2024?hidden@db", "2024?hidden-%21@db", "1/x?hidden!"])(
    "print nothing of a password that was read as something else: %s",
    (rest) => {
      const parsed = databaseSchema.safeParse({ url: `sql://user:${rest}` });
      const issue = (parsed.success ? database.issue(parsed.data) : parsed.error.issues[0]?.message) ?? "";
      expect(issue).toMatch(/^has an @ or # after its host: write %40 for @|^unknown parameter in url/);
      expect(issue).not.toContain("hidden");
    },
  );

  it("take a port from 1 to 65535, and one host", () => {
    const message = (input: object): string => brokerSchema.safeParse(input).error?.issues[0]?.message ?? "";
    for (const port of [0, 65_536]) expect(message({ host: "a", port })).toBe("must be a port from 1 to 65535");
    for (const host of ["a,b", "user@a", "a b", "/run/a", ""]) {
      expect(message({ host })).toBe("must be the name or address of a host");
    }
    const databaseMessage = databaseSchema.safeParse({ host: "a,b" }).error?.issues[0]?.message;
    expect(databaseMessage).toBe("must be the name or address of a host, or the folder of a Unix socket");
  });
});

describe("firstIssue", () => {
  it("is the message of the first broken rule", () => {
    const rules = [
      [false, "one"],
      [true, "two"],
      [true, "three"],
    ] as const;
    expect(firstIssue(rules)).toBe("two");
    expect(firstIssue([])).toBeUndefined();
  });
});
