import { describe, expect, test } from "bun:test";
import { sharedData } from "../shared-data.ts";
import { missing, needsProgram, needsShared, testWith } from "./skip.ts";

describe("requirements", () => {
  test("what is missing is said in words, all of it", () => {
    expect(missing([{ met: true, why: "a" }])).toBeNull();
    expect(
      missing([
        { met: false, why: "no a" },
        { met: true, why: "no b" },
        { met: false, why: "no c" },
      ]),
    ).toBe("no a, no c");
  });

  test("a program that does not exist names the package to install", () => {
    expect(missing([needsProgram("no-such-program", "some-package")])).toBe(
      "no no-such-program (apt-get install some-package)",
    );
    expect(needsProgram("sh").met).toBe(true);
  });

  test("a missing shared capture is null and a requirement not met", () => {
    expect(sharedData("no/such/file")).toBeNull();
    expect(needsShared("no/such/file").met).toBe(false);
  });

  let ran = false;
  testWith({ met: true, why: "" }, "testWith runs the test when the requirement is met", () => {
    ran = true;
  });
  test("and it did run", () => {
    expect(ran).toBe(true);
  });
});
