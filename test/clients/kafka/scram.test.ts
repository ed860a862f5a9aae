import { describe, expect, it } from "vitest";
import { scram } from "../../../src/clients/kafka/scram.ts";
import { Secret } from "../../../src/health/secret.ts";

const login = { username: "user", password: new Secret("pencil") };
const nonce = "rOprNGfwEbeRWgbNEkqO";
const whole = `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const challenge = `r=${whole},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const proven = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

/** Logs in with somebody who answers so, in turn. */
async function logInWith(answers: readonly string[], credentials = login): Promise<readonly string[]> {
  const said: string[] = [];
  const rest = [...answers];
  const exchange = async (message: string): Promise<string> => {
    said.push(message);
    return rest.shift() ?? "";
  };
  await scram("sha256", credentials, exchange, () => new Error("not SCRAM"), nonce);
  return said;
}

describe("scram", () => {
  it("says what the example of RFC 7677 says (section 3)", async () => {
    expect(await logInWith([challenge, proven])).toEqual([
      `n,,n=user,r=${nonce}`,
      `c=biws,r=${whole},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
    ]);
  });

  it("spells a name so that it is one (RFC 5802, section 5.1)", async () => {
    const said: string[] = [];
    const exchange = async (message: string): Promise<string> => {
      said.push(message);
      return "";
    };
    const odd = { ...login, username: "a=b,c=d,e" };
    await expect(scram("sha512", odd, exchange, () => new Error("not SCRAM"), nonce)).rejects.toThrow("not SCRAM");
    expect(said).toEqual([`n,,n=a=3Db=2Cc=3Dd=2Ce,r=${nonce}`]);
  });

  it.each([
    ["a nonce of somebody else", challenge.replace(nonce, "x".repeat(nonce.length))],
    ["our nonce alone", challenge.replace(whole, nonce)],
    ["no salt", challenge.replace(/,s=[^,]*/, "")],
    ["no number of iterations", challenge.replace("4096", "many")],
    ["an error", "e=other-error"],
    ["nothing", ""],
  ])("does not go on after %s", async (_, answer) => {
    await expect(logInWith([answer, proven])).rejects.toThrow("not SCRAM");
  });

  it.each(["4095", "100001", "999999999"])("does not count to %s", async (iterations) => {
    await expect(logInWith([challenge.replace("4096", iterations), proven])).rejects.toThrow(
      `the broker asks for ${iterations} iterations, expected 4096 to 100000`,
    );
  });

  it.each(["", "v=", "v=AAAA", proven.replace("6", "7"), "e=invalid-proof"])(
    "does not trust who says %j",
    async (last) => {
      await expect(logInWith([challenge, last])).rejects.toThrow("the broker does not know the password");
    },
  );
});
