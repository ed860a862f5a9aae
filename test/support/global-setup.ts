import { fetchServers } from "../../scripts/fetch-servers.ts";

/** Where every service is required, the fetched ones are fetched; elsewhere nothing is downloaded unasked. */
export default async function prepare(): Promise<void> {
  if (process.env.REQUIRE_SERVICES === "1") await fetchServers();
}
