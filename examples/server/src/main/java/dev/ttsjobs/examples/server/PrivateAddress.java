package dev.ttsjobs.examples.server;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Tells hosts of private networks by their name alone, without asking the name service. Stateless, thread-safe. */
final class PrivateAddress {

    /** What some resolvers take for an IPv4 address: numbers, also hexadecimal, also fewer than four. */
    private static final Pattern NUMBERS = Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]+))*\\.?");

    private static final Pattern PLAIN_IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

    private PrivateAddress() {}

    /** Whether the host itself shows that it is private, loopback, link-local or the like. */
    static boolean isShownBy(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") || PLAIN_IPV4.matcher(name).matches()) {
            return isPrivate(name);
        }
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return NUMBERS.matcher(name).matches()
                || !bare.contains(".")
                || bare.endsWith(".localhost")
                || bare.endsWith(".local")
                || bare.endsWith(".internal");
    }

    private static boolean isPrivate(String literal) {
        try {
            InetAddress address = InetAddress.getByName(literal);
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress()
                    || address.isMulticastAddress()
                    || (address instanceof Inet4Address && isSpecial(address.getAddress()))
                    || (address instanceof Inet6Address && !isGlobalUnicast(address.getAddress()));
        } catch (UnknownHostException e) {
            // A literal that is none leads nowhere, and nowhere is not let through.
            return true;
        }
    }

    /** This network, carrier-grade NAT (100.64/10), protocol assignments (192.0.0/24), benchmarks (198.18/15), reserved. */
    private static boolean isSpecial(byte[] v4) {
        int a = v4[0] & 0xff;
        int b = v4[1] & 0xff;
        return a == 0
                || (a == 100 && (b & 0xc0) == 64)
                || (a == 192 && b == 0 && v4[2] == 0)
                || (a == 198 && (b & 0xfe) == 18)
                || a >= 240;
    }

    /** 2000::/3, without the ranges that carry an IPv4 address (6to4, Teredo), which may be a private one. */
    private static boolean isGlobalUnicast(byte[] v6) {
        boolean sixToFour = v6[0] == 0x20 && v6[1] == 0x02;
        boolean teredo = v6[0] == 0x20 && v6[1] == 0x01 && v6[2] == 0 && v6[3] == 0;
        return (v6[0] & 0xe0) == 0x20 && !sixToFour && !teredo;
    }
}
