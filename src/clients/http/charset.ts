import { TextDecoder } from "node:util";

/** So much of a document is searched for its charset, as browsers do (HTML standard, "prescan a byte stream"). */
const prescannedBytes = 1024;

/**
 * The decoder for a body: for what its first bytes say (a byte order mark), else what the answer names, else what the document
 * itself says, else UTF-8. JSON in UTF-16 is known by its zeros (RFC 4627, section 3).
 */
export function decoderFor(body: Buffer, contentType: string | undefined): TextDecoder {
  const labels = [
    byteOrderMark(body),
    /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType ?? "")?.[1],
    /html|xml/i.test(contentType ?? "html") ? namedInDocument(body) : undefined,
    utf16OfJson(body),
  ];
  for (const label of labels) {
    const decoder = label === undefined ? undefined : decoderCalled(label);
    if (decoder !== undefined) return decoder;
  }
  return new TextDecoder();
}

function byteOrderMark(body: Buffer): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return "utf-16le";
  if (body[0] === 0xfe && body[1] === 0xff) return "utf-16be";
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? "utf-8" : undefined;
}

function namedInDocument(body: Buffer): string | undefined {
  const start = body.toString("latin1", 0, prescannedBytes).replaceAll(/<!--[\s\S]*?-->/g, "");
  const named =
    /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(start)?.[1] ??
    /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)/i.exec(start)?.[1];
  // What could be read as ASCII is not in UTF-16, whatever it says.
  return named !== undefined && /^utf-?16/i.test(named) ? "utf-8" : named;
}

function utf16OfJson(body: Buffer): string | undefined {
  if (body.length < 2) return undefined;
  if (body[0] !== 0 && body[1] === 0) return "utf-16le";
  return body[0] === 0 && body[1] !== 0 ? "utf-16be" : undefined;
}

function decoderCalled(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // A charset that nobody knows: what can be read of it, can be read as UTF-8.
  }
}
