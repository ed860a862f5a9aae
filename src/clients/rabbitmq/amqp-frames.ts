import { foreignRabbitmq } from "./amqp-error.ts";

// The part of AMQP 0-9-1 that a check needs: methods and heartbeats, no messages (specification, sections 2.3 and 4.2).

/** What a client says first, and a server that does not speak this version. */
export const protocolHeader = Buffer.from("AMQP\0\0\x09\x01", "latin1");

/** The methods of the protocol, by the numbers of their class and of themselves. */
export const methods = {
  connectionStart: methodNumber(10, 10),
  connectionStartOk: methodNumber(10, 11),
  connectionTune: methodNumber(10, 30),
  connectionTuneOk: methodNumber(10, 31),
  connectionOpen: methodNumber(10, 40),
  connectionOpenOk: methodNumber(10, 41),
  connectionClose: methodNumber(10, 50),
  connectionCloseOk: methodNumber(10, 51),
  channelOpen: methodNumber(20, 10),
  channelOpenOk: methodNumber(20, 11),
  channelClose: methodNumber(20, 40),
  channelCloseOk: methodNumber(20, 41),
  queueDeclare: methodNumber(50, 10),
  queueDeclareOk: methodNumber(50, 11),
} as const;

/** A method that the server has sent. */
export interface AmqpMethod {
  readonly channel: number;
  readonly number: number;
  readonly fields: AmqpFields;
}

const frameTypes = { method: 1, heartbeat: 8 } as const;
const frameEnd = 0xce;
/** Type, channel and length. */
const headBytes = 7;

function methodNumber(ofClass: number, ofMethod: number): number {
  return ofClass * 0x1_0000 + ofMethod;
}

/** How long the frame is with which this begins; undefined while that cannot be told. */
export function frameLength(received: Buffer): number | undefined {
  const [type] = received;
  if (type !== undefined && type !== frameTypes.method && type !== frameTypes.heartbeat) throw foreignRabbitmq();
  return received.length < headBytes ? undefined : headBytes + received.readUInt32BE(3) + 1;
}

/** Reads a frame; a heartbeat is undefined. */
export function readMethod(frame: Buffer): AmqpMethod | undefined {
  if (frame.at(-1) !== frameEnd) throw foreignRabbitmq();
  if (frame[0] === frameTypes.heartbeat) return undefined;
  const fields = new AmqpFields(frame.subarray(headBytes, -1));
  return { channel: frame.readUInt16BE(1), number: fields.number(4), fields };
}

/** The fields of a method, read one after the other. */
export class AmqpFields {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @param bytes as many as it has, the most significant first */
  number(bytes: 1 | 2 | 4): number {
    return this.#take(bytes).readUIntBE(0, bytes);
  }

  shortText(): string {
    return this.#take(this.number(1)).toString();
  }

  longText(): string {
    return this.#take(this.number(4)).toString();
  }

  skipTable(): void {
    this.#take(this.number(4));
  }

  #take(bytes: number): Buffer {
    const end = this.#offset + bytes;
    if (end > this.#bytes.length) throw foreignRabbitmq();
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

/** A frame with a method. */
export function methodFrame(channel: number, number: number, ...fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([numberField(4, number), ...fields]);
  const head = [numberField(1, frameTypes.method), numberField(2, channel), numberField(4, payload.length)];
  return Buffer.concat([...head, payload, numberField(1, frameEnd)]);
}

export function numberField(bytes: 1 | 2 | 4, value: number): Buffer {
  const field = Buffer.alloc(bytes);
  field.writeUIntBE(value, 0, bytes);
  return field;
}

/** The longest short text of the protocol, in bytes. */
export const maxShortText = 255;

export function shortTextField(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([numberField(1, bytes.length), bytes]);
}

export function longTextField(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([numberField(4, bytes.length), bytes]);
}

/** What a table may hold here. */
interface TableValues {
  readonly [name: string]: string | boolean | TableValues;
}

export function tableField(values: TableValues): Buffer {
  const entries = Object.entries(values).map(([name, value]) => {
    if (typeof value === "string") return Buffer.concat([shortTextField(name), Buffer.from("S"), longTextField(value)]);
    if (typeof value === "boolean")
      return Buffer.concat([shortTextField(name), Buffer.from("t"), numberField(1, Number(value))]);
    return Buffer.concat([shortTextField(name), Buffer.from("F"), tableField(value)]);
  });
  const content = Buffer.concat(entries);
  return Buffer.concat([numberField(4, content.length), content]);
}
