/** Numbers of pcap.h, each under its C name. */

export const PCAP_ERRBUF_SIZE = 256;
export const PCAP_NETMASK_UNKNOWN = 0xffffffff;
export const PCAP_TSTAMP_PRECISION_NANO = 1;
export const PCAP_TSTAMP_ADAPTER = 3;
export const PCAP_TSTAMP_ADAPTER_UNSYNCED = 4;

/** Results of pcap_activate and the other calls: below zero is an error, above zero a warning. */
export const PCAP_ERROR = -1;
export const PCAP_ERROR_NO_SUCH_DEVICE = -5;
export const PCAP_ERROR_PERM_DENIED = -8;
export const PCAP_ERROR_IFACE_NOT_UP = -9;
export const PCAP_ERROR_PROMISC_PERM_DENIED = -11;
