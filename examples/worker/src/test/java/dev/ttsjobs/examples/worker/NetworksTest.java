package dev.ttsjobs.examples.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {

    @ParameterizedTest
    @CsvSource({
        "loopback, 127.0.0.1, true",
        "loopback, 127.9.9.9, true",
        "loopback, ::1, true",
        "loopback, 0:0:0:0:0:0:0:1, true",
        "loopback, ::ffff:127.0.0.1, true",
        "loopback, 10.0.0.1, false",
        "private, 172.16.0.1, true",
        "private, 172.31.255.255, true",
        "private, 172.32.0.0, false",
        "private, fd12::1, true",
        "private, fe80::1%eth0, true",
        "private, 127.0.0.1, false",
        "none, 127.0.0.1, false",
        "203.0.113.7, 203.0.113.7, true",
        "203.0.113.7, 203.0.113.8, false",
        "10.1.2.0/23, 10.1.3.9, true",
        "10.1.2.0/23, 10.1.4.0, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "0.0.0.0/0, 8.8.8.8, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "loopback, unknown, false",
        "loopback, localhost, false"
    })
    void an_address_is_inside_or_not(String networks, String address, boolean inside) {
        assertTrue(Networks.parse(networks).hold(address) == inside);
    }

    @Test
    void several_stand_in_one_list() {
        Networks networks = Networks.parse("loopback, 192.0.2.1 ,2001:db8::/32");
        assertTrue(networks.hold("127.0.0.1"));
        assertTrue(networks.hold("192.0.2.1"));
        assertTrue(networks.hold("2001:db8:1::1"));
        assertFalse(networks.hold("192.0.2.2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nginx",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/x",
                "10.0.0",
                "1",
                "::1/129",
                "a,b",
                "127.0.0.1,"
            })
    void what_is_no_network_is_refused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Networks.parse(text));
    }
}
