package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ttsjobs.examples.server.RunningServer.User;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.support.ui.Select;

/** What users paste and bring: every form of it, and what is wrong with some. */
class PageImportTest extends PageTest {

    private void addDeck() {
        start();
        signedIn();
        browser.press("Add a deck");
        browser.field("Paste your phrases");
    }

    /** The lines of the preview: number, English, French, remarks. */
    private static List<?> preview() {
        return (List<?>) browser.script("""
                return [...document.querySelectorAll('.preview tbody tr')].map((row) =>
                    [...row.cells].map((cell) => cell.textContent.trim()).join(' / '));
                """);
    }

    private static void shows(String... lines) {
        browser.until("the preview is " + List.of(lines), () -> preview().equals(List.of(lines)) ? true : null);
    }

    private void choose(String name, byte[] content) throws IOException {
        Path file = dir.resolve(name);
        Files.write(file, content);
        browser.driver.findElement(By.id("file")).sendKeys(file.toString());
    }

    private void choose(String name, String content, Charset charset) throws IOException {
        choose(name, content.getBytes(charset));
    }

    @Test
    void every_form_of_text_is_read_from_a_paste() {
        addDeck();
        Map<String, List<String>> forms = new LinkedHashMap<>();
        forms.put(
                "English,French\n\"Well, hello\",\"Eh bien, \"\"bonjour\"\"\"\r\n\"Two\nlines\",Deux",
                List.of("2 / Well, hello / Eh bien, \"bonjour\" / ", "3 / Two lines / Deux / "));
        forms.put(
                "Good morning\tBonjour\nThanks\tMerci",
                List.of("1 / Good morning / Bonjour / ", "2 / Thanks / Merci / "));
        forms.put(
                "Good morning;Bonjour\nThanks;Merci",
                List.of("1 / Good morning / Bonjour / ", "2 / Thanks / Merci / "));
        forms.put("Good morning | Bonjour", List.of("1 / Good morning / Bonjour / "));
        forms.put(
                "#separator:Tab\n#html:true\n#deck:Trips::Lyon\n#tags column:3\n"
                        + "<b>Good</b>&nbsp;morning[sound:a.mp3]\t{{c1::Bonjour::hello}}\tgreeting",
                List.of("5 / Good morning / Bonjour / Markup or invisible characters were taken out."));
        forms.put(
                "Back\tFront\nOù est la gare ?\tWhere is the station?",
                List.of("2 / Where is the station? / Où est la gare ? / "));
        forms.forEach((text, lines) -> {
            browser.paste("Paste your phrases", text);
            shows(lines.toArray(String[]::new));
        });
        assertEquals("Lyon", browser.field("Name of the deck").getDomProperty("value"));
        browser.noComplaints();
    }

    @Test
    void files_are_read_as_spreadsheets_write_them() throws IOException {
        addDeck();
        String csv = "English;French\r\nSummer;Été\r\nThe \"\"best\"\" café;\"Le « meilleur » café\"\r\n";
        String[] lines = {"2 / Summer / Été / ", "3 / The \"\"best\"\" café / Le « meilleur » café / "};

        choose("utf-8 with mark.csv", "\uFEFF" + csv, StandardCharsets.UTF_8);
        shows(lines);
        browser.sees("utf-8 with mark.csv: 3 lines read.");
        assertEquals("utf-8 with mark", browser.field("Name of the deck").getDomProperty("value"));
        browser.paste("Paste your phrases", "");
        choose("excel.csv", csv, Charset.forName("windows-1252"));
        shows(lines);
        browser.paste("Paste your phrases", "");
        choose("unicode text.txt", "\uFEFF" + csv.replace(';', '\t'), StandardCharsets.UTF_16LE);
        shows(lines);
        browser.paste("Paste your phrases", "");
        choose("unmarked.txt", csv, StandardCharsets.UTF_16LE);
        shows(lines);
        browser.noComplaints();
    }

    @Test
    void what_is_wrong_with_a_text_is_said_and_the_rest_is_taken() {
        addDeck();
        browser.paste("Paste your phrases", "Good morning\nThank you");
        browser.sees("Only one column is visible.");
        shows("1 / Good morning /  / ", "2 / Thank you /  / ");

        browser.paste(
                "Paste your phrases",
                "Good morning\tBonjour\tmore\tand more\n\tSeul\n\"open quote\tCitation\n!!!\t???\nOnly English\t\n"
                        + "See you!\tWhere is the station?\nA\u0007 bell\tUne cloche\n12 %%% §§§\tDouze\n"
                        + "le chat et la souris\tthe cat and the mouse");
        shows(
                "1 / Good morning / Bonjour / ",
                "2 /  / Seul / Left out: there is no English text.",
                "3 / \"open quote / Citation / ",
                "4 / !!! /  / Left out: the English has no letter or digit.",
                "5 / Only English /  / English only: there is no French text.",
                "6 / See you! / Where is the station? / Looks like English, where French is meant.",
                "7 / A bell / Une cloche / Markup or invisible characters were taken out.",
                "8 / 12 %%% §§§ / Douze / Has few letters: signs are spelled out or left out.",
                "9 / le chat et la souris / the cat and the mouse / English and French look swapped.");
        browser.sees("7 cards, ");
        browser.sees("2 lines are left out.");
        browser.named("Create the deck with 7 cards");

        new Select(browser.field("French is in")).selectByVisibleText("column 3");
        browser.until(
                "French is another column", () -> preview().get(0).equals("1 / Good morning / more / ") ? true : null);
        browser.paste("Paste your phrases", " \n\t\n");
        browser.seesNoMore("3. What will be spoken");
        browser.noComplaints();
    }

    @Test
    void a_file_that_cannot_be_read_is_refused_with_a_reason() throws IOException {
        addDeck();
        choose("deck.apkg", new byte[] {'P', 'K', 3, 4});
        browser.sees("An Anki package cannot be read here.");
        choose("deck.xlsx", new byte[] {'P', 'K', 3, 4});
        browser.sees("A workbook cannot be read here.");
        choose("picture.txt", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 0, 0, 13, 0, 1});
        browser.sees("This is no text file.");
        choose("empty.csv", new byte[0]);
        browser.sees("This file is empty.");
        choose("large.csv", new byte[5_000_001]);
        browser.sees("This file is larger than 5 MB.");
        assertEquals("", browser.field("Paste your phrases").getDomProperty("value"));
        choose("good.csv", "Hello,Bonjour", StandardCharsets.UTF_8);
        shows("1 / Hello / Bonjour / ");
        browser.seesNoMore("larger than 5 MB");
        browser.noComplaints();
    }

    @Test
    void a_file_of_five_megabytes_gives_as_many_cards_as_a_deck_takes() throws IOException {
        start();
        User ann = signedIn();
        browser.press("Add a deck");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        int lines = 0;
        while (file.size() < 4_990_000) {
            lines++;
            file.writeBytes(("This is the sentence number " + lines + ".\tVoici la phrase numéro " + lines + ".\n")
                    .getBytes(StandardCharsets.UTF_8));
        }
        long begun = System.nanoTime();
        choose("large.tsv", file.toByteArray());
        browser.sees("it takes the first ");
        System.out.println("Previewing 5 MB, " + lines + " lines: " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        browser.sees(String.format("of %,d cards.", lines));
        browser.find("button[type=submit]").click();
        browser.sees("no audio yet");
        int cards = ann.get("/api/my-decks").json().at("/decks/0/cards").size();
        assertTrue(cards > 5000 && cards <= 10_000, () -> "the deck has " + cards + " cards");
        browser.noComplaints();
    }
}
