package dev.ttsjobs.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpokenTextTest {

    @Test
    void spacesOfFourKindsAreOne() {
        for (String space : List.of(" ", "\u00a0", "\u202f", "\u2009")) {
            assertEquals("Ça va ?", SpokenText.normalize(" Ça va" + space + "?\n"));
        }
    }

    @Test
    void composedAndDecomposedAreOneButMeaningStays() {
        assertEquals("é", SpokenText.normalize("e\u0301"));
        assertEquals("½™ﬁ", SpokenText.normalize("½™ﬁ"));
        String once = SpokenText.normalize(" a\u0301\u00a0b ");
        assertEquals(once, SpokenText.normalize(once));
    }

    @Test
    void whatCannotBeSpokenIsNamed() {
        assertProblem("empty", "the text is empty", SpokenText.problem("", 10));
        assertProblem(
                "no_letter", "the text needs a letter or a digit to be spoken", SpokenText.problem("?!… – 🙂", 100));
        assertProblem("too_long", "the text has 3 characters, and at most 2 are taken", SpokenText.problem("a👋🏽", 2));
        String half = "the text holds half a character (an unpaired surrogate) or U+0000";
        assertProblem("bad_character", half, SpokenText.problem("\ud83d tail", 100));
        assertProblem("bad_character", half, SpokenText.problem("tail \udc4b", 100));
        for (String fine : List.of("a", "7", "你", "Ça va ?", "👋 hi", "ا")) {
            assertEquals(Optional.empty(), SpokenText.problem(fine, 100));
        }
    }

    private static void assertProblem(String code, String message, Optional<SpokenText.Problem> found) {
        assertEquals(Optional.of(new SpokenText.Problem(code, message)), found);
    }

    @Test
    void tokensAreEstimatedFromAbove() {
        assertEquals(1, SpokenText.tokens("a"));
        assertEquals(4, SpokenText.tokens("Good morning"));
        assertEquals(4, SpokenText.tokens("你好世界"));
        assertFalse(SpokenText.tokens("Ça va ?") < 3);
    }

    /** The second figure is the o200k tokenizer's; the texts are from the Universal Declaration of Human Rights. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "የሰው፡ልጅ፡ሁሉ፡ሲወለድ፡ነጻና፡በክብርና፡በመብትም፡እኩልነት፡ያለው፡ነው።፡የተፈጥሮ፡ማስተዋልና፡ሕሊና፡ስላለው፡አንዱ፡ሌላውን፡በወንድማማችነት፡መንፈስ፡መመልከት፡ይገባዋል።|206",
                "ດ້ວຍເຫດວ່າ: ມີຄວາມສຳຄັນທີ່ຕ້ອງລະບຽບສິດປ້ອງກັນສິດທັງຫຼາຍຂອງມະນຸດເພື່ອບໍ່ໃຫ້ບຸກຄົນຖືກບັງຄັບໃຈໃຫ້ຕໍ່ສູ້ຄວາມບຽດບຽນຂ້ຽວແຂ້ນແລະຄວາມກົດຂີ່ຂົ່ມເຫງຈົນເຫຼືອວິໃສ.|287",
                "Ἐπειδὴ ἔχει οὐσιαστικὴ σημασία νὰ ἐνθαρρύνεται ἡ ἀνάπτυξη φιλικῶν σχέσεων ἀνάμεσα στὰ ἔθνη.|56",
                "Bí ó ti jẹ́ pé ó ṣe pàtàkì kí ìdàgbàsókè ìbáṣepọ̀ ti ọ̀rẹ́‐sí‐ọ̀rẹ́ wà láàrin àwọn orílẹ̀‐èdè,|55",
                "ᐃᒪᐃᒻᒪᑦ ᐱᕕᒃᓴᐅᕗᖅ ᐃᑲᔪᖅᑐᐃᔪᓐᓇᕐᓂᒃᑯᑦ ᐃᓅᖃᑎᖃᑦᑎᐊᕈᓐᓇᕐᓯᓴᕐᓂᒃᑯᑦ ᓯᓚᕐᔪᐊᕐᓂᐅᑦ ᐃᓄᖕᒋᓐᓄᑦ,|189",
                "😀🎉👨‍👩‍👧‍👦🇫🇷❤️🥐|21",
                "𒀀𒁀𒂀|12"
            })
    void scriptsThatTokenizersKnowLittleAreEstimatedFromAboveToo(String text, int real) {
        int estimate = SpokenText.tokens(text);
        assertTrue(estimate >= real, estimate + " for " + real);
        assertTrue(estimate <= 3 * real, estimate + " for " + real);
    }
}
