package dev.ttsjobs.speech;

/** The audio formats of the speech API. */
public enum AudioFormat {
    MP3("mp3", "audio/mpeg"),
    OPUS("opus", "audio/ogg"),
    AAC("aac", "audio/aac"),
    FLAC("flac", "audio/flac"),
    WAV("wav", "audio/wav"),
    /** Samples without a header: 24 kHz, 16 bit, little-endian, mono. */
    PCM("pcm", "audio/L16");

    private final String wireName;
    private final String mediaType;

    AudioFormat(String wireName, String mediaType) {
        this.wireName = wireName;
        this.mediaType = mediaType;
    }

    /** The API's word for it, which is the file name extension too. */
    public String wireName() {
        return wireName;
    }

    public String mediaType() {
        return mediaType;
    }

    /**
     * The format of that wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static AudioFormat of(String wireName) {
        for (AudioFormat format : values()) {
            if (format.wireName.equals(wireName)) {
                return format;
            }
        }
        throw new IllegalArgumentException("unknown audio format: one of mp3, opus, aac, flac, wav, pcm is known");
    }
}
