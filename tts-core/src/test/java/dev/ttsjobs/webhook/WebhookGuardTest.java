package dev.ttsjobs.webhook;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses webhooks are sent to. */
class WebhookGuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.org/",
                "ftp://example.org/",
                "example.org",
                "",
                "https://",
                "https:///path",
                "https://user@example.org/",
                "https://user:pass@example.org/",
                "https://example.org@127.0.0.1/",
                "https://example.org:25/",
                "https://example.org:22/",
                "https://example.org:80/",
                "https://localhost/",
                "https://localhost./",
                "https://printer/",
                "https://a.localhost/",
                "https://db.internal/",
                "https://nas.local./",
                "https://router.lan/",
                "https://x.home.arpa/",
                "https://127.0.0.1/",
                "https://127.1/",
                "https://0x7f000001/",
                "https://0x7f.1/",
                "https://2130706433/",
                "https://0177.0.0.1/",
                "https://017700000001/",
                "https://127.0.0.1./",
                "https://0/",
                "https://0.0.0.0/",
                "https://１２７.0.0.1/",
                "https://127。0。0。1/",
                "https://%31%32%37.0.0.1/",
                "https://10.1.2.3/",
                "https://172.16.0.1/",
                "https://172.31.255.255/",
                "https://192.168.0.1/",
                "https://169.254.169.254/",
                "https://100.64.0.1/",
                "https://100.127.255.255/",
                "https://192.0.0.1/",
                "https://198.18.0.1/",
                "https://198.19.255.255/",
                "https://224.0.0.1/",
                "https://240.0.0.1/",
                "https://255.255.255.255/",
                "https://192.0.2.1/",
                "https://192.88.99.1/",
                "https://[::]/",
                "https://[::1]/",
                "https://[::ffff:169.254.169.254]/",
                "https://[::ffff:7f00:1]/",
                "https://[::127.0.0.1]/",
                "https://[64:ff9b::a9fe:a9fe]/",
                "https://[64:ff9b:1::1]/",
                "https://[2002:7f00:1::]/",
                "https://[2001::1]/",
                "https://[2001:db8::1]/",
                "https://[fd00:ec2::254]/",
                "https://[fe80::1]/",
                "https://[ff02::1]/",
                "https://[fec0::1]/",
                "https://[3fff::1]/"
            })
    void notThere(String url) {
        assertTrue(WebhookGuard.PUBLIC_ONLY.problem(url).isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org/hook?a=b", "https://example.org:8443/", "HTTPS://Example.org",
                        "https://a.b.c.example/",
                "https://93.184.215.14/", "https://172.32.0.1/", "https://100.128.0.1/", "https://192.0.1.1/",
                "https://[2606:4700::1111]/", "https://[2001:4860:4860::8888]/", "https://münchen.example/"
            })
    void there(String url) {
        assertEquals(Optional.empty(), WebhookGuard.PUBLIC_ONLY.problem(url));
    }

    @Test
    void anywhereIsAnywhereButOneUsersName() {
        assertEquals(Optional.empty(), WebhookGuard.ANYWHERE.problem("http://127.0.0.1:80/"));
        assertFalse(WebhookGuard.ANYWHERE.problem("http://user@127.0.0.1/").isEmpty());
        assertFalse(WebhookGuard.ANYWHERE.problem("file:///etc/passwd").isEmpty());
    }

    @Test
    void oneBadAddressOfANameIsEnough() throws Exception {
        InetAddress good = InetAddress.getByName("93.184.215.14");
        InetAddress bad = InetAddress.getByName("10.0.0.1");
        assertDoesNotThrow(() -> WebhookGuard.PUBLIC_ONLY.vet(List.of(good)));
        assertThrows(WebhookGuard.Refused.class, () -> WebhookGuard.PUBLIC_ONLY.vet(List.of(good, bad)));
        assertDoesNotThrow(() -> WebhookGuard.ANYWHERE.vet(List.of(good, bad)));
    }

    @Test
    void aSocketDoesNotConnectWhereItMayNot() throws Exception {
        try (Socket socket = new VettedSockets(WebhookGuard.PUBLIC_ONLY, UnaryOperator.identity()).createSocket()) {
            assertThrows(
                    WebhookGuard.Refused.class,
                    () -> socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), 1000));
            assertThrows(
                    WebhookGuard.Refused.class,
                    () -> socket.connect(InetSocketAddress.createUnresolved("localhost", 1), 1000));
        }
    }
}
