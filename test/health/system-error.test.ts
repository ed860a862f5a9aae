import { describe, expect, it } from "vitest";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { failureOf } from "../../src/health/failure.ts";
import { ownShortage } from "../../src/health/system-error.ts";

const same = (text: string): string => text;

function systemError(code: string, syscall: string | undefined = "connect"): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, ...(syscall !== undefined && { syscall }) });
}

describe("a run for which this process had too little", () => {
  it.each(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"])(
    "has found nothing when the system says %s",
    (code) => {
      for (const error of [systemError(code), new ServiceUnavailable("no answer", { cause: systemError(code) })]) {
        expect(failureOf(error, same)).toMatchObject({ kind: "Unknown", state: "unknown", shortage: code });
      }
    },
  );

  it("says what ran out, and how to raise the limit", () => {
    expect(ownShortage(systemError("EMFILE"))?.message).toBe(
      "this process has too many files open (raise its limit: ulimit -n)",
    );
  });

  it("has found nothing when a worker thread could not be started", () => {
    const error = Object.assign(new Error("EAGAIN"), { code: "ERR_WORKER_INIT_FAILED" });
    expect(ownShortage(error)?.message).toBe("no worker thread could be started");
  });

  it("has found nothing when one of several addresses could not be tried", () => {
    const error = new AggregateError([systemError("ECONNREFUSED"), systemError("EMFILE")]);
    expect(failureOf(error, same)).toMatchObject({ state: "unknown", shortage: "EMFILE" });
  });
});

describe("a failure of the target", () => {
  it("is told when only addresses of a family that this machine lacks could not be tried", () => {
    const error = new AggregateError([systemError("EADDRNOTAVAIL"), systemError("ECONNREFUSED")]);
    expect(ownShortage(error)).toBeUndefined();
    expect(ownShortage(new AggregateError([systemError("EADDRNOTAVAIL")]))?.code).toBe("EADDRNOTAVAIL");
  });

  it("does not stumble over a client library whose codes are numbers", () => {
    const cause = Object.assign(new Error("x"), { code: 49 });
    expect(ownShortage(new Error("login refused", { cause }))).toBeUndefined();
  });

  it("is not hidden by a server that sends such a code itself", () => {
    const sent = Object.assign(new Error("error"), { code: "EMFILE" });
    expect(ownShortage(sent)).toBeUndefined();
    expect(ownShortage(new ServiceUnavailable("broken", { cause: sent }))).toBeUndefined();
  });
});
