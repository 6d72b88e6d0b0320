import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Descriptor, parseDescriptors } from "./descriptor.ts";
import { letters, readHex, readOne } from "./test-descriptors.ts";

const names = (loop: readonly Descriptor[]): string[] => loop.map(({ name }) => name);

describe("ISO/IEC 13818-1 2.6: descriptor loops", () => {
  test("descriptors one after the other", () => {
    expect(readHex("52 01 07 0a 04 667261 03")).toEqual([
      { tag: 0x52, name: "stream_identifier_descriptor", componentTag: 7 },
      {
        tag: 0x0a,
        name: "ISO_639_language_descriptor",
        languages: [{ languageCode: "fra", audioType: 3, audioTypeName: "visual impaired commentary" }],
      },
    ]);
    expect(readHex("")).toEqual([]);
  });

  test("a descriptor cut by the end of the loop is the last, and malformed", () => {
    expect(readHex("52 01 07 48 09 0103")).toEqual([
      { tag: 0x52, name: "stream_identifier_descriptor", componentTag: 7 },
      { tag: 0x48, name: "service_descriptor", hex: "0103", malformed: "descriptor_length" },
    ]);
    expect(readHex("48")).toEqual([
      { tag: 0x48, name: "service_descriptor", hex: "", malformed: "descriptor_length" },
    ]);
  });

  test("fields beyond descriptor_length: what was read, and the whole in hex", () => {
    expect(readOne(0x48, `01 03 ${letters("DVB")} 09 ${letters("P1")}`)).toEqual({
      tag: 0x48,
      name: "service_descriptor",
      serviceType: 1,
      serviceTypeName: "digital television",
      serviceProviderName: "DVB",
      serviceName: "P1",
      hex: "0103445642095031",
      malformed: "fields beyond descriptor_length",
    });
  });

  test("octets after the fields are shown", () => {
    expect(readOne(0x52, "07 abcd")).toEqual({
      tag: 0x52,
      name: "stream_identifier_descriptor",
      componentTag: 7,
      hex: "abcd",
    });
  });

  test("what is not decoded, is its name and hex", () => {
    expect(readOne(0x1d, "0102")).toEqual({ tag: 0x1d, name: "IOD_descriptor", hex: "0102" });
    expect(readOne(0x3e, "01")).toEqual({ tag: 0x3e, name: "reserved_descriptor", hex: "01" });
    expect(readOne(0xff, "")).toEqual({ tag: 0xff, name: "forbidden_descriptor" });
  });

  test("extension descriptors by their second tag", () => {
    expect(readOne(0x7f, "06 81 656e67")).toMatchObject({
      tag: 0x7f,
      extensionTag: 6,
      name: "supplementary_audio_descriptor",
      mixType: "complete and independent stream",
      languageCode: "eng",
    });
    expect(readOne(0x3f, "14 0102")).toEqual({
      tag: 0x3f,
      extensionTag: 0x14,
      name: "JPEG_XS_video_descriptor",
      hex: "0102",
    });
    expect(readOne(0x7f, "99 01")).toEqual({
      tag: 0x7f,
      extensionTag: 0x99,
      name: "extension_descriptor",
      hex: "01",
    });
    expect(readOne(0x7f, "")).toEqual({ tag: 0x7f, name: "extension_descriptor" });
  });
});

describe("tags of 0x80 and up: whose they are", () => {
  const channel = "83 04 0001 fc05";

  test("EN 300 468 6.2.31: private_data_specifier holds for what comes after it in the loop", () => {
    expect(names(readHex(`${channel} 5f 04 00000028 ${channel}`))).toEqual([
      "user_private_descriptor",
      "private_data_specifier_descriptor",
      "logical_channel_descriptor",
    ]);
    const [, eacem] = readHex(`5f 04 00000028 ${channel}`);
    expect(eacem?.services).toEqual([{ serviceId: 1, visibleService: true, logicalChannelNumber: 5 }]);
    const [, nordig] = readHex("5f 04 00000029 83 04 0001 8405");
    expect(nordig?.services).toEqual([{ serviceId: 1, visibleService: true, logicalChannelNumber: 0x405 }]);
    const [, dtg] = readHex(`5f 04 0000233a ${channel}`);
    expect(dtg?.services).toEqual([{ serviceId: 1, logicalChannelNumber: 5 }]);
    expect(names(readHex(`5f 04 12345678 ${channel}`))[1]).toBe("user_private_descriptor");
  });

  test("NorDig: channel lists by country", () => {
    const list = `01 02 ${letters("SE")} ${letters("swe")} 04 0001 800a`;
    const [, lists] = readHex(`5f 04 00000029 87 0c ${list}`);
    expect(lists?.channelLists).toEqual([
      {
        channelListId: 1,
        channelListName: "SE",
        countryCode: "swe",
        services: [{ serviceId: 1, visibleService: true, logicalChannelNumber: 10 }],
      },
    ]);
  });

  test("A/65 by table_id, by registration as GA94, by what the caller knows", () => {
    expect(readOne(0xa3, "00", { tableId: 0xc8 }).name).toBe("component_name_descriptor");
    expect(readOne(0xa3, "00", { atsc: true }).name).toBe("component_name_descriptor");
    expect(readOne(0xa3, "00", { programFormat: 0x47413934 }).name).toBe("component_name_descriptor");
    expect(names(readHex("05 04 47413934 a3 01 00"))[1]).toBe("component_name_descriptor");
    expect(readOne(0xa3, "00").name).toBe("user_private_descriptor");
  });

  test("AC-3 of A/52 by registration or stream_type, but not in HDMV programs", () => {
    expect(names(readHex("05 04 41432d33 81 03 082405"))[1]).toBe("AC-3_audio_stream_descriptor");
    expect(readOne(0x81, "082405", { streamType: 0x81 }).name).toBe("AC-3_audio_stream_descriptor");
    expect(readOne(0xcc, "8000", { streamType: 0x87 }).name).toBe("E-AC-3_audio_stream_descriptor");
    const hdmv = { streamType: 0x81, programFormat: 0x48444d56 };
    expect(readOne(0x81, "082405", hdmv).name).toBe("user_private_descriptor");
  });

  test("SCTE 35 8.2: cue_identifier_descriptor", () => {
    const cue = {
      tag: 0x8a,
      name: "cue_identifier_descriptor",
      cueStreamType: 1,
      cueStreamTypeName: "all commands",
    };
    expect(readOne(0x8a, "01", { programFormat: 0x43554549 })).toEqual(cue);
    expect(readOne(0x8a, "01", { streamType: 0x86 })).toEqual(cue);
    expect(readOne(0x8a, "01", { streamType: 0x86, programFormat: 0x48444d56 }).name).toBe(
      "user_private_descriptor",
    );
  });

  test("TS 102 809: the AIT has tags of its own", () => {
    expect(readOne(0x15, letters("index.html"), { tableId: 0x74 })).toEqual({
      tag: 0x15,
      name: "simple_application_location_descriptor",
      initialPath: "index.html",
    });
    expect(readOne(0x30, "", { tableId: 0x74 }).name).toBe("reserved_descriptor");
  });
});

describe("hostile octets", () => {
  /** Contexts that lead to every list of descriptors. */
  const context = fc.record({
    tableId: fc.constantFrom(0x02, 0x40, 0x4e, 0x74, 0xc8),
    atsc: fc.boolean(),
    streamType: fc.constantFrom(0x06, 0x81, 0x86, 0x87),
    programFormat: fc.constantFrom(0, 0x43554549, 0x48444d56),
  });
  /** Each tag as likely, with its length mostly right. */
  const one = fc
    .tuple(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 60 }), fc.constantFrom(0, 0, 0, 1, 200))
    .map(([tag, content, wrong]) => [tag, Math.min(255, content.length + wrong), ...content]);
  const loops = fc.array(one, { maxLength: 8 }).map((parts) => Uint8Array.from(parts.flat()));

  test("nothing is thrown, nothing outside is read, the result is plain and bounded", () => {
    fc.assert(
      fc.property(loops, context, fc.nat({ max: 255 }), (loop, where, around) => {
        const alone = parseDescriptors(loop, 0, loop.length, where);
        const padded = new Uint8Array(loop.length + 20).fill(around);
        padded.set(loop, 10);
        expect(parseDescriptors(padded, 10, loop.length, where)).toStrictEqual(alone);
        const json = JSON.stringify(alone);
        expect(JSON.parse(json)).toStrictEqual(alone);
        expect(json.length).toBeLessThan(300 + loop.length * 200);
      }),
      { numRuns: 2000 },
    );
  });

  test("each tag with every content of a kind, in each context: lengths of all zeroes and all ones", () => {
    for (let tag = 0; tag < 256; tag++) {
      for (const fill of [0x00, 0x01, 0x7f, 0xff]) {
        for (const length of [0, 1, 2, 3, 5, 8, 13, 40, 255]) {
          const loop = new Uint8Array(2 + length).fill(fill);
          loop[0] = tag;
          loop[1] = length;
          for (const where of [{ tableId: 2 }, { tableId: 0x74 }, { tableId: 0xcb, streamType: 0x81 }]) {
            const [read, ...others] = parseDescriptors(loop, 0, loop.length, where);
            expect(others).toEqual([]);
            expect(read?.tag).toBe(tag);
          }
        }
      }
    }
  });

  test("the extensions with every second tag", () => {
    for (const tag of [0x3f, 0x7f]) {
      for (let second = 0; second < 256; second++) {
        for (const fill of [0x00, 0x05, 0xff]) {
          for (const length of [1, 2, 6, 30, 255]) {
            const loop = new Uint8Array(2 + length).fill(fill);
            loop.set([tag, length, second]);
            const [read] = parseDescriptors(loop, 0, loop.length, { tableId: 2 });
            expect(read?.extensionTag).toBe(second);
          }
        }
      }
    }
  });
});
