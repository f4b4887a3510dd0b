package dev.ttsjobs.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * Where webhooks may go. An address that a user wrote must not make the server call its own network, so it is looked at
 * twice: as it is written, and each time it is called, after its name was resolved and before anything is connected to.
 */
public enum WebhookGuard {

    /**
     * Only {@code https}, only the public internet, on port 443 or one from 1024 on. Refused are loopback, private,
     * link-local, carrier-grade NAT, multicast and reserved addresses, the IPv6 forms that carry an IPv4 address, and hosts
     * written as numbers in any other way than four decimal ones.
     */
    PUBLIC_ONLY,

    /** Anywhere, by {@code http} too: for receivers beside the server, and for tests. */
    ANYWHERE;

    /** What some resolvers take for an IPv4 address: numbers, also hexadecimal, also fewer than four. */
    private static final Pattern NUMBERS = Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]+))*\\.?");

    private static final Pattern PLAIN_IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

    private static final List<String> NAMES_OF_HOME =
            List.of(".localhost", ".local", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa");

    /** What keeps webhooks from being sent to a URL, as far as the URL itself shows it; empty when nothing does. */
    public Optional<String> problem(String url) {
        HttpUrl parsed = HttpUrl.parse(url);
        if (parsed == null || !parsed.username().isEmpty() || !parsed.password().isEmpty()) {
            return Optional.of("must be an https address, without a user");
        }
        if (this == ANYWHERE) {
            return Optional.empty();
        }
        if (!parsed.isHttps()) {
            return Optional.of("must be an https address, without a user");
        }
        if (parsed.port() != 443 && parsed.port() < 1024) {
            return Optional.of("must have the port 443, or one from 1024 on");
        }
        return showsHome(parsed.host().toLowerCase(Locale.ROOT))
                ? Optional.of("must not lead into a private network")
                : Optional.empty();
    }

    private static boolean showsHome(String host) {
        if (host.contains(":") || PLAIN_IPV4.matcher(host).matches()) {
            return !isPublic(host);
        }
        String bare = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return NUMBERS.matcher(host).matches()
                || !bare.contains(".")
                || NAMES_OF_HOME.stream().anyMatch(bare::endsWith);
    }

    private static boolean isPublic(String literal) {
        try {
            return PublicAddress.is(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            // A literal that is none leads nowhere, and nowhere is not let through.
            return false;
        }
    }

    /** @throws Refused when one of the addresses is not to be called */
    void vet(List<InetAddress> addresses) throws Refused {
        if (this == PUBLIC_ONLY && !addresses.stream().allMatch(PublicAddress::is)) {
            throw new Refused();
        }
    }

    /** A name leads, today at least, into a private network. */
    static final class Refused extends UnknownHostException {

        private static final long serialVersionUID = 1L;

        Refused() {
            super("the host leads into a private network");
        }
    }
}
