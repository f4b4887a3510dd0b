package dev.ttsjobs.examples.voice;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls a server the way a client in another program would. */
final class Caller {

    static final JsonMapper JSON = new JsonMapper();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String root;

    Caller(OfflineVoiceServer server) {
        this.root = server.baseUrl().replace("/v1", "");
    }

    static ObjectNode speech(String input) {
        return JSON.createObjectNode()
                .put("model", "gpt-4o-mini-tts")
                .put("voice", "alloy")
                .put("input", input);
    }

    HttpResponse<byte[]> speak(String input) throws IOException, InterruptedException {
        return speak(speech(input));
    }

    HttpResponse<byte[]> speak(ObjectNode body) throws IOException, InterruptedException {
        return send("POST", "/v1/audio/speech", body.toString());
    }

    HttpResponse<byte[]> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    JsonNode json(String method, String path, String body) throws IOException, InterruptedException {
        return JSON.readTree(send(method, path, body).body());
    }

    static JsonNode error(HttpResponse<byte[]> response) throws IOException {
        return JSON.readTree(response.body()).get("error");
    }
}
