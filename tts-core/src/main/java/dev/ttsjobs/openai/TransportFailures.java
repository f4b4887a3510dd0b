package dev.ttsjobs.openai;

import dev.ttsjobs.failure.Failure;
import dev.ttsjobs.failure.FailureKind;
import dev.ttsjobs.speech.SpeechSynthesizer.CallHandle;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link IOException} of a call means, by how far the call had come. The exceptions' own messages are not repeated:
 * they are the JDK's and OkHttp's, and say little.
 *
 * @param handle tells an abort apart from an accident
 * @param server host and port, to name in messages
 */
record TransportFailures(CallHandle handle, String server) {

    /** What may be kept of an exception: none that quotes what the server sent, which may be the key that it was sent. */
    static @Nullable IOException cause(IOException e) {
        return e instanceof ProtocolException ? null : e;
    }

    /** Before there was a connection: no call of anybody would get through now. */
    Failure beforeConnection(IOException e) {
        if (handle.isAborted()) {
            return aborted();
        }
        if (e instanceof UnknownHostException) {
            return outage("unknown_host", "The name of " + server + " cannot be resolved. Check the base URL and DNS.");
        }
        if (e instanceof SSLException) {
            return outage(
                    "tls_failed",
                    "No secure connection to " + server + ": its certificate is not trusted, is for another name, or it"
                            + " does not speak TLS there. Check the base URL and the trust store.");
        }
        if (e instanceof InterruptedIOException) {
            return isInterrupt(e) ? interrupted() : outage("connect_timeout", server + " does not take connections.");
        }
        if (e instanceof ConnectException) {
            return outage(
                    "connection_refused",
                    server
                            + " refuses connections or cannot be reached. Check the base URL, its port above all, and whether"
                            + " the server runs.");
        }
        return outage(
                "unreachable",
                "No connection to " + server + " (" + e.getClass().getSimpleName() + ").");
    }

    /** On a connection, before the first byte of the body. */
    Failure beforeAudio(IOException e) {
        return onConnection(e, "first_byte_timeout", "No audio came from " + server + " within its deadline.");
    }

    /** In the middle of the body. */
    Failure duringAudio(IOException e) {
        return onConnection(e, "stalled", "The audio from " + server + " stopped coming.");
    }

    private Failure onConnection(IOException e, String silenceCode, String silence) {
        if (handle.isAborted()) {
            return aborted();
        }
        if (e instanceof SocketTimeoutException) {
            return transport(silenceCode, silence);
        }
        if (e instanceof InterruptedIOException) {
            return isInterrupt(e)
                    ? interrupted()
                    : transport("deadline_exceeded", "The call to " + server + " took longer than its whole deadline.");
        }
        return transport("connection_cut", "The connection to " + server + " broke before the audio was whole.");
    }

    private static boolean isInterrupt(IOException e) {
        return !(e instanceof SocketTimeoutException) && "interrupted".equals(e.getMessage());
    }

    private static Failure aborted() {
        return transport("aborted", "The call was aborted by its caller.");
    }

    private static Failure interrupted() {
        return transport("interrupted", "The calling thread was interrupted.");
    }

    private static Failure transport(String code, String message) {
        return Failure.of(FailureKind.TRANSPORT, code, message);
    }

    private static Failure outage(String code, String message) {
        return Failure.of(FailureKind.OUTAGE, code, message);
    }
}
