package dev.ttsjobs.job;

import dev.ttsjobs.failure.TtsException;
import java.util.List;
import java.util.stream.Collectors;

/** A request was refused before anything was written. {@link #problems()} says all that is wrong with it at once. */
public final class InvalidJobException extends TtsException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidJobException(List<Problem> problems) {
        super(problems.stream()
                .limit(5)
                .map(problem -> problem.field() + ": " + problem.message())
                .collect(Collectors.joining("; ", "", problems.size() > 5 ? "; …" : "")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /**
     * One thing that is wrong with a request.
     *
     * @param field where, such as {@code phrases[3].texts.fr}
     * @param code what, for programs that say it in another language: one of {@code SpokenText.Problem}, {@code too_many},
     *     {@code pronunciation}, {@code not_joinable}, or that of a text check's own finding
     * @param message what, in one English sentence without the user's text
     */
    public record Problem(String field, String code, String message) {}
}
