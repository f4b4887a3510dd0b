package dev.ttsjobs.examples.server;

import io.javalin.http.Context;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Has HEAD answered as GET is, but for the body, which the container leaves out (RFC 9110, section 9.3.2): whoever asks in this
 * way whether a server is ready, or a page is there, must not be told so when it is not. Thread-safe.
 */
final class HeadAsGet extends Handler.Wrapper {

    private static final String ATTRIBUTE = HeadAsGet.class.getName();

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!request.getMethod().equals("HEAD")) {
            return super.handle(request, response, callback);
        }
        request.setAttribute(ATTRIBUTE, true);
        Request asGet = new Request.Wrapper(request) {
            @Override
            public String getMethod() {
                return "GET";
            }
        };
        return super.handle(asGet, response, callback);
    }

    /** Whether nobody is going to get the body. */
    static boolean isHead(Context ctx) {
        return ctx.req().getAttribute(ATTRIBUTE) != null;
    }
}
