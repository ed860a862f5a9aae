import { describe, expect, it } from "vitest";
import { Dns } from "../../../src/checks/dns.ts";
import { Http } from "../../../src/checks/http.ts";
import { Tcp } from "../../../src/checks/tcp.ts";
import { optionsOf } from "../../../src/health/health-check.ts";
import { AllowList } from "../../../src/net/probing/allow-list.ts";
import { AllowListGate } from "../../../src/net/probing/allow-list-gate.ts";
import { Network } from "../../../src/net/probing/network.ts";
import { parseHostAndPort } from "../../../src/net/probing/retarget.ts";
import { certificates } from "../../support/certificates.ts";

const networks = ["10.0.0.0/8", "fd00::/8"].flatMap((text) => Network.parse(text) ?? []);
const allowList = new AllowList({ hosts: ["*.example"], networks });
const plain = () => ({ gate: new AllowListGate(allowList), withCredentials: false, timeout: 1000 });
const withCredentials = () => ({ ...plain(), withCredentials: true });

describe("parseHostAndPort", () => {
  it.each([
    ["shop.example", "shop.example", undefined],
    ["shop.example:25", "shop.example", 25],
    ["SHOP.Example:25", "shop.example", 25],
    ["10.0.0.1:443", "10.0.0.1", 443],
    ["[fd00::1]:443", "fd00::1", 443],
    ["[FD00:0::1]", "fd00::1", undefined],
    ["0x7f.1:80", "127.0.0.1", 80],
    ["017700000001", "127.0.0.1", undefined],
    ["2130706433:80", "127.0.0.1", 80],
    ["0:80", "0.0.0.0", 80],
    ["１２７。0.0.1:80", "127.0.0.1", 80],
    ["bücher.example", "xn--bcher-kva.example", undefined],
  ])("reads %s", (text, host, port) => {
    expect(parseHostAndPort(text)).toEqual({ host, port });
  });

  it.each([
    "",
    ":80",
    "shop.example:0",
    "shop.example:65536",
    "shop.example:",
    "shop.example:80:80",
    "fd00::1",
    "[fe80::1%25eth0]:80",
    "[fe80::1%eth0]:80",
    "user@shop.example",
    "shop.example/path",
    "shop.example?query",
    "shop.example#hash",
    "shop example",
    "https://shop.example",
    "a\\b",
    "[::1",
    "1.2.3.4.5",
  ])("refuses %j", (text) => {
    expect(parseHostAndPort(text)).toBeUndefined();
  });
});

describe("a check of another target", () => {
  const own = new Http({
    name: "web",
    url: "https://user:password@shop.example:8443/health?token=secret-token",
    headers: { "X-Key": "secret-key", Host: "shop.example", Accept: "text/html" },
    clientCertificate: certificates.client.cert,
    clientKey: certificates.client.key,
    expectedStatus: 204,
    dependsOn: ["database"],
    interval: "15s",
    thread: true,
    timeout: "30s",
  });

  it.each([
    ["other.example", "https://other.example:8443/health"],
    ["other.example:443", "https://other.example/health"],
    ["10.0.0.1", "https://10.0.0.1:8443/health"],
    ["[fd00::1]:9443", "https://[fd00::1]:9443/health"],
    ["http://other.example/path?query#hash", "http://other.example/path?query"],
    ["HTTPS://Other.Example", "https://other.example/"],
  ])("asks %s at its address, without credentials", (target, url) => {
    const check = own.retarget(target, plain());
    expect(check.url.reveal()).toBe(url);
    // What is hidden of the check stands under a symbol.
    expect(Object.fromEntries(Object.entries(optionsOf(check)))).toEqual({
      name: "web",
      url,
      headers: { Accept: "text/html" },
      expectedStatus: 204,
      thread: false,
      timeout: "1000ms",
    });
    expect(check.interval).toBeUndefined();
  });

  it("has the credentials when it may", () => {
    const check = own.retarget("other.example", withCredentials());
    expect(check.url.reveal()).toBe("https://user:password@other.example:8443/health?token=secret-token");
    expect(optionsOf(check)).toMatchObject({
      headers: { "X-Key": "secret-key", Accept: "text/html" },
      clientKey: certificates.client.key,
    });
    expect(optionsOf(check)).not.toHaveProperty("headers.Host"); // Another target is not the own host.
    expect(own.retarget("https://other.example/path", withCredentials()).url.reveal()).toBe(
      "https://user:password@other.example/path",
    );
    expect(() => own.retarget("http://other.example/", withCredentials())).toThrow("over https alone");
  });

  it.each([
    ["ftp://shop.example/", "The target must be a host"],
    ["other.example/path", "The target must be a host"],
    ["http://", "The target must be a host"],
    ["https://user@other.example/", "A target has no user name"],
    ["https://shop.example:password@other.example/", "A target has no user name"],
    ["https://evil.test/", "the target is not among those that may be probed"],
    ["https://evil.test\\@shop.example/", "the target is not among"],
    ["https://shop.example@evil.test/", "A target has no user name"],
    ["https://127.0.0.1/", "the target is not among"],
    ["https://0x7f.1/", "the target is not among"],
    ["https://[::1]/", "the target is not among"],
    ["https://[::ffff:7f00:1]/", "the target is not among"],
    ["localhost", "the target is not among"],
  ])("does not take %s", (target, sentence) => {
    expect(() => own.retarget(target, plain())).toThrow(sentence);
  });

  it("is of the same class, also when that is one of a program's own", () => {
    class Own extends Http {}
    const check = new Own({ url: "https://shop.example/" }).retarget("other.example", plain());
    expect(check).toBeInstanceOf(Own);
    expect(check).toMatchObject({ type: "own", name: "Own", labels: { url: "https://other.example/" } });
  });

  it("does not send a body elsewhere, nor leave it out", () => {
    const posting = new Http({ url: "https://shop.example/", method: "POST", body: "secret-body" });
    expect(() => posting.retarget("other.example", plain())).toThrow("The check sends a body");
    expect(optionsOf(posting.retarget("other.example", withCredentials()))).toMatchObject({ body: "secret-body" });
  });

  it("keeps to what a tcp check may send", () => {
    const options = { host: "mail.example", port: 25, tls: true, clientCertificate: certificates.client.cert } as const;
    const mail = new Tcp({ ...options, clientKey: certificates.client.key, answerContains: "220 " });
    expect(mail.retarget("other.example", plain())).toMatchObject({
      host: "other.example",
      port: 25,
      labels: { port: "25" },
    });
    expect(mail.retarget("[fd00::1]:26", plain())).toMatchObject({ host: "fd00::1", port: 26, answerContains: "220 " });
    expect(mail.retarget("other.example", plain()).clientKey).toBeUndefined();
    expect(mail.retarget("other.example", withCredentials()).clientKey?.reveal()).toBe(certificates.client.key);
    expect(() => mail.retarget("https://other.example", plain())).toThrow("The target must be a host and a port");
    expect(() => mail.retarget("192.168.0.1:25", plain())).toThrow("the target is not among");
    const talking = new Tcp({ host: "mail.example", port: 25, send: "AUTH secret" });
    expect(() => talking.retarget("other.example", plain())).toThrow("The check sends a text");
    expect(talking.retarget("other.example", withCredentials()).send?.reveal()).toBe("AUTH secret");
  });

  it("looks up admitted names alone", () => {
    const dns = new Dns({ hostname: "shop.example", recordType: "MX", servers: "192.0.2.53" });
    const check = dns.retarget("other.example", plain());
    expect(check.labels).toEqual({ hostname: "other.example", recordType: "MX", servers: "192.0.2.53" });
    for (const name of ["evil.test", "other.example evil.test", "127.0.0.1"]) {
      expect(() => dns.retarget(name, plain())).toThrow("is not among those");
    }
  });
});
