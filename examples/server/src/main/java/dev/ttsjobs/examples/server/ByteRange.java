package dev.ttsjobs.examples.server;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file that was asked for (RFC 9110, section 14).
 *
 * @param first the first byte, from 0
 * @param last the last byte, included; before the first one when there is no such part
 */
record ByteRange(long first, long last) {

    private static final Pattern ONE_RANGE =
            Pattern.compile("\\s*bytes\\s*=\\s*([0-9]{0,18})\\s*-\\s*([0-9]{0,18})\\s*");

    /** The one part that a header asks of a file; empty when it asks for none, or for what may be answered as a whole. */
    static Optional<ByteRange> of(@Nullable String header, long length) {
        Matcher matcher = header == null ? null : ONE_RANGE.matcher(header);
        if (matcher == null || !matcher.matches()) {
            return Optional.empty();
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            if (last.isEmpty()) {
                return Optional.empty();
            }
            long suffix = Long.parseLong(last);
            return Optional.of(new ByteRange(suffix == 0 ? length : Math.max(0, length - suffix), length - 1));
        }
        long from = Long.parseLong(first);
        if (last.isEmpty()) {
            return Optional.of(new ByteRange(from, length - 1));
        }
        long to = Long.parseLong(last);
        // The wrong way round is no range at all.
        return to < from ? Optional.empty() : Optional.of(new ByteRange(from, Math.min(to, length - 1)));
    }

    boolean isSatisfiable() {
        return first <= last;
    }

    long length() {
        return last - first + 1;
    }
}
