package dev.ttsjobs.webhook;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;

/**
 * Sockets that look at the address they are about to connect to. Whatever the HTTP client makes of a host, and however
 * the name service answers the second time, nothing gets past this. Thread-safe.
 */
final class VettedSockets extends SocketFactory {

    private final WebhookGuard guard;
    private final UnaryOperator<SocketAddress> route;

    /** @param route where an address that was vetted is found; tests have their own internet */
    VettedSockets(WebhookGuard guard, UnaryOperator<SocketAddress> route) {
        this.guard = guard;
        this.route = route;
    }

    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress endpoint, int timeout) throws IOException {
                InetAddress address = endpoint instanceof InetSocketAddress target ? target.getAddress() : null;
                if (address == null) {
                    throw new WebhookGuard.Refused();
                }
                guard.vet(List.of(address));
                super.connect(route.apply(endpoint), timeout);
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw connectedOnly();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw connectedOnly();
    }

    private static IOException connectedOnly() {
        return new IOException("sockets are made first and connected then");
    }
}
