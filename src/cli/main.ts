import { Command, CommanderError, Option } from "commander";
import { ConfigurationError } from "../config/configuration-error.ts";
import { escapeUnprintable } from "../formats/printable.ts";
import { packageVersion } from "../health/instrumentation/version.ts";
import { ListenError } from "../server/listen.ts";
import { tolerateBrokenPipes } from "./output/broken-pipes.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

export { leave } from "../app/leave.ts";

/** The exit code when a command could not do its work. */
const failureCode = 2;

/** The exit code when the address to listen on is not to be had yet: another start may succeed. */
const notYetCode = 3;

/**
 * Runs the command named by the arguments.
 * @param args the arguments after the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[], console: Console): Promise<number> {
  const throwIfOutputWasLost = tolerateBrokenPipes(console);
  try {
    let code = 0;
    const program = describeCommands(console, (exitCode) => {
      code = exitCode;
    });
    await program.parseAsync(args, { from: "user" });
    await flushed(console.stdout);
    throwIfOutputWasLost();
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : failureCode; // It has printed the message itself.
    if (error instanceof ConfigurationError || error instanceof CommandError || error instanceof ListenError) {
      console.stderr.write(`${escapeLines(error.message)}\n`);
    } else {
      const { stack, message } = error instanceof Error ? error : new Error(String(error));
      console.stderr.write(`healthspan: unexpected error: ${escapeLines(stack ?? message)}\n`);
    }
    return error instanceof ListenError && error.mayPass ? notYetCode : failureCode;
  }
}

/** The configuration as named by an argument or by `--config`. */
function oneFile(argument: string | undefined, option: string | undefined): string | undefined {
  if (argument === undefined || option === undefined || argument === option) return argument ?? option;
  throw new CommandError(`Two configurations are named, ${argument} and ${option}. Name one.`);
}

/** Messages may repeat arguments and what a server answered. */
function escapeLines(text: string): string {
  return text.split("\n").map(escapeUnprintable).join("\n");
}

/** Waits until everything has been written, or could not be. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}

function describeCommands(console: Console, exit: (code: number) => void): Command {
  const program = new Command("healthspan")
    .description("Runs health checks and publishes the results as OpenTelemetry spans, metrics and health endpoints.")
    .version(packageVersion())
    .configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(escapeLines(text)),
    })
    .exitOverride()
    .helpCommand(true)
    .showHelpAfterError("(run healthspan --help to see commands and options)");

  program
    .command("serve")
    .description("run the checks on a schedule and serve their results at /health/ and /metrics")
    .argument("[config]", "the configuration file (default: healthspan.yaml; without one, monitors this host)")
    .option("-c, --config <file>", "the same as the argument")
    .option("--host <host>", "the address to listen on (default: localhost; variable HOST)")
    .option("--port <port>", "the port to listen on, 0 for any free port (default: 9464; variable PORT)")
    .action(async (argument: string | undefined, options) => {
      const { serve } = await import("./serve.ts");
      exit(await serve({ ...options, config: oneFile(argument, options.config) }, console));
    });

  const repeatable = (value: string, before: readonly string[] = []) => [...before, value];
  const serverOptions = (command: Command): Command =>
    command
      .option(
        "--header <header>",
        `a header to send, such as 'Authorization: Bearer \${TOKEN}' with an environment variable, or @FILE with one per line; repeatable`,
        repeatable,
      )
      .option("--ca <file>", "the authorities to trust instead of the well-known ones, in PEM form")
      .option("--cert <file>", "the certificate to show to the server, in PEM form")
      .option("--key <file>", "the private key of --cert, in PEM form")
      .option("--insecure", "take any certificate of the server; for addresses of this machine alone")
      .option("--timeout <duration>", "how long to wait for the server (default: 30s)")
      .addOption(new Option("--format <format>", "the output format").choices(["text", "json"]).default("text"));

  serverOptions(
    program
      .command("check")
      .description(
        "run the checks now, or ask a running server; exits with 0 when all pass, 1 when any fails, 2 on errors",
      )
      .argument("[names...]", "the names of the checks (default: all)")
      .option("-c, --config <file>", "the configuration file")
      .option("--url <url>", "ask a running server instead, such as http://localhost:9464/health/"),
  ).action(async (names: string[], options) => {
    const { check } = await import("./check.ts");
    exit(await check(names, options, console));
  });

  const maintenance = program
    .command("maintenance")
    .description("begin and end maintenance on a running server, or list it");
  const url = "the server (default: http://localhost:9464)";
  serverOptions(
    maintenance
      .command("start")
      .description("begin a maintenance; its checks go on running, but nothing they find counts")
      .argument("[checks...]", "the names of the checks (default: all, unless --group is given)")
      .requiredOption("--title <title>", "what is done, for everybody who may see the state of a check")
      .option("--group <group>", "a group of checks, such as payments or payments/cards; repeatable", repeatable)
      .option("--for <duration>", "how long it lasts, such as 2h (default: until it is ended)")
      .option("--url <url>", url),
  ).action(async (checks: string[], options) => {
    const { startMaintenance } = await import("./maintenance.ts");
    exit(await startMaintenance(checks, options, console));
  });
  serverOptions(
    maintenance
      .command("end")
      .description("end a maintenance; exits with 1 when there is none to end")
      .argument("[id]", "the id that start and list print")
      .option("--title <title>", "end those with this title instead")
      .option("--all", "end all that were begun by hand instead")
      .option("--url <url>", url),
  ).action(async (id: string | undefined, options) => {
    const { endMaintenance } = await import("./maintenance.ts");
    exit(await endMaintenance(id, options, console));
  });
  serverOptions(
    maintenance.command("list").description("list what is under way and what comes next").option("--url <url>", url),
  ).action(async (options) => {
    const { listMaintenance } = await import("./maintenance.ts");
    exit(await listMaintenance(options, console));
  });

  serverOptions(
    program
      .command("fleet")
      .description(
        "tell of the replicas that share the checks, or who runs a check; exits with 0 when all is well, 1 when it is not",
      )
      .argument("[check]", "the name of a check")
      .option("--url <url>", url)
      .option("--json", "the same as --format json"),
  ).action(async (check: string | undefined, options) => {
    const { fleet } = await import("./fleet.ts");
    exit(await fleet(check, options, console));
  });

  program
    .command("validate")
    .description("check a configuration without running anything, and list every issue")
    .argument("[config]", "the configuration file (default: healthspan.yaml)")
    .option("-c, --config <file>", "the same as the argument")
    .action(async (argument: string | undefined, options) => {
      const { validate } = await import("./validate.ts");
      exit(await validate(oneFile(argument, options.config), console));
    });

  program
    .command("notify")
    .description("commands for the channels that are told of changes")
    .command("test")
    .description(
      "send a test message now, and say what the services answered; exits with 0 when all took it, else with 1",
    )
    .argument("[channels...]", "the names of the channels")
    .option("-c, --config <file>", "the configuration file")
    .option("--all", "test every channel")
    .action(async (channels: string[], options) => {
      const { notifyTest } = await import("./notify-test.ts");
      exit(await notifyTest(channels, options, console));
    });

  program
    .command("schema")
    .description("print the JSON Schema of configurations, for editors")
    .action(async () => {
      const { schema } = await import("./schema.ts");
      await schema(console);
    });

  program
    .command("list")
    .description("list the types of checks and their options")
    .argument("[type]", "only this type")
    .addOption(new Option("--format <format>", "the output format").choices(["text", "json"]).default("text"))
    .action(async (type: string | undefined, options) => {
      const { list } = await import("./list.ts");
      await list(type, options, console);
    });

  return program;
}
