import { describe, expect, test } from "bun:test";
import { letters, readOne } from "./test-descriptors.ts";

describe("ISO/IEC 13818-1 2.6: descriptors", () => {
  test("2.6.2 video_stream", () => {
    expect(readOne(0x02, "1a 48 5f")).toMatchObject({
      name: "video_stream_descriptor",
      multipleFrameRate: false,
      frameRateCode: 3,
      frameRate: "25",
      mpeg1Only: false,
      profileAndLevelIndication: 0x48,
      chromaFormat: 1,
    });
    expect(readOne(0x02, "24")).toMatchObject({ frameRate: "30000/1001", mpeg1Only: true });
    expect(readOne(0x02, "24")).not.toHaveProperty("profileAndLevelIndication");
  });

  test("2.6.4 audio_stream", () => {
    expect(readOne(0x03, "67")).toEqual({
      tag: 3,
      name: "audio_stream_descriptor",
      freeFormat: false,
      id: 1,
      layer: 2,
      variableRateAudio: false,
    });
  });

  test("2.6.8 registration", () => {
    expect(readOne(0x05, `${letters("HDMV")} ff1b`)).toMatchObject({
      formatIdentifier: 0x48444d56,
      format: "HDMV",
      additionalInfo: "ff1b",
    });
  });

  test("2.6.16 CA", () => {
    expect(readOne(0x09, "0500 e123 0102")).toEqual({
      tag: 9,
      name: "CA_descriptor",
      caSystemId: 0x0500,
      caPid: 0x123,
      privateData: "0102",
    });
  });

  test("2.6.20 system_clock", () => {
    expect(readOne(0x0b, "c5 3f")).toMatchObject({
      externalClockReference: true,
      clockAccuracyInteger: 5,
      clockAccuracyExponent: 1,
      clockAccuracyPpm: 0.5,
    });
    expect(readOne(0x0b, "40 1f").clockAccuracyPpm).toBe(30);
  });

  test("2.6.22 multiplex_buffer_utilization", () => {
    expect(readOne(0x0c, "8010 8020")).toMatchObject({
      boundValid: true,
      ltwOffsetLowerBound: 0x10,
      ltwOffsetUpperBound: 0x20,
    });
  });

  test("2.6.26 maximum_bitrate counts 50 octets a second", () => {
    expect(readOne(0x0e, "c0 2710").maximumBitrateBps).toBe(4_000_000);
  });

  test("2.6.30 smoothing_buffer, 2.6.32 STD, 2.6.34 IBP", () => {
    expect(readOne(0x10, "c00001 c00600")).toMatchObject({ sbLeakRateBps: 400, sbSizeBytes: 0x600 });
    expect(readOne(0x11, "ff").leakValid).toBe(true);
    expect(readOne(0x12, "800c")).toMatchObject({ closedGop: true, identicalGop: false, maxGopLength: 12 });
  });

  test("2.6.6 hierarchy, 2.6.12 target_background_grid, 2.6.14 video_window", () => {
    expect(readOne(0x04, "f3 c1 c2 c4")).toMatchObject({
      hierarchyType: 3,
      hierarchyLayerIndex: 1,
      trefPresent: true,
      hierarchyEmbeddedLayerIndex: 2,
      hierarchyChannel: 4,
    });
    expect(readOne(0x07, "0b404383")).toMatchObject({
      horizontalSize: 720,
      verticalSize: 1080,
      aspectRatioInformation: 3,
    });
    expect(readOne(0x08, "00400085")).toMatchObject({
      horizontalOffset: 16,
      verticalOffset: 8,
      windowPriority: 5,
    });
  });

  test("2.6.64 AVC_video: High at level 4", () => {
    expect(readOne(0x28, "64 40 28 3f")).toEqual({
      tag: 0x28,
      name: "AVC_video_descriptor",
      profileIdc: 100,
      constraintSets: [1],
      avcCompatibleFlags: 0,
      levelIdc: 40,
      avcStillPresent: false,
      avc24HourPicture: false,
      framePackingSeiNotPresent: true,
    });
  });

  test("2.6.66 AVC_timing_and_HRD, with the 90 kHz clock, another one, and none", () => {
    expect(readOne(0x2a, "81 80 00000708 9f")).toMatchObject({
      hrdManagementValid: true,
      is90kHz: true,
      numUnitsInTick: 1800,
      fixedFrameRate: true,
    });
    expect(readOne(0x2a, "01 00 00000001 0000012c 00000001 1f")).toMatchObject({
      is90kHz: false,
      n: 1,
      k: 300,
    });
    expect(readOne(0x2a, "00 1f")).not.toHaveProperty("numUnitsInTick");
  });

  test("2.6.95 HEVC_video: Main 10 High tier at level 5.1, with and without temporal layers", () => {
    const start = "22 20000000 90 0000000000 99";
    expect(readOne(0x38, `${start} 3e`)).toMatchObject({
      name: "HEVC_video_descriptor",
      tier: "High",
      profileIdc: 2,
      profileCompatibilityIndication: 0x20000000,
      progressiveSource: true,
      frameOnlyConstraint: true,
      levelIdc: 153,
      temporalLayerSubset: false,
      hdrWcgIdc: 2,
    });
    expect(readOne(0x38, `${start} be 1f 5f`)).toMatchObject({ temporalIdMin: 0, temporalIdMax: 2 });
  });

  test("2.6.97 HEVC_timing_and_HRD within the extension_descriptor", () => {
    expect(readOne(0x3f, "03 ff ff 00000708")).toMatchObject({
      name: "HEVC_timing_and_HRD_descriptor",
      targetScheduleIdx: 31,
      is90kHz: true,
      numUnitsInTick: 1800,
    });
  });

  test("2.6.129 VVC_video", () => {
    expect(readOne(0x39, "03 01 00000007 9f 53 1f 3f")).toMatchObject({
      profileIdc: 1,
      tier: "High",
      subProfileIdcs: [7],
      progressiveSource: true,
      levelIdc: 0x53,
      hdrWcgIdc: 0,
      videoPropertiesTag: 15,
    });
    expect(readOne(0x39, "02 00 9f 53 ff 3f f9 fe")).toMatchObject({
      tier: "Main",
      temporalIdMin: 1,
      temporalIdMax: 6,
    });
  });

  test("2.6.80 J2K_video", () => {
    const start = "0102 00000780 00000438 05f5e100 00200000 0001 0019";
    expect(readOne(0x32, `${start} 03 3f`)).toMatchObject({
      profileAndLevel: 0x102,
      horizontalSize: 1920,
      verticalSize: 1080,
      maxBitRateBps: 100_000_000,
      numFrameRate: 25,
      colorSpecification: 3,
      interlacedVideo: false,
    });
    expect(readOne(0x32, `8${start.slice(1)} abcd`)).toMatchObject({
      extendedCapability: true,
      extension: "abcd",
    });
  });

  test("2.6.58 metadata_pointer and 2.6.60 metadata, with identifiers of their own: ID3 of HLS", () => {
    const formats = `ffff ${letters("ID3 ")} ff ${letters("ID3 ")} 00`;
    expect(readOne(0x25, `${formats} 1f 0001`)).toMatchObject({
      metadataApplicationFormatIdentifier: "ID3 ",
      metadataFormatIdentifier: "ID3 ",
      mpegCarriage: 0,
      programNumber: 1,
    });
    expect(readOne(0x26, `${formats} 0f`)).toMatchObject({ metadataFormat: 0xff, decoderConfig: 0 });
    expect(readOne(0x26, "0010 40 05 30 02 aabb 01 cc")).toMatchObject({
      decoderConfig: 1,
      serviceIdentification: "aabb",
      decoderConfigRecord: "cc",
    });
    expect(readOne(0x27, "c00001 c00002 c00003")).toMatchObject({
      metadataInputLeakRateBps: 400,
      metadataBufferSizeBytes: 2048,
      metadataOutputLeakRateBps: 1200,
    });
  });

  test("audio of MPEG-2 AAC and MPEG-4", () => {
    expect(readOne(0x2b, "01 02 00")).toMatchObject({ mpeg2AacProfile: 1, channelConfiguration: 2 });
    expect(readOne(0x1c, "50").mpeg4AudioProfileAndLevel).toBe(0x50);
    expect(readOne(0x2e, "f2 29 2a 02 1190")).toMatchObject({
      audioProfileLevelIndications: [0x29, 0x2a],
      audioSpecificConfig: "1190",
    });
    expect(readOne(0x2e, "71 29")).not.toHaveProperty("audioSpecificConfig");
  });

  test("13818-6: carousels and stream events", () => {
    expect(readOne(0x13, "00000001 00")).toMatchObject({ carouselId: 1, privateData: "00" });
    expect(readOne(0x14, "000b 0000 01 ff")).toMatchObject({ associationTag: 11, selector: "ff" });
    expect(readOne(0x1a, "0007 ffffffff 00015f90 aa")).toMatchObject({
      eventId: 7,
      eventNpt90k: 2 ** 32 + 90_000,
      privateData: "aa",
    });
  });
});
