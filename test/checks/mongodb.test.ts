import { getServers, setServers } from "node:dns";
import { SpanKind } from "@opentelemetry/api";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Mongodb } from "../../src/checks/mongodb.ts";
import { nameLookups } from "../../src/net/name-lookups.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import {
  hello,
  type MongodbDocument,
  type MongodbOptions,
  type MongodbServer,
  mongodbError,
  startMongodb,
  written,
} from "../support/mongodb-server.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { dnsName, dnsText, startDnsServer, uint16 } from "../support/throw-away-dns-server.ts";

type Options = Partial<ConstructorParameters<typeof Mongodb>[0]>;

const runKept = (check: Mongodb) => runCheck(check, { keepOpen: true });
const of = ({ port }: Pick<MongodbServer, "port">, options: Options = {}) =>
  new Mongodb({ host: "127.0.0.1", port, timeout: "10s", ...options });

/** Runs the check against a server. */
async function resultOf(server: MongodbOptions, options: Options = {}) {
  await using mongodb = await startMongodb(server);
  return await runCheck(of(mongodb, options));
}

/** Answers to a command of this name with this. */
function insteadOf(name: string, answer: MongodbDocument | Buffer): NonNullable<MongodbOptions["instead"]> {
  return (command) => (name in command ? answer : undefined);
}

const users = { "admin.probe": "a p@ss/word", "shop.probe": "of the shop" };
const login = { username: "probe", password: "a p@ss/word" };

const certificateOfClient = { clientCertificate: certificates.client.cert, clientKey: certificates.client.key };

afterEach(() => vi.restoreAllMocks());

describe("Mongodb", () => {
  describeCheck(Mongodb, {
    options: { host: "127.0.0.1", port: 9, timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port }),
    secrets: (secret, port) => ({ host: "127.0.0.1", port, username: "user", password: secret }),
  });

  describe("of a replica set with TLS", () => {
    describeCheck(Mongodb, {
      options: { url: "mongodb://127.0.0.1:9,127.0.0.2:9/?replicaSet=rs", tls: true, timeout: "1s" },
      network: (port) => ({
        url: `mongodb://127.0.0.1:${port},127.0.0.2:${port}/?replicaSet=rs&tls=true`,
        writable: true,
      }),
      secrets: (secret, port) => ({ url: `mongodb://user:${secret}@127.0.0.1:${port},127.0.0.2:${port}/shop` }),
    });
  });

  describe("with one server", () => {
    it("is healthy when it answers a ping, and leaves no session on it", async () => {
      await using mongodb = await startMongodb();
      expect(await runCheck(of(mongodb, { database: "shop" }))).toMatchObject({ state: "healthy" });
      expect(mongodb.commands.at(-1)).toMatchObject({ ping: 1, $db: "shop" });
      for (const command of mongodb.commands) expect(command).not.toHaveProperty("lsid");
    });

    it("keeps one connection between runs, and nothing else", async () => {
      await using mongodb = await startMongodb();
      const check = of(mongodb);
      for (let run = 0; run < 3; run += 1) expect(await runKept(check)).toMatchObject({ state: "healthy" });
      await vi.waitFor(() => expect(mongodb.sockets.size).toBe(1));
      expect(mongodb.accepted()).toBe(2); // The client library also greets the server.
      expect(mongodb.commands.filter((command) => "ping" in command)).toHaveLength(3);
      check.close();
      await vi.waitFor(() => expect(mongodb.sockets.size).toBe(0));
    });

    it("logs in, at the database that knows the user", async () => {
      expect(await resultOf({ users }, login)).toMatchObject({ state: "healthy" });
      expect(await resultOf({ users }, { ...login, database: "shop", authSource: "admin" })).toMatchObject({
        state: "healthy",
      });
      expect(await resultOf({ users }, { ...login, database: "shop", password: "of the shop" })).toMatchObject({
        state: "healthy",
      });
      await using mongodb = await startMongodb({ users });
      const url = `mongodb://probe:a%20p%40ss%2Fword@127.0.0.1:${mongodb.port}/shop?authSource=admin`;
      expect(await runCheck(new Mongodb({ url }))).toMatchObject({ state: "healthy" });
    });

    it.each<Options>([
      { username: "probe", password: "wrong" },
      { username: "nobody", password: "a p@ss/word" },
      { ...login, database: "shop" },
      { ...login, authSource: "other" },
    ])("is unhealthy when the login %o is refused", async (options) => {
      await using mongodb = await startMongodb({ users });
      await leavesNothingBehind(async () => {
        expect(await runCheck(of(mongodb, options))).toMatchObject({
          state: "unhealthy",
          failure: { reason: "authentication", message: "user name or password refused" },
        });
        await vi.waitFor(() => expect(mongodb.sockets.size).toBe(0));
      });
    });

    it.each([
      [13, "authentication", "the user lacks the permission for the commands hello and ping"],
      [18, "authentication", "user name or password refused"],
      [50, "timeout", "the server cancelled the command"],
      [59, "unexpected_result", "the server does not know the commands hello and ping: it is too old"],
      [91, "unavailable", "the server is shutting down"],
      [189, "unavailable", "the replica set is electing a primary"],
      [10_107, "assertion", "the server is not the primary of its replica set and accepts no writes"],
      [11_600, "unavailable", "the server is shutting down"],
      [13_435, "assertion", "the server is not the primary of its replica set and accepts no writes"],
      [13_436, "unavailable", "the server is starting or recovering: it is neither primary nor secondary"],
      [99_999, "unavailable", "the server answered with an error (99999)"],
    ])("knows error %i in place of an answer", async (code, reason, message) => {
      const failure = { reason, message };
      expect(await resultOf({ instead: insteadOf("ping", mongodbError(code)) })).toMatchObject({ failure });
      expect(await resultOf({ instead: insteadOf("ismaster", mongodbError(code)) })).toMatchObject({ failure });
    });

    it("takes no error of the server for one of its own", async () => {
      const answer = {
        ok: 0,
        errmsg: "x",
        code: "EMFILE",
        syscall: "open",
        name: "y",
        stack: 1,
        cause: { code: "EMFILE" },
      };
      for (const name of ["ping", "ismaster"]) {
        expect(await resultOf({ instead: insteadOf(name, answer) })).toMatchObject({ state: "unhealthy" });
      }
      expect(await resultOf({ instead: insteadOf("ping", { ok: 0 }) })).toMatchObject({
        failure: { reason: "unavailable", message: "the server answered with an error" },
      });
    });

    it("says when a server that must be writable is not", async () => {
      const writable = { writable: true };
      expect(await resultOf({}, writable)).toMatchObject({ state: "healthy" });
      const secondary = () => ({ isWritablePrimary: false, secondary: true, setName: "rs", hosts: ["a:1"], me: "a:1" });
      expect(await resultOf({ hello: secondary })).toMatchObject({ state: "healthy" });
      expect(await resultOf({ hello: secondary }, writable)).toMatchObject({
        state: "unhealthy",
        failure: { reason: "assertion", message: "the server is a replica and accepts no writes" },
      });
      expect(await resultOf({ hello: () => ({ readOnly: true }) }, writable)).toMatchObject({
        failure: { reason: "assertion", message: "the server is read-only and accepts no writes" },
      });
    });

    it("says when the server has no connection left", async () => {
      // MongoDB closes what is too many.
      await using mongodb = await startMongodb({
        instead: (_, socket) => {
          socket.destroy();
          return "nothing";
        },
      });
      expect(await runCheck(of(mongodb))).toMatchObject({
        failure: { reason: "connection_reset", message: "connection closed by the server" },
      });
    });

    it("says when the server's version is too old", async () => {
      expect(await resultOf({ hello: () => ({ maxWireVersion: 2 }) })).toMatchObject({
        failure: {
          reason: "unexpected_result",
          message: "the server's version and that of the package mongodb do not go together: update the older one",
        },
      });
    });

    it("is unhealthy while the server is stopped, and connects anew when it is there again", async () => {
      const port = await stablePort();
      await leavesNothingBehind(async () => {
        const check = of({ port }, login);
        for (let time = 0; time < 200; time += 1) {
          const mongodb = await startMongodb({ port, users });
          expect(await runKept(check)).toMatchObject({ state: "healthy" });
          await vi.waitFor(() => expect(mongodb.sockets.size).toBe(1));
          await mongodb[Symbol.asyncDispose]();
          expect(await runKept(check)).toMatchObject({ failure: { reason: "connection_refused" } });
        }
        check.close();
      });
    }, 60_000);

    it("lets go of everything when a run is aborted while it waits for a ping", async () => {
      await using mongodb = await startMongodb({ instead: (command) => ("ping" in command ? "nothing" : undefined) });
      await leavesNothingBehind(async () => {
        const check = of(mongodb, { timeout: "300ms" });
        let result = await runKept(check);
        while (result.inconclusive) result = await runKept(check); // This process was too busy to judge it.
        expect(result).toMatchObject({ failure: { reason: "timeout" } });
        await vi.waitFor(() => expect(mongodb.sockets.size).toBe(0));
      });
    });

    it("warns when a run takes too long", async () => {
      expect(await resultOf({}, { maxResponseTime: "0s" })).toMatchObject({ failure: { reason: "threshold" } });
    });
  });

  describe("with TLS", () => {
    const { ca, server, expired, otherHost } = certificates;

    it("takes the right certificate, and no other", async () => {
      expect(await resultOf({ tls: server }, { tls: true, ca })).toMatchObject({ state: "healthy" });
      expect(await resultOf({ tls: expired }, { tls: true, verifyCertificate: false })).toMatchObject({
        state: "healthy",
      });
      for (const [tls, options, message] of [
        [server, {}, /issuer|root authority/],
        [expired, { ca }, /^certificate has expired/],
        [otherHost, { ca }, /^certificate is for another host name/],
      ] as const) {
        expect(await resultOf({ tls }, { tls: true, ...options })).toMatchObject({
          failure: { reason: "certificate", message: expect.stringMatching(message) },
        });
      }
    });

    it("asks by name, and shows its own certificate", async () => {
      await using mongodb = await startMongodb({ tls: { ...server, ca, requestCert: true, rejectUnauthorized: true } });
      const url = `mongodb://localhost:${mongodb.port}/?tls=true`;
      const mutual = new Mongodb({ url, ca, ...certificateOfClient, family: 4 });
      expect(await runCheck(mutual)).toMatchObject({ state: "healthy" });
      expect(await runCheck(new Mongodb({ url, ca, family: 4 }))).toMatchObject({
        state: "unhealthy",
        failure: { reason: "tls" },
      });
    });

    it("logs in by its certificate", async () => {
      const known: MongodbDocument[] = [];
      await using mongodb = await startMongodb({
        tls: { ...server, ca, requestCert: true },
        instead: (command) => {
          if (!("authenticate" in command)) return undefined;
          known.push(command);
          return { ok: 1 };
        },
      });
      const url = `mongodb://127.0.0.1:${mongodb.port}/shop?tls=true&authMechanism=MONGODB-X509`;
      expect(await runCheck(new Mongodb({ url, ca, ...certificateOfClient }))).toMatchObject({ state: "healthy" });
      expect(known).toMatchObject([{ mechanism: "MONGODB-X509", $db: "$external" }]);
    });

    it("says when the server does not speak it, and when it speaks nothing else", async () => {
      expect((await resultOf({}, { tls: true, timeout: "500ms" })).failure?.reason).toMatch(
        /^(?:tls|timeout|connection_reset)$/,
      );
      expect((await resultOf({ tls: server }, { timeout: "500ms" })).failure?.expected).toBe(true);
    });
  });

  describe("with hostile bytes", () => {
    const ping = written({ kind: 2013, id: 1 }, { ok: 1 });
    const changed = (offset: number, value: number): Buffer => {
      const bytes = Buffer.from(ping);
      bytes.writeInt32LE(value, offset);
      return bytes;
    };
    const foreign = "the server does not speak the protocol of MongoDB";

    it.each<[string, Buffer, string]>([
      ["a length of 0", changed(0, 0), foreign],
      ["a length below 0", changed(0, -1), "the answer is longer than 1 MiB"],
      ["a length of gigabytes", changed(0, 0x7fff_ffff), "the answer is longer than 1 MiB"],
      ["a compressed message", changed(12, 2012), foreign],
      ["flags", changed(16, 2), foreign],
      ["a document of length 0", changed(21, 0), foreign],
      ["a document below 0", changed(21, -20), foreign],
      ["a document that is longer than its message", changed(21, 1000), foreign],
      ["fields of an unknown kind", changed(25, 0x7f7f_7f7f), foreign],
    ])("refuses %s", async (_, bytes, message) => {
      const failure = { reason: "unexpected_result", message };
      expect(await resultOf({ instead: insteadOf("ping", bytes) })).toMatchObject({ failure });
      expect(await resultOf({ instead: insteadOf("ismaster", bytes) })).toMatchObject({ failure });
    });

    it("refuses a greeting of millions of documents", async () => {
      const bytes = written({ kind: 2004, id: 1 }, hello);
      bytes.writeInt32LE(0x7fff_ffff, 32);
      expect(await resultOf({ instead: insteadOf("ismaster", bytes) })).toMatchObject({
        failure: { message: foreign },
      });
    });

    it.each<MongodbDocument>([
      { hosts: [1] },
      { hosts: "a" },
      { hosts: ["a:0"] },
      { hosts: Array.from({ length: 51 }, (_, index) => `a:${index + 1}`) },
      { setName: 1 },
      { me: {} },
      { maxWireVersion: "21" },
      { isWritablePrimary: "yes" },
      { saslSupportedMechs: 1 },
    ])("refuses a greeting with %o", async (part) => {
      await using mongodb = await startMongodb({ hello: () => part });
      for (const url of [`mongodb://127.0.0.1:${mongodb.port}`, `mongodb://127.0.0.1:${mongodb.port}/?replicaSet=rs`]) {
        expect(await runCheck(new Mongodb({ url, timeout: "10s" }))).toMatchObject({ failure: { message: foreign } });
      }
    });

    it("does not care how the network splits them", async () => {
      await using mongodb = await startMongodb({
        users,
        instead: (_, socket) => {
          const write = socket.write.bind(socket) as (bytes: Buffer) => boolean;
          socket.setNoDelay(true);
          socket.write = ((bytes: Buffer) =>
            [...bytes].map((byte) => write(Buffer.from([byte]))).every(Boolean)) as never;
          return undefined;
        },
      });
      expect(await runCheck(of(mongodb, login))).toMatchObject({ state: "healthy" });
    });
  });

  describe("with a replica set", () => {
    /** Starts a set with servers in these states, and gives it with the address of the given ones, or of all. */
    async function startSet(states: readonly ("primary" | "secondary" | "arbiter" | "starting")[]) {
      const ports: number[] = [];
      for (const _ of states) ports.push(await stablePort());
      const hosts = ports.map((port) => `127.0.0.1:${port}`);
      const current = [...states];
      const servers = await Promise.all(
        ports.map((port, index) =>
          startMongodb({
            port,
            hello: () => ({
              isWritablePrimary: current[index] === "primary",
              secondary: current[index] === "secondary",
              arbiterOnly: current[index] === "arbiter",
              ...(current[index] === "starting" ? { isreplicaset: true } : { setName: "rs", setVersion: 1, hosts }),
              me: hosts[index],
            }),
          }),
        ),
      );
      return {
        servers,
        states: current,
        hosts,
        url: `mongodb://${hosts.join(",")}/shop?replicaSet=rs`,
        [Symbol.asyncDispose]: async () => {
          for (const server of servers) await server[Symbol.asyncDispose]();
        },
      };
    }
    const pinged = ({ commands }: MongodbServer): number => commands.filter((command) => "ping" in command).length;

    it("asks the primary when it must be writable, whichever it is, and keeps one connection", async () => {
      await using set = await startSet(["secondary", "primary", "secondary"]);
      const check = new Mongodb({ url: `mongodb://${set.hosts[0]}/?replicaSet=rs`, writable: true });
      expect(await runKept(check)).toMatchObject({ state: "healthy" });
      expect(set.servers.map(pinged)).toEqual([0, 1, 0]);
      await vi.waitFor(() => expect(set.servers.map(({ sockets }) => sockets.size)).toEqual([0, 1, 0]));
      set.states.splice(0, 3, "primary", "secondary", "secondary");
      expect(await runKept(check)).toMatchObject({ state: "healthy" });
      expect(set.servers.map(pinged)).toEqual([1, 1, 0]);
      check.close();
    });

    it("asks any server that can be read when it need not be writable", async () => {
      await using set = await startSet(["arbiter", "secondary"]);
      const { url } = set;
      expect(await runCheck(new Mongodb({ url }))).toMatchObject({ state: "healthy" });
      expect(set.servers.map(pinged)).toEqual([0, 1]);
    });

    it("says when it has no primary, or nobody who can be read", async () => {
      await using set = await startSet(["secondary", "secondary"]);
      const { url } = set;
      expect(await runCheck(new Mongodb({ url, writable: true }))).toMatchObject({
        state: "unhealthy",
        failure: { reason: "assertion", message: "the replica set has no primary and accepts no writes" },
      });
      await using starting = await startSet(["starting", "arbiter"]);
      expect(await runCheck(new Mongodb({ url: starting.url }))).toMatchObject({
        failure: { reason: "unavailable", message: "no server of the replica set has data that can be read" },
      });
    });

    it("does without the servers that are stopped, unless all are", async () => {
      await using set = await startSet(["primary", "secondary"]);
      await set.servers[1]?.[Symbol.asyncDispose]();
      expect(await runCheck(new Mongodb({ url: set.url, writable: true }))).toMatchObject({ state: "healthy" });
      await set.servers[0]?.[Symbol.asyncDispose]();
      expect(await runCheck(new Mongodb({ url: set.url, writable: true }))).toMatchObject({
        failure: { reason: "connection_refused", message: "connection refused" },
      });
    });

    it("says when the servers are of another set, or of none", async () => {
      await using set = await startSet(["primary"]);
      const failure = {
        reason: "assertion",
        message: expect.stringMatching(/^the servers are not of that replica set/),
      };
      const other = set.url.replace("replicaSet=rs", "replicaSet=other");
      expect(await runCheck(new Mongodb({ url: other }))).toMatchObject({ failure });
      await using alone = await startMongodb();
      const url = `mongodb://127.0.0.1:${alone.port}/?replicaSet=rs`;
      expect(await runCheck(new Mongodb({ url }))).toMatchObject({ failure });
    });

    it("asks one server itself when it alone is named", async () => {
      await using set = await startSet(["primary", "secondary"]);
      const url = `mongodb://${set.hosts[1]}/`;
      expect(await runCheck(new Mongodb({ url }))).toMatchObject({ state: "healthy" });
      expect(set.servers.map(pinged)).toEqual([0, 1]);
      expect(set.servers[0]?.accepted()).toBe(0);
      const direct = new Mongodb({ url: `${url}?replicaSet=rs&directConnection=true` });
      expect(await runCheck(direct)).toMatchObject({ state: "healthy" });
      expect(set.servers[0]?.accepted()).toBe(0);
    });
  });

  describe("with a service in the DNS", () => {
    /** Runs the check while the system's name server knows these records alone. */
    async function lookedUp(records: Readonly<Record<string, readonly Buffer[]>>, url: string) {
      await using names = await startDnsServer((name, type) => records[`${type} ${name}`] ?? { code: 3 });
      const before = getServers();
      vi.spyOn(nameLookups, "resolve").mockImplementation((_, __, found) =>
        found(null, [{ address: "127.0.0.1", family: 4 }]),
      );
      setServers([`127.0.0.1:${names.port}`]);
      try {
        return await runCheck(new Mongodb({ url, timeout: "10s" }));
      } finally {
        setServers(before);
      }
    }
    const srv = (host: string, port: number): Buffer => Buffer.concat([uint16(0, 0, port), dnsName(host)]);

    it("asks the servers that its records name", async () => {
      const port = await stablePort();
      const member = { setName: "rs", hosts: [`db.test.example:${port}`] };
      await using mongodb = await startMongodb({ port, users, hello: () => member });
      const records = {
        "SRV _mongodb._tcp.shop.test.example": [srv("db.test.example", mongodb.port)],
        "TXT shop.test.example": [dnsText("authSource=shop")],
      };
      const result = await lookedUp(
        records,
        "mongodb+srv://probe:of%20the%20shop@shop.test.example/?tls=false&w=majority",
      );
      expect(result).toMatchObject({ state: "healthy" });
    });

    it.each([
      ["db.other.example", "the service's SRV record names servers of another domain, or its TXT record is wrong"],
      [undefined, "the name has no SRV record of MongoDB: the address of servers begins with mongodb://"],
    ])("says what is wrong when they name %s", async (host, message) => {
      const records = host === undefined ? {} : { "SRV _mongodb._tcp.shop.test.example": [srv(host, 9)] };
      expect(await lookedUp(records, "mongodb+srv://shop.test.example")).toMatchObject({
        state: "unhealthy",
        failure: { reason: "dns", message },
      });
    });
  });

  it("records what it asked, who answered and with which code", async () => {
    await using mongodb = await startMongodb();
    const spansOf = async (check: Mongodb) => (await recordTelemetry(async () => void (await runCheck(check)))).spans;
    const facts = {
      "db.system.name": "mongodb",
      "db.namespace": "shop",
      "db.operation.name": "ping",
      "server.address": "127.0.0.1",
      "server.port": mongodb.port,
      "network.peer.address": "127.0.0.1",
      "network.peer.port": mongodb.port,
    };
    const spans = await spansOf(of(mongodb, { database: "shop" }));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Mongodb"]);
    expect(spans[1]).toMatchObject({ kind: SpanKind.CLIENT, attributes: facts });
    // Which of several servers it was is not known before.
    const ofSet = await spansOf(
      new Mongodb({ url: `mongodb://127.0.0.1:${mongodb.port}/shop?directConnection=false` }),
    );
    expect(ofSet[1]?.attributes).toMatchObject(facts);
    await using failing = await startMongodb({ instead: insteadOf("ping", mongodbError(91)) });
    expect((await spansOf(of(failing)))[1]?.attributes).toMatchObject({
      "db.response.status_code": "91",
      "error.type": "unavailable",
    });
    const port = await stablePort();
    expect((await spansOf(of({ port })))[1]?.attributes).toMatchObject({ "network.peer.port": port });
  });

  it.each<[object, string]>([
    [{}, "give either url or host"],
    [{ url: "mongodb://a,b", host: "c" }, "give only one of url and host"],
    [{ host: "a,b" }, "must be the name or address of a host"],
    [{ url: "http://a" }, "must be an address that starts with mongodb:// or mongodb+srv://"],
    [{ url: "mongodb://a,,b" }, "must name its hosts as HOST or HOST:PORT"],
    [{ url: "mongodb://u:p/w@a" }, "has an @ or # after its host"],
    [
      { url: "mongodb://a/?readPreference=primary" },
      "instead of readPreference in url, give writable: true for the primary",
    ],
    [{ url: "mongodb://a/?tlsCAFile=x" }, "instead of tlsCAFile in url, give ca"],
    [{ url: "mongodb://a/?x=1" }, 'unknown parameter "x" in url'],
    [{ url: "mongodb://a/b", database: "c" }, "give the database either in url or as database"],
    [{ url: "mongodb://a/?authSource=b", authSource: "c" }, "give authSource either in url or as authSource"],
    [{ url: "mongodb://a/?authMechanism=GSSAPI" }, "authMechanism in url must be one of SCRAM-SHA-1"],
    [{ url: "mongodb://a/?tls=yes" }, "tls in url must be true or false"],
    [{ url: "mongodb://a/?tls=true", tls: true }, "give tls either in url or as tls"],
    [{ url: "mongodb+srv://a.b.c:1" }, "mongodb+srv:// goes with one name, without a port"],
    [{ url: "mongodb+srv://a.b.c,d.b.c" }, "mongodb+srv:// goes with one name, without a port"],
    [{ url: "mongodb://a,b/?directConnection=true" }, "directConnection goes with one host"],
    [{ host: "a", password: "b" }, "the user name and the password must be given together"],
    [{ url: "mongodb://u@a" }, "the user name and the password must be given together"],
    [{ url: "mongodb://a/?authMechanism=PLAIN" }, "authMechanism PLAIN needs a user name"],
    [
      { url: "mongodb://a/?authMechanism=MONGODB-X509&tls=true" },
      "authMechanism MONGODB-X509 goes with clientCertificate, and without a password",
    ],
    [
      { url: "mongodb://a/?authMechanism=MONGODB-X509&tls=true&authSource=b", ...certificateOfClient },
      "authMechanism MONGODB-X509 goes with authSource $external",
    ],
    [{ host: "a", ca: certificates.ca }, "certificates need TLS: give tls: true"],
  ])("refuses %o", (options, message) => {
    expect(() => new Mongodb(options)).toThrow(message);
  });

  it("publishes all hosts of its address, and no password", () => {
    const { labels, target } = new Mongodb({ url: "mongodb://u:secret@a:1,[::1]:2,c/shop?replicaSet=rs" });
    expect(labels).toEqual({ url: "mongodb://a:1,[::1]:2,c/shop" });
    expect(target).toEqual({ address: "a", port: 1, system: "mongodb", namespace: "shop" });
  });
});
