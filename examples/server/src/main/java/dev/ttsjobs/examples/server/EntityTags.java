package dev.ttsjobs.examples.server;

import org.jspecify.annotations.Nullable;

/** {@code If-None-Match} as RFC 9110, section 13.1.2, has it. Stateless, thread-safe. */
final class EntityTags {

    private EntityTags() {}

    /** Whether a header names a tag; weak comparison. */
    static boolean match(@Nullable String header, String tag) {
        if (header == null) {
            return false;
        }
        for (String each : header.split(",")) {
            String one = each.strip();
            if (one.equals("*") || strong(one).equals(strong(tag))) {
                return true;
            }
        }
        return false;
    }

    private static String strong(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
