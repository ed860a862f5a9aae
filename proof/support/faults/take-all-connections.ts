import { createConnection, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A connection that is held, so that others get none. */
interface HeldConnection {
  release(): void;
}

/** A connection that was freed a moment ago may be missed: only this many consecutive refusals mean that none is left. */
const consecutiveRefusals = 3;
const pauseMilliseconds = 30;

/**
 * Takes connections until none is left.
 * @param take resolves to undefined when the server has no connection left
 */
export async function takeAllConnections(take: () => Promise<HeldConnection | undefined>): Promise<AsyncDisposable> {
  const held: HeldConnection[] = [];
  for (let refusals = 0; refusals < consecutiveRefusals; ) {
    const connection = await take();
    if (connection === undefined) {
      refusals += 1;
      await wait(pauseMilliseconds);
    } else {
      refusals = 0;
      held.push(connection);
    }
    if (held.length > 1000) throw new Error("the server does not limit its connections");
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const connection of held) connection.release();
      // A server takes a moment to notice that a client has gone; the fault is over when it accepts one more.
      for (let one: HeldConnection | undefined; one === undefined; one?.release()) one = await take();
    },
  };
}

/** Takes a connection by asking something over it; the server has accepted it when the answer begins as it should. */
export function connectAndAsk(port: number, question: string, answer: string): Promise<HeldConnection | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = createConnection({ port, host: "127.0.0.1" });
    socket.on("error", () => {}); // "close" follows.
    socket.once("close", () => resolve(undefined));
    socket.once("connect", () => socket.write(question));
    socket.once("data", (data) => {
      if (data.toString("latin1").startsWith(answer)) resolve({ release: () => socket.destroy() });
      else socket.destroy();
    });
  });
}
