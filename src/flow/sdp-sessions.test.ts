import { expect, test } from "bun:test";
import { SdpSessions } from "./sdp-sessions.ts";

const HEAD = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=x\nt=0 0\n";
const media = (group: string, filter = "") =>
  `m=audio 5000 RTP/AVP 97\nc=IN IP4 ${group}/64\n${filter}a=rtpmap:97 L24/48000/2\na=ptime:1\n` +
  "a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:127\na=mediaclk:direct=0\n";

test("RFC 4570 3.1: media are found by the filters of the session that are for them", () => {
  const text =
    `${HEAD}a=source-filter: incl IN IP4 239.1.1.1 10.0.0.1\na=source-filter: incl IN IP4 239.1.1.2 10.0.0.2\n` +
    media("239.1.1.1") +
    media("239.1.1.2");
  const sessions = new SdpSessions([{ name: "x.sdp", text }]);
  expect(sessions.match("a", "10.0.0.1", "239.1.1.1", 5000)?.index).toBe(0);
  expect(sessions.match("b", "10.0.0.2", "239.1.1.2", 5000)?.index).toBe(1);
  expect(sessions.match("c", "10.0.0.1", "239.1.1.2", 5000)).toBeNull();
  expect(sessions.findings(true)).toEqual([]);
});

test("a sender that is named by its host name may be any", () => {
  const named = media("239.1.1.1", "a=source-filter: incl IN IP4 239.1.1.1 cam.example.com\n");
  const sessions = new SdpSessions([{ name: "x.sdp", text: HEAD + named }]);
  expect(sessions.match("a", "10.0.0.1", "239.1.1.1", 5000)?.index).toBe(0);
});
