import { rfc3339 } from "./dvb-time.ts";

/** 1980-01-06T00:00:00Z in seconds since 1970: where system_time and start_time count from (A/65 6.1). */
const GPS_EPOCH_UNIX_SECONDS = 315_964_800;

/** Days on which UTC fell one more second behind GPS (IERS Bulletin C). */
const LEAP_DAYS = [
  "1981-07-01",
  "1982-07-01",
  "1983-07-01",
  "1985-07-01",
  "1988-01-01",
  "1990-01-01",
  "1991-01-01",
  "1992-07-01",
  "1993-07-01",
  "1994-07-01",
  "1996-01-01",
  "1997-07-01",
  "1999-01-01",
  "2006-01-01",
  "2009-01-01",
  "2012-07-01",
  "2015-07-01",
  "2017-01-01",
];
/** The same as GPS seconds: the n-th day starts n seconds late. */
const LEAP_GPS_SECONDS = LEAP_DAYS.map(
  (day, i) => Date.parse(`${day}T00:00:00Z`) / 1000 - GPS_EPOCH_UNIX_SECONDS + i + 1,
);

/** Seconds that UTC is behind GPS at `gpsSeconds`: 18 since 2017. */
export function gpsUtcOffsetSeconds(gpsSeconds: number): number {
  return LEAP_GPS_SECONDS.filter((leap) => gpsSeconds >= leap).length;
}

/** UTC in RFC 3339 of GPS seconds; `offsetSeconds` is GPS_UTC_offset where the stream states it. */
export function atscUtcTime(gpsSeconds: number, offsetSeconds = gpsUtcOffsetSeconds(gpsSeconds)): string {
  return rfc3339(GPS_EPOCH_UNIX_SECONDS + gpsSeconds - offsetSeconds);
}
