import { describe, expect, it } from "vitest";
import { mailOf } from "../../../src/notices/channels/email.ts";
import { type ChannelConfiguration, openChannel } from "../../../src/notices/open-channel.ts";
import { certificates } from "../../support/certificates.ts";
import { itWithService } from "../../support/it-with-service.ts";
import { startLineServer } from "../../support/line-server.ts";
import { hostileText, messageOf, noticeOf, recoveryOf } from "../../support/sample-notices.ts";
import { smtpProgram, startSmtp } from "../../support/smtp-server.ts";
import { closedPort } from "../../support/throw-away-server.ts";

const addresses = { from: "Healthspan <healthspan@shop.example>", to: ["ops@shop.example"] };

function send(url: string, changed: Partial<Extract<ChannelConfiguration, { type: "email" }>> = {}) {
  return openChannel("team", { type: "email", url, ...addresses, ca: certificates.ca, ...changed }).then((channel) =>
    channel.send(messageOf(noticeOf()), { at: 0 }, new AbortController().signal),
  );
}

describe("a mail", () => {
  it("has a part in plain text and one in HTML that say the same, and nothing in it is mark-up that should not be", () => {
    const { subject, text, html, messageId, references } = mailOf(
      addresses,
      messageOf(noticeOf({ message: hostileText })),
    );
    expect(subject).toBe("❌ shop: orders is unhealthy");
    expect(text).toContain(`Unavailable: ${hostileText}`);
    expect(text).toContain("Changed: 20 times in 25 min");
    expect(text).toContain("Uptime: 99.94 % of 29.8 days known (30d)");
    expect(html).toContain("&lt;b&gt;&amp;&quot;");
    expect(html).not.toMatch(/<b>|<!here|<@U1/);
    expect(messageId).toBe("<35b75671-ce4d-45ca-957a-717f2816e1dc@shop.example>");
    const [thread] = mailOf(addresses, messageOf(recoveryOf())).references;
    expect(references).toEqual([thread]);
  });

  it("cannot be given a header by the name of a check", () => {
    const { subject } = mailOf(addresses, messageOf(noticeOf({ check: "a\r\nBcc: x@evil.example" })));
    expect(subject).not.toMatch(/[\r\n]/);
  });

  it("stays within a size, and counts what it leaves out", () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      noticeOf({ check: `check ${index}`, message: "x".repeat(900) }),
    );
    const { text, html } = mailOf(addresses, messageOf(...many));
    expect(text.length + html.length).toBeLessThan(120_000);
    expect(text).toMatch(/… and 4\d{3} more\n$/);
  });
});

describe("email", () => {
  itWithService([smtpProgram], "is taken by a mail server, over TLS and with a login", async () => {
    await using server = await startSmtp(certificates.server, undefined, true);
    const secure = await send(`smtps://alice:right@127.0.0.1:${server.tlsPort}`);
    expect(secure).toMatchObject({ outcome: "sent", words: expect.stringMatching(/^250 OK/) });
    expect(await send(`smtp://alice:right@127.0.0.1:${server.port}`)).toMatchObject({ outcome: "sent" });
    const [mail = ""] = server.mails();
    for (const part of [
      "Subject: =?UTF-8?",
      "From: Healthspan <healthspan@shop.example>",
      "Message-ID: <35b75671-ce4d-45ca-957a-717f2816e1dc@shop.example>",
      "Auto-Submitted: auto-generated",
      "Content-Type: multipart/alternative",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Type: text/html; charset=utf-8",
      "Unavailable: connection refused",
    ]) {
      expect(mail).toContain(part);
    }
    // RFC 5322, sections 2.1.1 and 3.6; RFC 2045, section 4; RFC 3834, section 5.
    for (const line of mail.split(/\r?\n/)) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
    for (const name of ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted"]) {
      expect(mail.match(new RegExp(`^${name}: `, "gim")) ?? [], name).toHaveLength(1);
    }
    expect(server.mails()).toHaveLength(2);
  });

  itWithService(
    [smtpProgram],
    "is sent again when the login is refused, and not when there is no such address",
    async () => {
      await using server = await startSmtp(certificates.server, undefined, true);
      const wrong = await send(`smtps://alice:hush-of-smtp@127.0.0.1:${server.tlsPort}`);
      expect(wrong).toMatchObject({ outcome: "again", words: expect.stringMatching(/^535 /) });
      const url = `smtps://alice:right@127.0.0.1:${server.tlsPort}`;
      const unknown = await send(url, { to: "nobody@shop.example" });
      expect(unknown).toMatchObject({ outcome: "refused", words: "550 there is no such user" });
      const untrusted = await send(url, { ca: certificates.chain.root });
      expect(untrusted.outcome).toBe("again");
      expect(server.mails()).toEqual([]);
    },
  );

  it("does not send a password or a mail without TLS", async () => {
    const lines: string[] = [];
    await using server = await startLineServer("220 mail", (line) => {
      lines.push(line);
      return line.startsWith("EHLO") ? "250-mail\r\n250 AUTH PLAIN" : "250 fine";
    });
    const delivery = await send(`smtp://alice:hush-of-smtp@127.0.0.1:${server.port}`);
    expect(delivery.outcome).toBe("again");
    expect(lines.join()).not.toMatch(/AUTH|MAIL/);
  });

  it("prints no password, not even when the server repeats it", async () => {
    await using server = await startLineServer("220 mail", (line) => {
      if (line.startsWith("EHLO")) return "250-mail\r\n250 AUTH PLAIN";
      return line.startsWith("AUTH")
        ? `535 no ${line} ${Buffer.from(line.slice(11), "base64").toString("latin1")}`
        : "250 fine";
    });
    const url = `smtp://alice:hush-of-smtp@127.0.0.1:${server.port}`;
    const delivery = await send(url, { startTls: "optional" });
    expect(delivery.outcome).toBe("again");
    expect(delivery.words).toMatch(/^535 no AUTH PLAIN /);
    expect(delivery.words).not.toMatch(/hush|aHVza/);
  });

  it("is sent again when nobody answers", async () => {
    expect(await send(`smtp://127.0.0.1:${await closedPort()}`)).toEqual({
      outcome: "again",
      words: "Unavailable: connection refused",
    });
  });
});
