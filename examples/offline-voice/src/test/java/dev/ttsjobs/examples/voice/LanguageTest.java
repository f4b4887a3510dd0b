package dev.ttsjobs.examples.voice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguageTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|Your order has shipped.|en-us",
                "''|Votre commande a été expédiée.|fr-fr",
                "''|Bonjour et bienvenue|fr-fr",
                "''|J'arrive, merci|fr-fr",
                "''|A café at the corner|en-us",
                "''|Ticket 42|en-us",
                "''|Привет, мир|ru",
                "''|你好，世界|cmn",
                "''|日本語を話します|ja",
                "''|안녕하세요|ko",
                "''|Γειά σου|el",
                "''|Windows is installed, Привет|en-us",
                "Speak French|Your order has shipped.|fr-fr",
                "Parle en français.|OK|fr-fr",
                "Speak French with an English accent|OK|fr-fr",
                "In English please|Votre commande est prête|en-us",
                "Frenchify it|Your order|en-us",
                "Cheerful|Votre commande est prête|fr-fr",
            })
    void guesses(String instructions, String text, String expected) {
        assertEquals(expected, Language.of(instructions, text));
    }
}
