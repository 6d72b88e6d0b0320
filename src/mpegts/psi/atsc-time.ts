import { rfc3339 } from "./dvb-time.ts";

/** 1980-01-06T00:00:00Z in seconds since 1970: where system_time counts from (A/65 6.1). */
const GPS_EPOCH_UNIX_SECONDS = 315_964_800;

/** UTC in RFC 3339 of GPS seconds, of which `gpsUtcOffset` are leap seconds. */
export function atscUtcTime(gpsSeconds: number, gpsUtcOffset: number): string {
  return rfc3339(GPS_EPOCH_UNIX_SECONDS + gpsSeconds - gpsUtcOffset);
}

/** The same without the leap seconds known, for tables that do not state them: up to 18 s late. */
export function atscGpsTime(gpsSeconds: number): string {
  return rfc3339(GPS_EPOCH_UNIX_SECONDS + gpsSeconds).replace("Z", "");
}
