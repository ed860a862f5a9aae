import { randomUUID } from "node:crypto";
import type { Configuration } from "../config/configuration.ts";
import { loadConfiguration } from "../config/load.ts";
import { suggestion } from "../config/schema/suggestion.ts";
import { escapeUnprintable } from "../formats/printable.ts";
import type { Channel } from "../notices/channel.ts";
import type { Message, Notice } from "../notices/notice.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

/** The options of `healthspan notify test`. */
export interface NotifyTestOptions {
  readonly config?: string;
  readonly all?: boolean;
}

/**
 * `healthspan notify test`: sends a test message to channels now, and says what the services answered.
 * @returns the exit code: 0 when all have taken it, 1 when any has not
 * @throws CommandError or ConfigurationError when there are no such channels
 */
export async function notifyTest(
  names: readonly string[],
  options: NotifyTestOptions,
  console: Console,
): Promise<0 | 1> {
  const configuration = await loadConfiguration({ path: options.config, cwd: process.cwd() });
  const channels = chosen(names, options, configuration);
  const { makeTest } = await import("../notices/make-notice.ts");
  const test = makeTest(configuration.service.name, Date.now());
  const tested = await Promise.all(channels.map((channel) => tell(channel, test, configuration)));
  for (const { line, isTaken } of tested) (isTaken ? console.stdout : console.stderr).write(`${line}\n`);
  return tested.every(({ isTaken }) => isTaken) ? 0 : 1;
}

function chosen(
  names: readonly string[],
  { all = false }: NotifyTestOptions,
  { channels }: Configuration,
): readonly Channel[] {
  const known = channels.map(({ name }) => name);
  const list =
    known.length === 0
      ? "The configuration has no channels: add some under notify."
      : `Known channels: ${known.join(", ")}.`;
  if (all && names.length > 0) throw new CommandError("Name channels, or give --all: not both.");
  if (!all && names.length === 0) throw new CommandError(`Name the channels to test, or give --all. ${list}`);
  if (all && known.length === 0) throw new CommandError(list);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(`no channel is called "${unknown}".${suggestion(unknown, known) || ` ${list}`}`);
  }
  return all ? channels : channels.filter(({ name }) => names.includes(name));
}

async function tell(
  channel: Channel,
  test: Notice,
  { service }: Configuration,
): Promise<{ readonly line: string; readonly isTaken: boolean }> {
  const send = (notice: Notice) => {
    const message: Message = {
      id: randomUUID(),
      service: service.name,
      createdAt: notice.at,
      attempts: 1,
      notices: [notice],
    };
    return channel.send(message, { at: Date.now() }, new AbortController().signal);
  };
  const { outcome, words } = await send(test);
  const isTaken = outcome === "sent";
  const { closes, renewMilliseconds, type } = channel.type;
  // What a test has opened is closed again; what is not told again ends by itself.
  const closed =
    isTaken && closes && renewMilliseconds === undefined ? await send({ ...test, cause: "recovered" }) : undefined;
  const rest =
    closed === undefined || closed.outcome === "sent" ? "" : `; the test could not be closed again: ${closed.words}`;
  const what = isTaken
    ? "took the message"
    : outcome === "refused"
      ? "refused the message"
      : "did not take the message";
  return { line: escapeUnprintable(`${channel.name} (${type}) ${what}: ${words || "no words"}${rest}`), isTaken };
}
