import { describe, expect, test } from "bun:test";
import { letters, readOne } from "./test-descriptors.ts";

const atsc = { atsc: true };
/** multiple_string_structure of one string without compression. */
const string = (text: string): string =>
  `01 ${letters("eng")} 01 00 00 ${Buffer.of(text.length).toString("hex")} ${letters(text)}`;
const english = (text: string) => [{ languageCode: "eng", text }];

describe("A/52: audio streams", () => {
  test("annex A: the descriptor may end after any group", () => {
    const head = "08 24 05";
    expect(readOne(0x81, head, atsc)).toMatchObject({
      name: "AC-3_audio_stream_descriptor",
      sampleRateCode: 0,
      bsid: 8,
      bitRateCode: 9,
      bsmod: 0,
      numChannels: 2,
      fullService: true,
    });
    expect(readOne(0x81, `${head} ff`, atsc).langcod).toBe(0xff);
    expect(readOne(0x81, `${head} ff 2f`, atsc)).toMatchObject({ mainid: 1, priority: 1 });
    expect(readOne(0x81, `${head} ff 2f 05 ${letters("Hi")} bf ${letters("eng")} 01`, atsc)).toMatchObject({
      text: "Hi",
      languageCode: "eng",
      additionalInfo: "01",
    });
    expect(readOne(0x81, `${head} ff 2f 04 0041 7f ${letters("spa")}`, atsc)).toMatchObject({
      text: "A",
      languageCode2: "spa",
    });
    expect(readOne(0x81, "08 24 40", atsc)).toMatchObject({ bsmod: 2, numChannels: 0 });
    expect(readOne(0x81, "08 24 41 ff ff 80", atsc)).toMatchObject({ langcod2: 0xff, asvcflags: 0x80 });
  });

  test("annex G: enhanced AC-3", () => {
    expect(readOne(0xcc, `fc c2 b0 0a 03 01 ${letters("eng")} ${letters("spa")}`, atsc)).toMatchObject({
      name: "E-AC-3_audio_stream_descriptor",
      mixInfoExists: true,
      fullService: true,
      audioServiceType: 0,
      numberOfChannels: 2,
      bsid: 16,
      priority: 1,
      mainid: 2,
      asvc: 3,
      substream1: 1,
      languageCode: "eng",
      substream1LanguageCode: "spa",
    });
  });
});

describe("A/65 6.9: descriptors", () => {
  test("6.9.2 caption_service: digital and line 21", () => {
    expect(readOne(0x86, `e2 ${letters("eng")} c1 7fff ${letters("spa")} 7f bfff`, atsc).services).toEqual([
      {
        languageCode: "eng",
        digitalCc: true,
        captionServiceNumber: 1,
        easyReader: false,
        wideAspectRatio: true,
      },
      { languageCode: "spa", digitalCc: false, line21Field: 1, easyReader: true, wideAspectRatio: false },
    ]);
  });

  test("6.9.3 content_advisory", () => {
    const text = string("TV-PG").replaceAll(" ", "");
    const length = Buffer.of(text.length / 2).toString("hex");
    expect(readOne(0x87, `c1 01 02 00 f3 04 f1 ${length} ${text}`, atsc).ratingRegions).toEqual([
      {
        ratingRegion: 1,
        dimensions: [
          { ratingDimension: 0, ratingValue: 3 },
          { ratingDimension: 4, ratingValue: 1 },
        ],
        ratingDescription: english("TV-PG"),
      },
    ]);
    expect(readOne(0x87, "c2 01 00 00", atsc).malformed).toBe("fields beyond descriptor_length");
  });

  test("6.9.4 extended_channel_name, 6.9.7 component_name", () => {
    expect(readOne(0xa0, string("Channel"), atsc).longChannelName).toEqual(english("Channel"));
    expect(readOne(0xa3, string("Audio"), atsc).componentName).toEqual(english("Audio"));
  });

  test("6.9.5 service_location: no language is three zeroes", () => {
    expect(readOne(0xa1, `e031 02 02 e031 000000 81 e034 ${letters("eng")}`, atsc)).toMatchObject({
      pcrPid: 0x31,
      elements: [
        { streamType: 2, elementaryPid: 0x31, languageCode: null },
        { streamType: 0x81, elementaryPid: 0x34, languageCode: "eng" },
      ],
    });
    expect(readOne(0xa1, "ffff 00", atsc).pcrPid).toBeNull();
  });

  test("6.9.6 time_shifted_service, channel changes, genres, private information", () => {
    expect(readOne(0xa2, "e1 fc3c f01402", atsc).services).toEqual([
      { timeShiftMinutes: 60, majorChannelNumber: 5, minorChannelNumber: 2 },
    ]);
    expect(readOne(0xa8, "01 00", atsc)).toMatchObject({ requestType: 1, text: [] });
    expect(readOne(0xab, "e2 20 21", atsc).attributes).toEqual([0x20, 0x21]);
    expect(readOne(0xad, `${letters("ABCD")} 01`, atsc)).toMatchObject({ format: "ABCD", privateData: "01" });
    expect(readOne(0x80, "ff", atsc).name).toBe("stuffing_descriptor");
  });
});
