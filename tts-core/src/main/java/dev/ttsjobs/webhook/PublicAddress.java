package dev.ttsjobs.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/**
 * Tells the addresses of the public internet from all others. Stateless, thread-safe. The ranges are those of the IANA
 * special-purpose address registries for IPv4 and IPv6.
 */
final class PublicAddress {

    /** Not to be reached from everywhere, or not one machine. */
    private static final List<Range> SPECIAL = List.of(
            Range.of(8, 0), // this network
            Range.of(8, 10), // private
            Range.of(10, 100, 64), // carrier-grade NAT
            Range.of(8, 127), // loopback
            Range.of(16, 169, 254), // link-local, where clouds keep their metadata
            Range.of(12, 172, 16), // private
            Range.of(24, 192, 0, 0), // protocol assignments
            Range.of(24, 192, 0, 2), // documentation
            Range.of(24, 192, 88, 99), // relays of 6to4
            Range.of(16, 192, 168), // private
            Range.of(15, 198, 18), // benchmarks
            Range.of(24, 198, 51, 100), // documentation
            Range.of(24, 203, 0, 113), // documentation
            Range.of(3, 224)); // multicast, reserved, broadcast

    /** What is given out to machines of the internet. All else is not: mapped, NAT64, unique local, link-local, multicast. */
    private static final Range GLOBAL_UNICAST = Range.of(3, 0x20);

    /** Within global unicast: what carries an IPv4 address, which may be a private one, and what is given to nobody. */
    private static final List<Range> SPECIAL_V6 = List.of(
            Range.of(23, 0x20, 0x01, 0x00), // protocol assignments, Teredo among them
            Range.of(32, 0x20, 0x01, 0x0d, 0xb8), // documentation
            Range.of(16, 0x20, 0x02), // 6to4
            Range.of(20, 0x3f, 0xff)); // documentation

    private PublicAddress() {}

    static boolean is(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address instanceof Inet4Address
                ? SPECIAL.stream().noneMatch(range -> range.holds(bytes))
                : GLOBAL_UNICAST.holds(bytes) && SPECIAL_V6.stream().noneMatch(range -> range.holds(bytes));
    }

    /** The addresses whose first bits are the same. */
    private record Range(byte[] start, int bits) {

        static Range of(int bits, int... start) {
            byte[] bytes = new byte[start.length];
            for (int i = 0; i < start.length; i++) {
                bytes[i] = (byte) start[i];
            }
            return new Range(bytes, bits);
        }

        boolean holds(byte[] address) {
            for (int bit = 0; bit < bits; bit++) {
                int place = bit / 8;
                int mask = 0x80 >> bit % 8;
                int wanted = place < start.length ? start[place] & mask : 0;
                if ((address[place] & mask) != wanted) {
                    return false;
                }
            }
            return true;
        }
    }
}
