package dev.ttsjobs.examples.deploy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A real nginx with the shipped configuration, only moved into a folder and onto loopback. */
final class Nginx implements AutoCloseable {

    final int port;
    private final Program program;

    private Nginx(int port, Program program) {
        this.port = port;
        this.program = program;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The folder that stands for the audio volume. */
    static Path store(Path folder) {
        return folder.resolve("srv/storage/tts");
    }

    static Nginx start(Path nginx, Path folder, String audio, int serverPort) throws Exception {
        int port = freePort();
        Program program = Program.start(folder, Map.of(), command(nginx, folder, audio, port, serverPort));
        try {
            while (!answers(port)) {
                program.pause();
            }
        } catch (AssertionError e) {
            program.close();
            throw e;
        }
        return new Nginx(port, program);
    }

    private static boolean answers(int port) {
        try {
            return Answer.to(port, "GET", "/nginx-alive").status() == 200;
        } catch (IOException e) {
            // Not yet listening.
            return false;
        }
    }

    static List<String> command(Path nginx, Path folder, String audio, int port, int serverPort) throws IOException {
        Files.createDirectories(store(folder));
        Files.createDirectories(folder.resolve("tmp"));
        Map<String, String> moved = new LinkedHashMap<>();
        moved.put(" /tmp/", " " + folder + "/tmp/");
        moved.put("/dev/stdout", folder + "/access.log");
        moved.put("listen 8080;", "listen 127.0.0.1:" + port + ";");
        moved.put("http://server:8080", "http://127.0.0.1:" + serverPort);
        Files.writeString(folder.resolve("nginx.conf"), replace(Program.HERE.resolve("nginx/nginx.conf"), moved));
        Map<String, String> movedAudio = audio.contains("s3")
                ? Map.of("http://s3:9000", "http://127.0.0.1:" + serverPort)
                : Map.of("/srv", folder + "/srv");
        Files.writeString(folder.resolve("audio.conf"), replace(Program.HERE.resolve("nginx/" + audio), movedAudio));
        // Started by root, it would become a user who may not enter the test's folder.
        String user = "root".equals(System.getProperty("user.name")) ? " user root;" : "";
        return new ArrayList<>(List.of(
                nginx.toString(),
                "-p",
                folder.toString(),
                "-c",
                folder.resolve("nginx.conf").toString(),
                "-e",
                "stderr",
                "-g",
                "daemon off;" + user));
    }

    private static String replace(Path file, Map<String, String> moved) throws IOException {
        String text = Files.readString(file);
        for (Map.Entry<String, String> each : moved.entrySet()) {
            if (!text.contains(each.getKey())) {
                throw new AssertionError(file + " has no " + each.getKey());
            }
            text = text.replace(each.getKey(), each.getValue());
        }
        return text;
    }

    @Override
    public void close() throws IOException {
        program.close();
    }
}
