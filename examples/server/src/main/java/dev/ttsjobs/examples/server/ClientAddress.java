package dev.ttsjobs.examples.server;

import io.javalin.http.Context;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** Where a call comes from, through a proxy too. Stateless, thread-safe. */
final class ClientAddress {

    /** Digits, letters of hexadecimal numbers, points and colons: an address that needs no name service. */
    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F.:]{2,45}");

    private ClientAddress() {}

    /**
     * The address of the connection; where that is a proxy on this machine or in its private network, the last address of
     * {@code X-Forwarded-For}, which is the one that the proxy itself has seen.
     */
    static String of(Context ctx) {
        String peer = ctx.req().getRemoteAddr();
        // Some proxies add to the client's own line, some put one of their own behind it.
        List<String> lines = Collections.list(ctx.req().getHeaders("X-Forwarded-For"));
        if (lines.isEmpty() || !isNear(peer)) {
            return peer;
        }
        String forwarded = lines.get(lines.size() - 1);
        String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
        return LITERAL.matcher(last).matches() ? last : peer;
    }

    private static boolean isNear(String peer) {
        try {
            InetAddress address = InetAddress.getByName(peer);
            // Of version 6, the private networks of today begin with fc or fd (RFC 4193).
            boolean unique = address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
            return unique || address.isLoopbackAddress() || address.isSiteLocalAddress();
        } catch (UnknownHostException e) {
            // The container gives literals; anything else is no proxy of ours.
            return false;
        }
    }
}
