import { describe, expect, it } from "vitest";
import { destinationOf } from "../../../src/clients/http/destination.ts";

describe("destinationOf", () => {
  it.each([
    ["http://shop.example/", { host: "shop.example", port: 80, secure: false, servername: "shop.example" }],
    ["https://shop.example/", { host: "shop.example", port: 443, secure: true, servername: "shop.example" }],
    ["https://shop.example:8443/", { host: "shop.example", port: 8443, secure: true, servername: "shop.example" }],
    ["https://127.0.0.1/", { host: "127.0.0.1", port: 443, secure: true, servername: undefined }],
    ["http://[::1]:8080/", { host: "::1", port: 8080, secure: false, servername: undefined }],
  ])("of %s is %j", (address, destination) => {
    expect(destinationOf(new URL(address), {})).toEqual(destination);
  });

  it.each([
    ["other.example:8443", "other.example"],
    ["[::1]:8443", undefined],
    ["not a host", "shop.example"],
  ])("with the header Host %j, the server's name is %j", (header, servername) => {
    const url = new URL("https://shop.example/");
    expect(destinationOf(url, { HOST: header })).toMatchObject({ host: "shop.example", servername });
  });
});
