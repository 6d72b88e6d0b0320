import { describe, expect, test } from "bun:test";
import { genreName, linkageTypeName, serviceTypeName, streamContentName } from "./dvb-names.ts";
import { letters, readOne } from "./test-descriptors.ts";

/** A text with its length before it. */
const sized = (text: string): string => Buffer.of(text.length).toString("hex") + letters(text);

describe("EN 300 468 6.2: networks, bouquets and services", () => {
  test("names", () => {
    expect(readOne(0x40, letters("Astra")).networkName).toBe("Astra");
    expect(readOne(0x47, "05 d0").bouquetName).toBe("Ğ");
    expect(readOne(0x48, `19 ${sized("ARD")} ${sized("Das Erste HD")}`)).toEqual({
      tag: 0x48,
      name: "service_descriptor",
      serviceType: 0x19,
      serviceTypeName: "advanced codec HD digital television",
      serviceProviderName: "ARD",
      serviceName: "Das Erste HD",
    });
    expect(readOne(0x5b, `${letters("deu")} ${sized("Netz")}`).names).toEqual([
      { languageCode: "deu", networkName: "Netz" },
    ]);
    expect(readOne(0x5d, `${letters("deu")} ${sized("ARD")} ${sized("Eins")}`).names).toEqual([
      { languageCode: "deu", serviceProviderName: "ARD", serviceName: "Eins" },
    ]);
    expect(readOne(0x5e, `09 ${letters("deu")} ${sized("Ton")}`)).toMatchObject({
      componentTag: 9,
      texts: [{ languageCode: "deu", text: "Ton" }],
    });
  });

  test("6.2.35 service_list, 6.2.4 country_availability, 6.2.5 CA_identifier", () => {
    expect(readOne(0x41, "0001 01 0002 02").services).toEqual([
      { serviceId: 1, serviceType: 1, serviceTypeName: "digital television" },
      { serviceId: 2, serviceType: 2, serviceTypeName: "digital radio sound" },
    ]);
    expect(readOne(0x49, `80 ${letters("DEUAUT")}`)).toMatchObject({
      countryAvailability: true,
      countries: ["DEU", "AUT"],
    });
    expect(readOne(0x53, "0500 1800").caSystemIds).toEqual([0x0500, 0x1800]);
  });

  test("6.2.19 linkage: plain, hand-over, event, software update", () => {
    const to = "0001 0002 0003";
    expect(readOne(0x4a, `${to} 05`)).toEqual({
      tag: 0x4a,
      name: "linkage_descriptor",
      transportStreamId: 1,
      originalNetworkId: 2,
      serviceId: 3,
      linkageType: 5,
      linkageTypeName: "service replacement service",
    });
    expect(readOne(0x4a, `${to} 08 2e 0044 0055`)).toMatchObject({
      handOverType: 2,
      originType: "NIT",
      networkId: 0x44,
      initialServiceId: 0x55,
    });
    expect(readOne(0x4a, `${to} 0d 0009 80 ff`)).toMatchObject({
      targetEventId: 9,
      targetListed: true,
      eventSimulcast: false,
      privateData: "ff",
    });
    expect(readOne(0x4a, `${to} 09 06 00015a 02 abcd 77`)).toMatchObject({
      ouis: [{ oui: 0x15a, selector: "abcd" }],
      privateData: "77",
    });
    expect(readOne(0x4a, `${to} 09 06 00015a 09 ab cd`).malformed).toBe("fields beyond descriptor_length");
  });

  test("6.2.26 NVOD_reference and time_shifted ones, 6.2.34 service_move", () => {
    expect(readOne(0x4b, "0001 0002 0003").services).toEqual([
      { transportStreamId: 1, originalNetworkId: 2, serviceId: 3 },
    ]);
    expect(readOne(0x4c, "0003").referenceServiceId).toBe(3);
    expect(readOne(0x4f, "0003 0004")).toMatchObject({ referenceServiceId: 3, referenceEventId: 4 });
    expect(readOne(0x60, "0001 0002 0003")).toMatchObject({ newTransportStreamId: 2 });
    expect(readOne(0x7f, "0b 0001 0002 0003")).toMatchObject({ oldServiceId: 3 });
  });

  test("6.2.42 telephone, 6.2.3 announcement_support, availability and content management", () => {
    expect(readOne(0x57, `e1 a8 92 ${letters("+11")}`).malformed).toBeDefined();
    // Lengths 1, 0, 0, 1 and 2.
    expect(readOne(0x57, `e1 a0 12 ${letters("4089")}`)).toMatchObject({
      foreignAvailability: true,
      connectionType: 1,
      countryPrefix: "4",
      nationalAreaCode: "0",
      coreNumber: "89",
    });
    expect(readOne(0x6e, "0003 00 11 0001 0002 0003 07")).toMatchObject({
      announcementSupportIndicator: 3,
      announcements: [
        { announcementType: 0, referenceType: 0 },
        {
          announcementType: 1,
          referenceType: 1,
          originalNetworkId: 1,
          transportStreamId: 2,
          serviceId: 3,
          componentTag: 7,
        },
      ],
    });
    expect(readOne(0x72, "ff 0001 0002")).toMatchObject({ available: true, cellIds: [1, 2] });
    expect(readOne(0x7e, "fd")).toMatchObject({
      userDefined: true,
      doNotScramble: true,
      controlRemoteAccessOverInternet: 2,
      doNotApplyRevocation: true,
    });
    expect(readOne(0x7d, "0001 0002 1a")).toMatchObject({ xaitVersionNumber: 3, xaitUpdatePolicy: 2 });
    expect(readOne(0x73, letters("example.org")).defaultAuthority).toBe("example.org");
  });

  test("values that are not in a table", () => {
    expect([serviceTypeName(0x99), serviceTypeName(0xff)]).toEqual(["user defined", "reserved"]);
    expect([genreName(0x0f), genreName(0x0d)]).toEqual(["user defined", "reserved"]);
    expect([linkageTypeName(0x10), linkageTypeName(0x90), linkageTypeName(0x70)]).toEqual([
      "extended event linkage",
      "user defined",
      "reserved",
    ]);
    expect([streamContentName(9, 0), streamContentName(0x0b, 0x0f), streamContentName(0x0c, 0)]).toEqual([
      "HEVC video",
      "component combination or feature",
      "user defined",
    ]);
  });
});

describe("EN 300 468 6.2: events", () => {
  test("6.2.37 short_event and 6.2.15 extended_event", () => {
    expect(readOne(0x4d, `${letters("eng")} ${sized("News")} ${sized("Of the day")}`)).toMatchObject({
      languageCode: "eng",
      eventName: "News",
      text: "Of the day",
    });
    const items = `${sized("Cast")} ${sized("A, B")}`.replaceAll(" ", "");
    const length = Buffer.of(items.length / 2).toString("hex");
    expect(readOne(0x4e, `01 ${letters("eng")} ${length} ${items} ${sized("More")}`)).toMatchObject({
      descriptorNumber: 0,
      lastDescriptorNumber: 1,
      items: [{ itemDescription: "Cast", item: "A, B" }],
      text: "More",
    });
  });

  test("6.2.8 component, 6.2.9 content, 6.2.28 parental_rating", () => {
    expect(readOne(0x50, `f1 03 02 ${letters("eng")} ${letters("16:9")}`)).toMatchObject({
      streamContentExt: 15,
      streamContent: 1,
      streamContentName: "MPEG-2 video",
      componentType: 3,
      componentTag: 2,
      text: "16:9",
    });
    expect(readOne(0x54, "43 00").contents).toEqual([
      { contentNibbleLevel1: 4, contentNibbleLevel2: 3, userByte: 0, genre: "sports" },
    ]);
    expect(readOne(0x55, `${letters("FRA")} 09 ${letters("GBR")} 00`).ratings).toEqual([
      { countryCode: "FRA", rating: 9, minimumAge: 12 },
      { countryCode: "GBR", rating: 0, minimumAge: null },
    ]);
  });

  test("6.2.20 local_time_offset, before and behind UTC", () => {
    const change = "c0 79 12 45 00";
    expect(
      readOne(0x58, `${letters("DEU")} 02 0100 ${change} 0200 ${letters("BRA")} 07 0330 ${change} 0000`)
        .offsets,
    ).toEqual([
      {
        countryCode: "DEU",
        countryRegionId: 0,
        localTimeOffsetMinutes: 60,
        timeOfChange: "1993-10-13T12:45:00Z",
        nextTimeOffsetMinutes: 120,
      },
      {
        countryCode: "BRA",
        countryRegionId: 1,
        localTimeOffsetMinutes: -210,
        timeOfChange: "1993-10-13T12:45:00Z",
        nextTimeOffsetMinutes: 0,
      },
    ]);
  });

  test("PDC, TVA_id, content_identifier", () => {
    // Day 15, month 6, 20:15.
    const pil = ((15 << 15) | (6 << 11) | (20 << 6) | 15).toString(16).padStart(5, "0");
    expect(readOne(0x69, `f${pil}`)).toMatchObject({ day: 15, month: 6, hour: 20, minute: 15 });
    expect(readOne(0x75, "0007 fc").ids).toEqual([{ tvaId: 7, runningStatus: 4 }]);
    expect(readOne(0x76, `c4 ${sized("/a")} c9 0007`).crids).toEqual([
      { cridType: 49, cridLocation: 0, crid: "/a" },
      { cridType: 50, cridLocation: 1, cridRef: 7 },
    ]);
  });
});

describe("EN 300 468 6.2: streams", () => {
  test("6.2.43 teletext: pages as viewers know them", () => {
    expect(readOne(0x56, `${letters("fra")} 28 88 ${letters("deu")} 11 5f`).pages).toEqual([
      {
        languageCode: "fra",
        teletextType: 5,
        teletextTypeName: "subtitle page for hearing impaired people",
        magazineNumber: 0,
        pageNumber: 0x88,
        page: 888,
      },
      {
        languageCode: "deu",
        teletextType: 2,
        teletextTypeName: "subtitle page",
        magazineNumber: 1,
        pageNumber: 0x5f,
        page: null,
      },
    ]);
  });

  test("6.2.47 VBI_data, 6.2.41 subtitling", () => {
    expect(readOne(0x45, "01 02 e7 c8 03 01 ff").services).toEqual([
      {
        dataServiceId: 1,
        lines: [
          { fieldParity: true, lineOffset: 7 },
          { fieldParity: false, lineOffset: 8 },
        ],
      },
      { dataServiceId: 3, reserved: "ff" },
    ]);
    expect(readOne(0x59, `${letters("fra")} 20 0003 0004`).subtitles).toEqual([
      {
        languageCode: "fra",
        subtitlingType: 0x20,
        subtitlingTypeName: "DVB subtitles for the hard of hearing",
        compositionPageId: 3,
        ancillaryPageId: 4,
      },
    ]);
  });

  test("data broadcasts and applications", () => {
    expect(readOne(0x64, `000a 05 01 ff ${letters("eng")} ${sized("SSU")}`)).toMatchObject({
      dataBroadcastId: 10,
      componentTag: 5,
      selector: "ff",
      text: "SSU",
    });
    expect(readOne(0x66, "0007")).not.toHaveProperty("selector");
    expect(readOne(0x66, "0123 0010")).toMatchObject({ dataBroadcastId: 0x123, selector: "0010" });
    expect(readOne(0x6f, "0010 e3").applications).toEqual([{ applicationType: 0x10, aitVersionNumber: 3 }]);
  });

  test("annexes D, G, H: AC-3, enhanced AC-3, DTS, AAC", () => {
    expect(readOne(0x6a, "c0 42 08 aa")).toMatchObject({
      componentType: 0x42,
      bsid: 8,
      additionalInfo: "aa",
    });
    expect(readOne(0x7a, "8c 42 01")).toMatchObject({
      mixInfoExists: true,
      componentType: 0x42,
      substream1: 1,
    });
    expect(readOne(0x7b, "d3c3c7fca8")).toMatchObject({ sampleRateCode: 13, bitRateCode: 15, lfe: false });
    expect(readOne(0x7c, "58")).toEqual({ tag: 0x7c, name: "AAC_descriptor", profileAndLevel: 0x58 });
    expect(readOne(0x7c, "58 bf 01")).toMatchObject({ saocDe: false, aacType: 1 });
  });

  test("7.2.1 partial_transport_stream: all ones is undefined", () => {
    expect(readOne(0x63, "c02710 ffffff ffff")).toMatchObject({
      peakRateBps: 4_000_000,
      minimumOverallSmoothingRateBps: null,
      maximumOverallSmoothingBufferBytes: null,
    });
    expect(readOne(0x63, "c00001 c00002 c003")).toMatchObject({
      minimumOverallSmoothingRateBps: 800,
      maximumOverallSmoothingBufferBytes: 3,
    });
  });

  test("small ones", () => {
    expect(readOne(0x61, "41")).toMatchObject({ sbSize: 1, sbLeakRate: 1 });
    expect(readOne(0x65, "10").scramblingMode).toBe(0x10);
    expect(readOne(0x6b, "40").ancillaryDataIdentifier).toBe(0x40);
    expect(readOne(0x70, "01").adaptationFieldDataIdentifier).toBe(1);
    expect(readOne(0x78, "0500 0064 ff")).toMatchObject({ ecmRepetitionRateMs: 100, privateData: "ff" });
    expect(readOne(0x67, letters("CONA")).text).toBe("CONA");
  });
});

describe("EN 300 468 6.2.13 and 6.4.6: delivery systems", () => {
  test("satellite: Astra 19.2 east, 11.83650 GHz", () => {
    expect(readOne(0x43, "01183650 0192 a1 02750003")).toEqual({
      tag: 0x43,
      name: "satellite_delivery_system_descriptor",
      frequencyHz: 11_836_500_000,
      orbitalPositionDegrees: 19.2,
      orbitalDirection: "east",
      polarization: "linear vertical",
      modulationSystem: "DVB-S",
      modulationType: "QPSK",
      symbolRateBaud: 27_500_000,
      fecInner: "3/4",
    });
    expect(readOne(0x43, "01183650 0192 8e 02750003")).toMatchObject({
      modulationSystem: "DVB-S2",
      rollOff: "0.25",
      modulationType: "8PSK",
    });
    expect(readOne(0x43, "0118365a 0192 a1 0275000f")).toMatchObject({ frequencyHz: null, fecInner: "none" });
  });

  test("cable: 346 MHz, 256-QAM, 6.9 Msymbol/s", () => {
    expect(readOne(0x44, "03460000 fff2 05 0069000f")).toMatchObject({
      frequencyHz: 346_000_000,
      fecOuter: "RS(204/188)",
      modulation: "256-QAM",
      symbolRateBaud: 6_900_000,
      fecInner: "none",
    });
  });

  test("terrestrial: 474 MHz, 8k, 64-QAM", () => {
    expect(readOne(0x5a, "02d34440 1f 81 1a ffffffff")).toMatchObject({
      centreFrequencyHz: 474_000_000,
      bandwidthMhz: 8,
      highPriority: true,
      timeSlicing: false,
      mpeFec: false,
      constellation: "64-QAM",
      codeRateHp: "2/3",
      codeRateLp: "1/2",
      guardInterval: "1/4",
      transmissionMode: "8k",
      otherFrequency: false,
    });
  });

  test("S2", () => {
    expect(readOne(0x79, "d7 fc0007 05")).toMatchObject({
      scramblingSequenceIndex: 7,
      multipleInputStream: true,
      inputStreamIdentifier: 5,
      tsGsMode: 3,
    });
    expect(readOne(0x79, "07 09").timesliceNumber).toBe(9);
  });

  test("T2 and C2 in the extension_descriptor", () => {
    expect(readOne(0x7f, "04 01 0002")).toEqual({
      tag: 0x7f,
      extensionTag: 4,
      name: "T2_delivery_system_descriptor",
      plpId: 1,
      t2SystemId: 2,
    });
    expect(readOne(0x7f, "04 01 0002 03 90 0007 02d34440 05 01 02d34440")).toMatchObject({
      sisoMiso: "SISO",
      bandwidthMhz: 8,
      guardInterval: "1/128",
      transmissionMode: "16k",
      tfs: false,
      cells: [
        {
          cellId: 7,
          centreFrequenciesHz: [474_000_000],
          transposers: [{ cellIdExtension: 1, transposerFrequencyHz: 474_000_000 }],
        },
      ],
    });
    expect(readOne(0x7f, "04 01 0002 03 91 0007 04 02d34440 00").cells).toEqual([
      { cellId: 7, centreFrequenciesHz: [474_000_000], transposers: [] },
    ]);
    expect(readOne(0x7f, "0d 01 02 1443fd00 09")).toMatchObject({
      dataSliceId: 2,
      c2SystemTuningFrequencyHz: 340_000_000,
      guardInterval: "1/64",
    });
  });

  test("6.2.17 frequency_list by coding_type", () => {
    expect(readOne(0x62, "fd 01183650").frequenciesHz).toEqual([11_836_500_000]);
    expect(readOne(0x62, "fe 03460000").frequenciesHz).toEqual([346_000_000]);
    expect(readOne(0x62, "ff 02d34440").frequenciesHz).toEqual([474_000_000]);
    expect(readOne(0x62, "fc 02d34440").frequencies).toBe("02d34440");
  });

  test("6.2.6 cell_list, 6.2.7 cell_frequency_link", () => {
    expect(readOne(0x6c, "0001 4000 c000 001001 08 02 2000 2000 001001").cells).toEqual([
      {
        cellId: 1,
        latitudeDegrees: 45,
        longitudeDegrees: -90,
        extentOfLatitudeDegrees: 90 / 2 ** 15,
        extentOfLongitudeDegrees: 180 / 2 ** 15,
        subcells: [
          {
            cellIdExtension: 2,
            latitudeDegrees: 22.5,
            longitudeDegrees: 45,
            extentOfLatitudeDegrees: 90 / 2 ** 15,
            extentOfLongitudeDegrees: 180 / 2 ** 15,
          },
        ],
      },
    ]);
    expect(readOne(0x6d, "0001 02d34440 05 02 02d34440").cells).toEqual([
      {
        cellId: 1,
        frequencyHz: 474_000_000,
        transposers: [{ cellIdExtension: 2, transposerFrequencyHz: 474_000_000 }],
      },
    ]);
  });
});

describe("EN 300 468 6.4: other extension descriptors", () => {
  test("content protection, messages, T2-MI, URI linkage", () => {
    expect(readOne(0x7f, "02 0001 e123")).toMatchObject({ cpSystemId: 1, cpPid: 0x123 });
    expect(readOne(0x7f, `08 01 ${letters("eng")} ${letters("Hello")}`)).toMatchObject({
      messageId: 1,
      text: "Hello",
    });
    expect(readOne(0x7f, "11 00 01 01")).toMatchObject({
      t2miStreamId: 0,
      t2miStreams: 2,
      pcrIscrCommonClock: true,
    });
    expect(readOne(0x7f, `13 00 ${sized("http://a/")} 000a`)).toMatchObject({
      uri: "http://a/",
      minPollingIntervalSeconds: 20,
    });
  });

  test("AC-4, audio preselection, TTML", () => {
    expect(readOne(0x7f, "15 c0 c0 02 aabb cc")).toMatchObject({
      dialogEnhancementEnabled: true,
      channelMode: 2,
      toc: "aabb",
      additionalInfo: "cc",
    });
    expect(readOne(0x7f, `19 08 09 8f ${letters("eng")} 05 20 07 01 ff`).preselections).toEqual([
      {
        preselectionId: 1,
        audioRenderingIndication: 1,
        audioDescription: true,
        spokenSubtitles: false,
        dialogueEnhancement: false,
        interactivityEnabled: false,
        languageCode: "eng",
        messageId: 5,
        auxComponentTags: [7],
        extension: "ff",
      },
    ]);
    expect(readOne(0x7f, `20 ${letters("deu")} 41 41 02 00000001`)).toMatchObject({
      languageCode: "deu",
      subtitlePurpose: 0x10,
      profiles: [2],
      qualifier: 1,
    });
  });
});

describe("TS 102 809 5.3: application information", () => {
  const ait = { tableId: 0x74 };

  test("application and its name", () => {
    expect(readOne(0x00, "05 0000 010201 ff 05 01", ait)).toMatchObject({
      name: "application_descriptor",
      profiles: [{ applicationProfile: 0, version: "1.2.1" }],
      serviceBound: true,
      visibility: 3,
      applicationPriority: 5,
      transportProtocolLabels: [1],
    });
    expect(readOne(0x01, `${letters("eng")} ${sized("Red button")}`, ait).names).toEqual([
      { languageCode: "eng", applicationName: "Red button" },
    ]);
    expect(readOne(0x16, "01", ait).usageType).toBe(1);
  });

  test("transport protocols: carousel, HTTP, others", () => {
    expect(readOne(0x02, "0001 01 ff 0001 0002 0003 05", ait)).toMatchObject({
      remote: { originalNetworkId: 1, transportStreamId: 2, serviceId: 3 },
      componentTag: 5,
    });
    expect(readOne(0x02, "0001 01 7f 05", ait)).toMatchObject({ transportProtocolLabel: 1, componentTag: 5 });
    expect(readOne(0x02, `0003 02 ${sized("http://a/")} 01 ${sized("b")}`, ait).urls).toEqual([
      { urlBase: "http://a/", urlExtensions: ["b"] },
    ]);
    expect(readOne(0x02, "0002 03 abcd", ait).selector).toBe("abcd");
  });

  test("authorization, icons, boundary", () => {
    expect(readOne(0x05, "00000001 0002 03", ait).applications).toEqual([
      { organisationId: 1, applicationId: 2, applicationPriority: 3 },
    ]);
    expect(readOne(0x0b, `${sized("/i")} 0001`, ait)).toMatchObject({ iconLocator: "/i", iconFlags: 1 });
    expect(readOne(0x17, `01 ${sized("http://a")}`, ait).boundaryExtensions).toEqual(["http://a"]);
  });
});
