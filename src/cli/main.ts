import { Command, CommanderError, Option } from "commander";
import { packageVersion } from "../app/version.ts";
import { ConfigurationError } from "../config/configuration-error.ts";
import { ListenError } from "../server/listen.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

export { leave } from "../app/leave.ts";

/** The exit code when a command could not do what it was asked. */
const couldNot = 2;

/**
 * Runs the command that the arguments name.
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[], console: Console): Promise<number> {
  try {
    let code = 0;
    const program = describeCommands(console, (exitCode) => {
      code = exitCode;
    });
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : couldNot; // It has said what is wrong.
    if (error instanceof ConfigurationError || error instanceof CommandError || error instanceof ListenError) {
      console.stderr.write(`${error.message}\n`);
    } else {
      const { stack, message } = error instanceof Error ? error : new Error(String(error));
      console.stderr.write(`healthspan failed in a way that nobody foresaw: ${stack ?? message}\n`);
    }
    return couldNot;
  }
}

function describeCommands(console: Console, exit: (code: number) => void): Command {
  const program = new Command("healthspan")
    .description("Health checks as telemetry: spans, metrics and a health endpoint in many formats.")
    .version(packageVersion())
    .configureOutput({
      writeOut: (text) => void console.stdout.write(text),
      writeErr: (text) => void console.stderr.write(text),
    })
    .exitOverride()
    .helpCommand(true)
    .showHelpAfterError("(healthspan --help tells what there is)");

  program
    .command("serve")
    .description("serve the checks' results at /health/ and their metrics at /metrics")
    .argument("[config]", "the configuration file; without one, healthspan.yaml or this host's own health")
    .option("-c, --config <file>", "the same")
    .option("--host <host>", "the address to listen on (default: localhost; variable HOST)")
    .option("--port <port>", "the port to listen on, 0 for any that is free (default: 9464; variable PORT)")
    .action(async (argument: string | undefined, options) => {
      const { serve } = await import("./serve.ts");
      exit(await serve({ ...options, config: argument ?? options.config }, console));
    });

  program
    .command("check")
    .description(
      "run the checks now, or ask a running server; exits 0 when all pass, 1 when any fails, 2 when it could not ask",
    )
    .argument("[names...]", "the checks to run (default: all)")
    .option("-c, --config <file>", "the configuration file")
    .option("--url <url>", "ask the server at this address instead, such as http://localhost:9464/health/")
    .option("--header <header...>", 'sent to the server, such as "Authorization: Bearer TOKEN"')
    .option("--timeout <duration>", "how long to wait for the server (default: 30s)")
    .addOption(new Option("--format <format>", "how to print the results").choices(["text", "json"]).default("text"))
    .action(async (names: string[], options) => {
      const { check } = await import("./check.ts");
      exit(await check(names, options, console));
    });

  program
    .command("validate")
    .description("say whether a configuration is valid, and where it is not")
    .argument("[config]", "the configuration file")
    .option("-c, --config <file>", "the same")
    .action(async (argument: string | undefined, options) => {
      const { validate } = await import("./validate.ts");
      exit(await validate(argument ?? options.config, console));
    });

  program
    .command("schema")
    .description("print the configuration's JSON Schema, for editors")
    .action(async () => {
      const { schema } = await import("./schema.ts");
      await schema(console);
    });

  program
    .command("list")
    .description("list the types of checks and their options")
    .argument("[type]", "only this one")
    .addOption(new Option("--format <format>", "how to print them").choices(["text", "json"]).default("text"))
    .action(async (type: string | undefined, options) => {
      const { list } = await import("./list.ts");
      await list(type, options, console);
    });

  return program;
}
