package dev.ttsjobs.examples.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The machine's own Chromium without a window, used as a person uses it: by what is written on the page. */
final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(25);
    private static final String AXE = resource("/axe.min.js");

    final ChromeDriver driver;
    private final WebDriverWait wait;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
        wait = new WebDriverWait(driver, PATIENCE, LOOK);
    }

    /** Starts it; where it is not installed, the tests that need it are skipped and say so. */
    static Browser open(Path downloads) {
        Optional<Path> chromium = program("chromium");
        Optional<Path> driver = program("chromedriver");
        boolean there = chromium.isPresent() && driver.isPresent();
        if (!there) {
            System.err.println("SKIPPED: no tests of the page; they need the packages chromium and chromium-driver");
        }
        assumeTrue(there, "chromium and chromedriver are not on the path");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--mute-audio",
                "--hide-scrollbars",
                "--lang=en-US",
                "--window-size=1200,900");
        options.setExperimentalOption(
                "prefs",
                Map.of(
                        "download.default_directory",
                        downloads.toString(),
                        "credentials_enable_service",
                        false,
                        "profile.password_manager_leak_detection",
                        false));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.get().toFile())
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static Optional<Path> program(String name) {
        return Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Comes to a server for the first time: each has a port, and so a place in the browser's memory, of its own. */
    void newcomer(String url) {
        complaints();
        driver.get(url);
    }

    void language(String code) {
        driver.executeScript("localStorage.setItem('tts-jobs.language', arguments[0]);", code);
        driver.navigate().refresh();
    }

    void look(int width, int height, boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** Whether the user takes motion on the page. */
    void motion(boolean yes) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-reduced-motion", "value", yes ? "no-preference" : "reduce"))));
    }

    void offline(boolean yes) {
        driver.executeCdpCommand("Network.enable", Map.of());
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of("offline", yes, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
    }

    /** Waits until a thing is neither null nor false; an element that was replaced meanwhile is looked for again. */
    <T> T until(String what, java.util.function.Supplier<T> thing) {
        return wait.withMessage(() -> what + ", but there is:\n" + text())
                .ignoring(StaleElementReferenceException.class)
                .until(ignored -> thing.get());
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    void sees(String text) {
        until("\"" + text + "\" is to be seen", () -> text().contains(text));
    }

    void seesNoMore(String text) {
        until("\"" + text + "\" is gone", () -> !text().contains(text));
    }

    WebElement find(String css) {
        return until(
                css + " is shown",
                () -> driver.findElements(By.cssSelector(css)).stream()
                        .filter(WebElement::isDisplayed)
                        .findFirst()
                        .orElse(null));
    }

    /** The button or link with exactly this name, for eyes or for a screen reader. */
    WebElement named(String name) {
        return until("\"" + name + "\" can be pressed", () -> shown(name).orElse(null));
    }

    Optional<WebElement> shown(String name) {
        return driver.findElements(By.cssSelector("button, a, summary")).stream()
                .filter(one -> one.isDisplayed() && one.isEnabled() && name.equals(one.getAccessibleName()))
                .findFirst();
    }

    void press(String name) {
        named(name).click();
    }

    /** The field with this label. */
    WebElement field(String label) {
        return until(
                "there is a field \"" + label + "\"",
                () -> driver.findElements(By.tagName("label")).stream()
                        .filter(one -> one.isDisplayed() && one.getText().equals(label))
                        .map(one -> driver.findElement(By.id(String.valueOf(one.getDomAttribute("for")))))
                        .findFirst()
                        .orElse(null));
    }

    void type(String label, String text) {
        WebElement field = field(label);
        field.clear();
        field.sendKeys(text);
    }

    /** Puts a text into a field at once, as pasting does. */
    void paste(String label, String text) {
        driver.executeScript(
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));",
                field(label),
                text);
    }

    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** What the console holds since the last time it was asked: failed calls, exceptions, breaches of the policy. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(LogEntry::getMessage)
                .toList();
    }

    void noComplaints() {
        assertEquals(List.of(), complaints());
    }

    /** No complaint but those that Chromium itself makes of answers such as 401. */
    void noComplaintsButRefusals() {
        assertEquals(
                List.of(),
                complaints().stream()
                        .filter(one -> !one.contains("Failed to load resource"))
                        .toList());
    }

    /** What axe finds serious or critical on the page as it is, and whatever is wider than the screen. */
    List<String> barriers() {
        driver.executeScript(AXE);
        Object found = driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run(document, {resultTypes: ['violations']}).then((result) => done(result.violations
                    .filter(({impact}) => impact === 'serious' || impact === 'critical')
                    .map(({id, nodes}) => id + ': ' + nodes.map((node) => node.html + ' ' + node.failureSummary)
                        .join('; '))), (error) => done(['axe: ' + error]));
                """);
        List<String> barriers = new ArrayList<>();
        ((List<?>) found).forEach(one -> barriers.add(String.valueOf(one)));
        if (Boolean.TRUE.equals(driver.executeScript(
                "return document.documentElement.scrollWidth > document.documentElement.clientWidth"))) {
            barriers.add("the page is wider than the screen");
        }
        return barriers;
    }

    /** The whole page as a picture, however long it is. */
    void picture(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Number height = (Number) driver.executeScript("return document.documentElement.scrollHeight");
            Number width = (Number) driver.executeScript("return document.documentElement.clientWidth");
            Map<String, Object> picture = driver.executeCdpCommand(
                    "Page.captureScreenshot",
                    Map.of(
                            "captureBeyondViewport",
                            true,
                            "clip",
                            Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)));
            Files.write(file, Base64.getDecoder().decode(String.valueOf(picture.get("data"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = Browser.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
