package dev.ttsjobs.examples.server;

import dev.ttsjobs.examples.worker.Networks;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/** Where calls come from, through proxies too. Immutable and thread-safe. */
final class ClientAddress {

    private final Networks proxies;

    /** @param proxies who is believed when it says in {@code X-Forwarded-For} whom it asks for */
    ClientAddress(Networks proxies) {
        this.proxies = proxies;
    }

    /**
     * The address of the connection; where that is a trusted proxy, the last address of {@code X-Forwarded-For}, which is the
     * one that the proxy itself has seen; where that is a trusted proxy again, the one before it, and so on. What stands
     * before the first address that is not trusted may be anybody's invention.
     */
    String of(Context ctx) {
        // Some proxies add to the client's own line, some put one of their own behind it.
        List<String> lines = Collections.list(ctx.req().getHeaders("X-Forwarded-For"));
        return of(ctx.req().getRemoteAddr(), String.join(",", lines));
    }

    String of(String peer, String forwarded) {
        String[] hops = forwarded.split(",", -1);
        String client = peer;
        for (int i = hops.length - 1; i >= 0 && proxies.hold(client); i--) {
            String hop = hops[i].strip();
            if (!Networks.isAddress(hop)) {
                break;
            }
            client = hop;
        }
        return client;
    }

    /** What counts as one: of version 6 the first 64 bits, for whoever has one of those addresses has them all. */
    static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
        } catch (UnknownHostException e) {
            // It is a literal, so this is no question to a name service; whatever it is, it counts for itself.
            return address;
        }
    }
}
