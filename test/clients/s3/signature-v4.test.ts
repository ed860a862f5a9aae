import { describe, expect, it } from "vitest";
import { encodeS3, signatureHeaders, type UnsignedRequest } from "../../../src/clients/s3/signature-v4.ts";
import { Secret } from "../../../src/health/secret.ts";

/** Those of AWS' own examples: "Authenticating Requests: Using the Authorization Header". */
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};
const at = new Date("2013-05-24T00:00:00.000Z");

function signed(path: string, request: Partial<UnsignedRequest> = {}, sessionToken?: Secret) {
  const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`);
  const headers = signatureHeaders(
    { method: "GET", url, ...request },
    { ...credentials, sessionToken },
    "us-east-1",
    at,
  );
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
}

describe("signatureHeaders", () => {
  it.each<[string, Record<string, string>, string, string]>([
    [
      "/?max-keys=2&prefix=J",
      {},
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
    [
      "/?lifecycle=",
      {},
      "host;x-amz-content-sha256;x-amz-date",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "/test.txt",
      { range: "bytes=0-9" },
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
  ])("signs GET %s as AWS does", (path, headers, names, signature) => {
    expect(signed(path, { headers })).toEqual({
      "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-amz-date": "20130524T000000Z",
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
    });
  });

  it("signs the body and the session token too", () => {
    const headers = signed("/key", { method: "PUT", body: "text" }, new Secret("token"));
    expect(headers["x-amz-content-sha256"]).toBe("982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1");
    expect(headers["x-amz-security-token"]).toBe("token");
    expect(headers.authorization).toContain(
      ",SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,",
    );
    expect(signed("/key", { method: "PUT", body: "other" }, new Secret("token")).authorization).not.toBe(
      headers.authorization,
    );
  });

  it("gives the same signature for parameters in any order, and another one for each other request", () => {
    const signatureOf = (path: string, method = "GET") => signed(path, { method }).authorization;
    expect(signatureOf("/?b=1&a=2&a=1")).toBe(signatureOf("/?a=1&a=2&b=1"));
    const all = [
      signatureOf("/?a=1"),
      signatureOf("/?a=2"),
      signatureOf("/a?a=1"),
      signatureOf("/?a=1", "PUT"),
      signatureOf("/?a=1&a=1"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("encodeS3", () => {
  it("leaves only letters, digits and - . _ ~ as they are", () => {
    expect(encodeS3("aZ09-._~")).toBe("aZ09-._~");
    expect(encodeS3(" !'()*+&=/?#%é")).toBe("%20%21%27%28%29%2A%2B%26%3D%2F%3F%23%25%C3%A9");
  });
});
