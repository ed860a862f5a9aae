import { once } from "node:events";
import { createConnection } from "node:net";

/** Connects to a server that speaks first, and gives what it says. */
export async function greeting(port: number): Promise<string> {
  const socket = createConnection(port, "127.0.0.1");
  try {
    const [data] = await once(socket, "data");
    return String(data);
  } finally {
    socket.destroy();
  }
}
