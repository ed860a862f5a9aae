import { createServer } from "node:http";

/** An HTTP server with room for few connections, in a process of its own, so that its sockets are not counted. */
const maxConnections = 6;

const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => void response.end("all is well\n"));
server.maxConnections = maxConnections;
server.listen(0, "127.0.0.1", () => process.send?.(server.address()));
process.on("disconnect", () => process.exit());
