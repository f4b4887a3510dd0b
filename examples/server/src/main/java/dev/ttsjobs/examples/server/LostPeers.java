package dev.ttsjobs.examples.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Clients that vanished without a word, as when a cable is pulled: the kernel sends to them again and again, for a quarter of
 * an hour, before it says so of itself. Linux lists whom it has no answer from; elsewhere nobody is lost. Stateless, thread-safe.
 */
final class LostPeers {

    /** Both are needed: a connection by version 4 is in the second one when the socket that accepted it takes version 6, too. */
    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

    /** Sent so often without an answer: about three seconds' silence where answers came at once, more where they took longer. */
    private static final int SENT_AGAIN = 4;

    private LostPeers() {}

    static Set<InetSocketAddress> now() {
        Set<InetSocketAddress> lost = new HashSet<>();
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.lines(table, StandardCharsets.US_ASCII)) {
                lost.addAll(in(lines));
            } catch (IOException | RuntimeException e) {
                // No such table here.
            }
        }
        return lost;
    }

    /** By the lines of a table, as the manual page proc(5) has them; the first one names the columns. */
    static Set<InetSocketAddress> in(Stream<String> lines) {
        Set<InetSocketAddress> lost = new HashSet<>();
        lines.skip(1).map(line -> line.strip().split("\\s+")).forEach(columns -> {
            if (columns.length > 6 && Integer.parseInt(columns[6], 16) >= SENT_AGAIN) {
                lost.add(address(columns[2]));
            }
        });
        return lost;
    }

    /** Words of 32 bits in the order of this machine's bytes, which is taken to be the usual one, a colon and the port. */
    private static InetSocketAddress address(String hex) {
        int colon = hex.indexOf(':');
        byte[] words = HexFormat.of().parseHex(hex, 0, colon);
        byte[] bytes = new byte[words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = words[(i & ~3) + 3 - (i & 3)];
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(bytes), Integer.parseInt(hex.substring(colon + 1), 16));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of another length: " + hex, e);
        }
    }
}
