package dev.ttsjobs.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Flashcards over HTTP, spoken by TTS Jobs. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class CardsApplication {

    /** Starts the application; settings are Spring's, see {@code application.properties}. */
    public static void main(String[] arguments) {
        SpringApplication.run(CardsApplication.class, arguments);
    }
}
