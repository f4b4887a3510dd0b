package dev.ttsjobs.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a JSON object and keeps what is wrong with them, so that all of it can be said at once. */
final class Fields {

    /** More than this many refusals help nobody. */
    private static final int MOST = 100;

    private final JsonNode object;
    private final String prefix;
    private final List<Problem.Field> problems;

    private Fields(JsonNode object, String prefix, List<Problem.Field> problems) {
        this.object = object;
        this.prefix = prefix;
        this.problems = problems;
    }

    static Fields of(JsonNode object) {
        return new Fields(object, "", new ArrayList<>());
    }

    /** A text of so many characters at most; empty, and refused, when it is not one. */
    String required(String name, int longest) {
        String text = optional(name, longest);
        if (text != null && text.isBlank()) {
            refuse(name, "empty", "must not be empty");
        } else if (text == null && !refused(name)) {
            refuse(name, "missing", "is missing");
        }
        return text == null ? "" : text;
    }

    /** A text of so many characters at most; null when it is left out. */
    @Nullable
    String optional(String name, int longest) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return null;
        }
        return text(node, name, longest);
    }

    boolean flag(String name) {
        JsonNode node = object.get(name);
        if (node == null || node.isNull()) {
            return false;
        }
        if (!node.isBoolean()) {
            refuse(name, "wrong_type", "must be true or false");
        }
        return node.booleanValue();
    }

    /** The elements of an array, of which there may be so many; empty, and refused, when it is none. */
    List<JsonNode> array(String name, int most) {
        JsonNode node = object.get(name);
        if (node == null || !node.isArray()) {
            if (node == null) {
                refuse(name, "missing", "is missing");
            } else {
                refuse(name, "wrong_type", "must be a list");
            }
            return List.of();
        }
        if (node.size() > most) {
            refuse(name, "too_many", most, "there are " + node.size() + ", and at most " + most + " are taken");
            return List.of();
        }
        List<JsonNode> elements = new ArrayList<>(node.size());
        node.forEach(elements::add);
        return elements;
    }

    /** The texts of an array. */
    List<String> texts(String name, int most, int longest) {
        List<String> texts = new ArrayList<>();
        List<JsonNode> nodes = array(name, most);
        for (int i = 0; i < nodes.size(); i++) {
            texts.add(String.valueOf(text(nodes.get(i), name + "[" + i + "]", longest)));
        }
        return texts;
    }

    /** The object at a place, whose problems count among this one's. */
    Fields inside(JsonNode node, String place) {
        if (!node.isObject()) {
            refuse(place, "wrong_type", "must be an object");
        }
        return new Fields(node, prefix + place + ".", problems);
    }

    boolean has(String name) {
        return object.hasNonNull(name);
    }

    @Nullable
    JsonNode get(String name) {
        return object.get(name);
    }

    private @Nullable String text(JsonNode node, String name, int longest) {
        if (!node.isTextual()) {
            refuse(name, "wrong_type", "must be a text");
            return null;
        }
        String text = node.textValue();
        if (text.length() > longest) {
            refuse(name, "too_long", longest, "must have at most " + longest + " characters");
            return null;
        }
        if (!isStorable(text)) {
            refuse(name, "bad_character", "holds a character that cannot be stored");
            return null;
        }
        return text;
    }

    /** Databases refuse the NUL character and half characters. */
    static boolean isStorable(String text) {
        return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
    }

    void refuse(String name, String code, String message) {
        refuse(name, code, null, message);
    }

    /** @param limit the number that was passed, for those who say it in another language */
    void refuse(String name, String code, @Nullable Integer limit, String message) {
        problems.add(new Problem.Field(prefix + name, code, limit, message));
    }

    private boolean refused(String name) {
        return problems.stream().anyMatch(problem -> problem.field().equals(prefix + name));
    }

    /** @throws Problem when something was refused */
    void check() {
        if (!problems.isEmpty()) {
            throw Problem.invalid(List.copyOf(problems.subList(0, Math.min(MOST, problems.size()))));
        }
    }
}
