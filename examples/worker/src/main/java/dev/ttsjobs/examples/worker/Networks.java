package dev.ttsjobs.examples.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Addresses that belong together, such as those of the proxies in front of a server. Immutable and thread-safe. */
public final class Networks {

    /** Digits, letters of hexadecimal numbers, points and colons: an address that needs no name service. */
    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F.:]{2,45}");

    private static final List<String> PRIVATE =
            List.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10");

    /** This machine itself. */
    public static final Networks LOOPBACK = parse("loopback");

    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    private record Network(byte[] start, int bits) {

        boolean holds(byte[] address) {
            if (address.length != start.length) {
                return false;
            }
            int whole = bits / 8;
            for (int i = 0; i < whole; i++) {
                if (address[i] != start[i]) {
                    return false;
                }
            }
            int rest = bits % 8;
            return rest == 0 || (address[whole] ^ start[whole]) >> (8 - rest) == 0;
        }
    }

    /**
     * Reads a list with commas between.
     *
     * @param text addresses, networks such as {@code 10.1.0.0/16}, and the words {@code loopback}, {@code private} (RFC 1918
     *     and 4193, link-local) and {@code none}
     * @throws IllegalArgumentException when a part of it is none of these
     */
    public static Networks parse(String text) {
        List<Network> networks = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            switch (part.strip()) {
                case "none" -> {}
                case "loopback" -> networks.addAll(List.of(network("127.0.0.0/8"), network("::1")));
                case "private" -> PRIVATE.forEach(each -> networks.add(network(each)));
                default -> networks.add(network(part.strip()));
            }
        }
        return new Networks(networks);
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] start = bytes(slash < 0 ? text : text.substring(0, slash));
        try {
            int bits = slash < 0 ? 8 * start.length : Integer.parseInt(text.substring(slash + 1));
            if (start.length > 0 && bits >= 0 && bits <= 8 * start.length) {
                return new Network(start, bits);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "must be addresses or networks such as 10.1.0.0/16 with commas between, loopback, private or none");
    }

    /** Whether this is an address, written in figures. */
    public static boolean isAddress(String text) {
        return bytes(text).length > 0;
    }

    /** Whether an address, written in figures, is in one of these networks. */
    public boolean hold(String address) {
        byte[] bytes = bytes(address);
        return networks.stream().anyMatch(network -> network.holds(bytes));
    }

    /** One of version 4 that is written as one of version 6 is the one of version 4; none is empty. */
    private static byte[] bytes(String address) {
        // Sockets name the interface of link-local ones.
        int zone = address.indexOf('%');
        String literal = zone < 0 ? address : address.substring(0, zone);
        boolean six = literal.indexOf(':') >= 0;
        if (!LITERAL.matcher(literal).matches() || (!six && !literal.matches("(\\d{1,3}\\.){3}\\d{1,3}"))) {
            return new byte[0];
        }
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            return new byte[0];
        }
    }
}
