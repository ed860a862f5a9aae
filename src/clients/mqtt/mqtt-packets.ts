/** Kinds of packets (MQTT 3.1.1, section 2.2.1). */
export const packetTypes = {
  connect: 1,
  connectAcknowledgement: 2,
  publish: 3,
  subscribe: 8,
  subscribeAcknowledgement: 9,
  pingRequest: 12,
  pingResponse: 13,
  disconnect: 14,
} as const;

/** How many bytes a text of MQTT may have (section 1.5.3). */
export const maxTextBytes = 65_535;

/** Level 4 of the protocol is what people call version 3.1.1 (section 3.1.2.2). */
const protocolLevel = 4;
const cleanSession = 0x02;
const passwordFollows = 0x40;
const usernameFollows = 0x80;
/** Of a request to subscribe, which has to have it (section 3.8.1). */
const subscribeFlags = 0b0010;
/** The packet by which the one subscription of a connection is known. */
const subscriptionPacket = 1;

/** What a client says of itself. */
export interface ConnectRequest {
  readonly clientId: string;
  /** After one and a half times as long without a word of the client, the broker ends the connection. */
  readonly keepAliveSeconds: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Asks for a session that ends with the connection (section 3.1). */
export function connectPacket({ clientId, keepAliveSeconds, username, password }: ConnectRequest): Buffer {
  const flags =
    cleanSession | (username === undefined ? 0 : usernameFollows) | (password === undefined ? 0 : passwordFollows);
  const credentials = [username, password].flatMap((part) => (part === undefined ? [] : text(part)));
  return packet(packetTypes.connect, 0, [
    text("MQTT"),
    Buffer.from([protocolLevel, flags]),
    uint16(keepAliveSeconds),
    text(clientId),
    ...credentials,
  ]);
}

/** Asks for the messages of the topics that a filter names, each of them at most once (section 3.8). */
export function subscribePacket(topicFilter: string): Buffer {
  const atMostOnce = Buffer.from([0]);
  return packet(packetTypes.subscribe, subscribeFlags, [uint16(subscriptionPacket), text(topicFilter), atMostOnce]);
}

export const pingPacket = packet(packetTypes.pingRequest, 0, []);
export const disconnectPacket = packet(packetTypes.disconnect, 0, []);

/** Is told what a broker has sent. */
export interface PacketListener {
  /** @param retained whether it is from before the subscription */
  message(retained: boolean): void;
  answer(type: number, body: Buffer): void;
  /** Makes the error for what is no packet. */
  foreign(): Error;
}

/** Answers to a check are far shorter. */
const maxBodyBytes = 64;

/**
 * Reads the packets that what was received begins with. Nothing of a message is looked at but its beginning.
 * @returns how many bytes they have; more than were received when the last is a message whose end has not come yet
 * @throws what `foreign` makes when something else comes
 */
export function readPackets(received: Buffer, listener: PacketListener): number {
  let offset = 0;
  for (let read = -1; read !== 0 && offset < received.length; offset += read) {
    read = readPacket(received, offset, listener);
  }
  return offset;
}

/** How many bytes the packet has that begins at an offset; 0 when too little of it is there. */
function readPacket(received: Buffer, offset: number, listener: PacketListener): number {
  const lengthEnd = endOfLength(received, offset + 1, listener);
  if (lengthEnd === undefined) return 0;
  const first = received.readUInt8(offset);
  const type = first >> 4;
  const flags = first & 0x0f;
  const length = lengthBetween(received, offset + 1, lengthEnd);
  const end = lengthEnd + length;
  if (type === packetTypes.publish) {
    if (!isMessage(flags, length)) throw listener.foreign();
    if (lengthEnd + 2 > received.length) return 0;
    const nameLength = received.readUInt16BE(lengthEnd);
    if (nameLength === 0 || nameLength > length - 2) throw listener.foreign();
    listener.message((flags & 1) === 1);
    return end - offset;
  }
  if (flags !== 0 || length > maxBodyBytes) throw listener.foreign();
  if (end > received.length) return 0;
  listener.answer(type, Buffer.from(received.subarray(lengthEnd, end))); // What was received is written over.
  return end - offset;
}

/** One that was asked for at most once comes without a number, and only once; the name of its topic has a character at least (section 3.3). */
function isMessage(flags: number, length: number): boolean {
  return flags >> 1 === 0 && length >= 3;
}

/** The length of a packet has one to four bytes of seven bits each, of which only the last has no eighth (section 2.2.3). */
function endOfLength(received: Buffer, start: number, { foreign }: PacketListener): number | undefined {
  for (let index = start; index < start + 4; index += 1) {
    const byte = received[index];
    if (byte === undefined) return undefined;
    if (byte < 0x80) return index + 1;
  }
  throw foreign();
}

/** The first byte counts least. */
function lengthBetween(received: Buffer, start: number, end: number): number {
  let length = 0;
  for (let index = end - 1; index >= start; index -= 1) length = length * 128 + (received.readUInt8(index) & 0x7f);
  return length;
}

function packet(type: number, flags: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([(type << 4) | flags, ...lengthBytes(body.length)]), body]);
}

function lengthBytes(length: number): readonly number[] {
  return length < 128 ? [length] : [0x80 | (length % 128), ...lengthBytes(Math.floor(length / 128))];
}

function uint16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint16(bytes.length), bytes]);
}
