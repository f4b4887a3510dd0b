package dev.ttsjobs.examples.spring;

import dev.ttsjobs.job.InvalidJobException;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Cards over HTTP. */
@RestController
class CardRoutes {

    private final Cards cards;

    CardRoutes(Cards cards) {
        this.cards = cards;
    }

    /** New cards in one language. */
    record NewCards(String language, List<String> texts) {

        NewCards {
            if (language == null || texts == null || texts.contains(null)) {
                throw new IllegalArgumentException("language and texts must be given");
            }
        }
    }

    @PostMapping("/decks/{deck}/cards")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Map<String, String> add(@PathVariable String deck, @RequestBody NewCards body) {
        return Map.of("job", cards.add(deck, body.language(), body.texts()).toString());
    }

    @GetMapping("/decks/{deck}/cards")
    List<Cards.Card> list(@PathVariable String deck) {
        return cards.of(deck);
    }

    /** Texts that cannot be spoken, or no texts: the cards were not added either. */
    @ExceptionHandler({InvalidJobException.class, IllegalArgumentException.class})
    ProblemDetail refused(RuntimeException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_ENTITY, String.valueOf(e.getMessage()));
    }
}
