package dev.ttsjobs.audio;

import java.io.IOException;
import java.time.Duration;

/** An MP3 file, or several one behind the other. Plays as long as its frames, without the header frame of an encoder. */
final class Mp3Audio implements AudioContainer {

    private final FrameWalk.Visitor visitor;
    private final PlayTime time = new PlayTime();
    private long frames;
    /** Frames since the last header frame, and how many that one announced; 0 when it announced none. */
    private long framesOfPart;

    private long announced;

    Mp3Audio() {
        this((frame, in) -> {});
    }

    /** Shows each frame of audio, but no header frame, to the visitor too. */
    Mp3Audio(FrameWalk.Visitor visitor) {
        this.visitor = visitor;
    }

    @Override
    public Duration measure(AudioBytes in) throws IOException {
        long tag = in.has(1) ? Tags.lengthAt(in, 0) : 0;
        boolean freeFormat = tag < AudioBytes.WINDOW / 2 && Mp3Syntax.freeFormatAt(in, (int) tag);
        try {
            new FrameWalk(in, Mp3Syntax.MP3).walk(this::count);
        } catch (BadAudioException e) {
            if (freeFormat && frames == 0) {
                throw new BadAudioException(
                        BadAudioException.UNEXPECTED_FORMAT,
                        "MP3 of free format (without a bit rate) is not supported");
            }
            throw e;
        }
        endPart();
        if (frames == 0) {
            throw BadAudioException.empty("only the header frame of an MP3 file");
        }
        return time.total();
    }

    private void count(Frame frame, AudioBytes in) throws IOException {
        long promise = Mp3HeaderFrame.announcedFrames(frame, in);
        if (promise >= 0) {
            endPart();
            framesOfPart = 0;
            announced = promise;
            return;
        }
        time.add(frame.samples(), frame.rate());
        frames++;
        framesOfPart++;
        visitor.frame(frame, in);
    }

    /** Some encoders count the header frame too, so one missing frame proves nothing. */
    private void endPart() {
        if (announced > framesOfPart + 1) {
            throw BadAudioException.truncated(
                    "its header announces " + announced + " frames, " + framesOfPart + " are there");
        }
    }
}
