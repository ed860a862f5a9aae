import { greetSsh } from "../clients/ssh/greet-ssh.ts";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { answerFields, answerIssue } from "../net/answer-expectations.ts";
import { converse } from "../net/line-conversation.ts";
import { hostField, networkFields, portField, warnOfSlowness } from "../net/network-fields.ts";
import { hostProbeOptions } from "../net/probing/retarget.ts";
import { factNames, tellSpan } from "../net/spans/span-facts.ts";

/**
 * Connects to an SSH server, which must identify itself and offer a key exchange. Nobody logs in.
 *
 * OpenSSH 9.8 and later refuses addresses for a while that connect again and again without logging in: keep an interval of at
 * least 15s, or name the address of Healthspan in `PerSourcePenaltyExemptList`.
 *
 * ```yaml
 * checks:
 *   git: { type: ssh, host: git.shop.example, port: 2222, answerMatches: "OpenSSH_(9|[1-9][0-9])" }
 * ```
 */
export class Ssh extends healthCheck({
  group: "network",
  labels: {
    host: hostField,
    port: portField.default(22),
  },
  settings: {
    answerMatches: answerFields.answerMatches.describe(
      "A regular expression that must match how the server identifies itself, such as SSH-2.0-OpenSSH_9.2p1, in JavaScript's notation with the flag u.",
    ),
    ...networkFields,
  },
}) {
  static readonly module = import.meta.url;
  #probe: Partial<ProbeTerms> = {};

  async run(signal: AbortSignal): Promise<void> {
    const { host, port, family } = this;
    const startedAt = performance.now();
    const { gate, observe } = this.#probe;
    observe?.({ kind: "protocol", protocol: "tcp" });
    const options = { address: { host, port }, family, gate, observe, protocol: "SSH" };
    // A little before the time-out, so that the result can say that another protocol is spoken.
    const patience = 0.9 * this.timeout.milliseconds;
    const identification = await converse(options, signal, (conversation) =>
      greetSsh(conversation, startedAt + patience - performance.now()),
    );
    const milliseconds = performance.now() - startedAt;
    tellSpan({ [factNames.networkProtocolName]: "ssh", [factNames.networkProtocolVersion]: "2.0" });
    const issue = answerIssue(identification, this, "the server's identification");
    if (issue !== undefined) throw new ServiceReturnedUnexpectedResult(issue, { reason: "assertion" });
    warnOfSlowness(milliseconds, this);
  }

  /** A target is `host:port`, or `host` with the port of the check itself. */
  override retarget(target: string, terms: ProbeTerms): Ssh {
    const Same = this.constructor as typeof Ssh; // Or a class that extends it.
    const check = new Same(hostProbeOptions(this, target, terms, "git.shop.example:22"));
    check.#probe = terms;
    return check;
  }

  override get target(): Target {
    return { address: this.host, port: this.port };
  }
}
