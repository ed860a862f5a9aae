import { Command } from "commander";

/** The version in package.json; both `src` and `dist` lie beside it. */
const { version } = (await import("../../package.json", { with: { type: "json" } })).default;

const program = new Command("healthspan")
  .description("Health checks as telemetry: spans, metrics and a health endpoint.")
  .version(version);

program
  .command("serve", { isDefault: true })
  .argument("[config]", "the configuration file")
  .option("--host <host>", "the address to listen on")
  .option("--port <port>", "the port to listen on; 0 takes a free one")
  .description("Serve the checks' results and metrics.")
  .action(async (config: string | undefined, options) => {
    const { serve } = await import("./serve.ts");
    await serve(config, options);
  });

await program.parseAsync();
