package dev.ttsjobs.openai;

/** The client with audio in events, whose last one proves that it is whole. */
class OpenAiEventsContractTest extends OpenAiContractTest {
    @Override
    boolean events() {
        return true;
    }
}
