package dev.ttsjobs.examples.worker;

import dev.ttsjobs.openai.ApiKey;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads environment variables and keeps what is wrong with them, so that all of it can be said at once. An empty variable
 * counts as not set. Not thread-safe.
 */
final class Environment {

    private final Map<String, String> variables;
    private final List<String> problems = new ArrayList<>();
    private final Set<String> asked = new TreeSet<>();

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    @Nullable
    String text(String name) {
        asked.add(name);
        String value = variables.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, String otherwise) {
        String value = text(name);
        return value == null ? otherwise : value;
    }

    @Nullable
    Secret secret(String name) {
        String value = text(name);
        return value == null ? null : new Secret(value);
    }

    /** A key for a provider, which must be able to stand in a header. */
    @Nullable
    Secret apiKey(String name) {
        Secret key = secret(name);
        if (key != null) {
            try {
                ApiKey.of(key.value());
            } catch (IllegalArgumentException e) {
                refuse(name, "must be printable ASCII without spaces or line breaks");
            }
        }
        return key;
    }

    int integer(String name, int otherwise, int least, int most) {
        String value = text(name);
        if (value == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, together with the range.
        }
        refuse(name, "must be a whole number from " + least + " to " + most);
        return otherwise;
    }

    @Nullable
    Double positive(String name) {
        String value = text(name);
        if (value == null) {
            return null;
        }
        try {
            double number = Double.parseDouble(value);
            if (number > 0 && number <= 1e9) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        refuse(name, "must be a number above 0, and 1000000000 at most");
        return null;
    }

    BigDecimal price(String name, BigDecimal otherwise) {
        String value = text(name);
        if (value == null) {
            return otherwise;
        }
        try {
            BigDecimal price = new BigDecimal(value);
            if (value.length() <= 20 && price.signum() >= 0 && price.compareTo(BigDecimal.valueOf(1_000_000)) <= 0) {
                return price;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        refuse(name, "must be a price from 0 to 1000000");
        return otherwise;
    }

    boolean flag(String name, boolean otherwise) {
        String value = text(name, Boolean.toString(otherwise)).toLowerCase(Locale.ROOT);
        if (!value.equals("true") && !value.equals("false")) {
            refuse(name, "must be true or false");
        }
        return value.equals("true");
    }

    Path path(String name, String otherwise) {
        try {
            return Path.of(text(name, otherwise));
        } catch (InvalidPathException e) {
            refuse(name, "is not a path");
            return Path.of(otherwise);
        }
    }

    /** An address of the web; null when the variable is not set. */
    @Nullable
    URI webAddress(String name) {
        String value = text(name);
        if (value == null) {
            return null;
        }
        try {
            URI uri = new URI(value);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        refuse(name, "must be an address such as https://example.org/path");
        return null;
    }

    <E extends Enum<E>> E oneOf(String name, Class<E> values, E otherwise) {
        String value = text(name);
        if (value == null) {
            return otherwise;
        }
        List<String> known = new ArrayList<>();
        for (E each : values.getEnumConstants()) {
            String word = each.name().toLowerCase(Locale.ROOT);
            if (word.equals(value)) {
                return each;
            }
            known.add(word);
        }
        refuse(name, "must be " + String.join(" or ", known));
        return otherwise;
    }

    /** What a constructor makes of a value, or the otherwise when it refuses. */
    <T> T made(String name, T otherwise, Function<String, T> constructor) {
        String value = text(name);
        if (value == null) {
            return otherwise;
        }
        try {
            return constructor.apply(value);
        } catch (IllegalArgumentException e) {
            refuse(name, String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    /** The names that were looked up so far. */
    Set<String> asked() {
        return Set.copyOf(asked);
    }

    /** The names that begin with a prefix and have a value, in order. */
    List<String> namesWith(String prefix) {
        return variables.keySet().stream()
                .filter(name -> name.startsWith(prefix) && text(name) != null)
                .sorted()
                .toList();
    }

    /** Never shows the value: it may be a secret put into the wrong variable. */
    void refuse(String name, String why) {
        problems.add(name + ": " + why);
    }

    /** @throws SettingsException when something was refused */
    void check() {
        if (!problems.isEmpty()) {
            throw new SettingsException(String.join("; ", problems));
        }
    }
}
