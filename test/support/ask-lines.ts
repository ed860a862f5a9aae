import { createConnection } from "node:net";

/** Sends lines over a connection of their own, and gives what is answered until `end` comes. */
export async function askLines(port: number, lines: string, end: RegExp): Promise<string> {
  const socket = createConnection(port, "127.0.0.1");
  try {
    socket.write(lines);
    let answer = "";
    for await (const data of socket) {
      answer += data;
      if (end.test(answer)) break;
    }
    return answer;
  } finally {
    socket.destroy();
  }
}
