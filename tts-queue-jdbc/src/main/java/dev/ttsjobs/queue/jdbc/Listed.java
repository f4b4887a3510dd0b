package dev.ttsjobs.queue.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A row of a list.
 *
 * @param place where in the list it stands
 * @param value what it holds; null where this version cannot read it
 */
record Listed<P, T>(P place, @Nullable T value) {

    /**
     * The readable rows of a page, which is filled up with those behind it: whoever gets fewer than he asked for takes it for
     * the end of the list.
     *
     * @param start behind which place it begins
     * @param read reads so many rows behind a place, in order
     */
    static <P, T> List<T> page(P start, int limit, BiFunction<P, Integer, List<Listed<P, T>>> read) {
        List<T> page = new ArrayList<>();
        P place = start;
        while (true) {
            int asked = limit - page.size();
            List<Listed<P, T>> rows = read.apply(place, asked);
            for (Listed<P, T> row : rows) {
                T value = row.value;
                if (value != null) {
                    page.add(value);
                }
                place = row.place;
            }
            if (rows.size() < asked || page.size() >= limit) {
                return page;
            }
        }
    }
}
