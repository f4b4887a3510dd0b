package dev.ttsjobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The structure of the core, held by the build. */
class ArchitectureTest {

    /** A budget, not a goal: what is public is promised. */
    private static final int PUBLIC_TYPES = 69;

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.ttsjobs");

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.ttsjobs.(*)..").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void theCoreImportsOnlyItsFewLibraries() {
        noClasses()
                .should()
                .dependOnClassesThat(DescribedPredicate.describe("are of another library", type -> {
                    String name = type.getPackageName();
                    return !type.isPrimitive()
                            && !type.isArray()
                            && List.of(
                                            "java.",
                                            "javax.crypto",
                                            "javax.net",
                                            "dev.ttsjobs",
                                            "org.jspecify.",
                                            "org.slf4j",
                                            "okhttp3",
                                            "okio",
                                            "com.fasterxml.jackson.")
                                    .stream()
                                    .noneMatch(name::startsWith);
                }))
                .check(CORE);
    }

    @Test
    void onlyTheClientAndItsCounterpartKnowHttpAndJson() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.ttsjobs.openai..", "dev.ttsjobs.webhook..", "dev.ttsjobs.testing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("okhttp3..", "okio..", "com.fasterxml.jackson..")
                .check(CORE);
    }

    @Test
    void nothingImportsTheClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ttsjobs.openai..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.ttsjobs.openai..")
                .check(CORE);
    }

    @Test
    void nothingBelowImportsTheFacadeButTheHarness() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.ttsjobs", "dev.ttsjobs.testing..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.ttsjobs")
                .check(CORE);
    }

    @Test
    void nothingImportsTheTestKit() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ttsjobs.testing..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.ttsjobs.testing..")
                .check(CORE);
    }

    @Test
    void failuresAreAtTheBottom() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.ttsjobs.failure..", "dev.ttsjobs.time..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of another package of the library",
                        type -> type.getPackageName().startsWith("dev.ttsjobs")
                                && !type.getPackageName().equals("dev.ttsjobs.failure")
                                && !type.getPackageName().equals("dev.ttsjobs.time")))
                .check(CORE);
    }

    @Test
    void timeAndChanceAreHandedIn() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ttsjobs.time..")
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ThreadLocalRandom.class)
                .check(CORE);
    }

    /**
     * Of all modules. A test moves the time by hand, waits for a latch, or looks by {@link
     * dev.ttsjobs.contract.RealTime#await} for what has to come; only these let real time pass whatever happens in it.
     */
    @Test
    void testsDoNotSleep() throws Exception {
        Set<String> mayPass = Set.of(
                // What others can look by.
                "RealTime",
                "RunningServer",
                "WorkerProcesses",
                "Book",
                "CrewTest",
                "SpeakTest",
                "CardsApplicationTest",
                "WorkerLifecycleTest",
                // Slow wires, slow servers, and real timeouts.
                "HostileWire",
                "HostileWireTest",
                "FaultyWire",
                "DoubtfulAnswersTest",
                // Rests of a worker, shortened.
                "FullStorageTest",
                // Processes that have to do nothing, and do it for a while.
                "HostileProcessesTest",
                "TwoServersTest");
        Pattern sleep = Pattern.compile("Thread\\.sleep\\(|TimeUnit\\.\\w+\\.sleep\\(|LockSupport\\.park");
        Pattern pass = Pattern.compile("Sleeper\\.system\\(\\)\\.sleep\\(|RealTime\\.pass\\(");
        List<String> wrong = new ArrayList<>();
        for (Path file : sources("src/test/java")) {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            String name = file.getFileName().toString().replace(".java", "");
            if (sleep.matcher(text).find() || pass.matcher(text).find() && !mayPass.contains(name)) {
                wrong.add(name);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /**
     * Of all modules. The pool that everybody shares may be one thread, and all of it taken by a host's own work; and what
     * waits in it starves the host.
     */
    @Test
    void nothingRunsInTheThreadsThatEverybodyShares() throws Exception {
        Pattern shared = Pattern.compile(
                "parallelStream\\(|\\.parallel\\(\\)|ForkJoinPool|\\b\\w+Async\\((?![^;]*[Ee]xecutor)|newWorkStealingPool");
        List<String> wrong = new ArrayList<>();
        for (Path file : sources("src/main/java")) {
            if (shared.matcher(Files.readString(file, StandardCharsets.UTF_8)).find()) {
                wrong.add(file.getFileName().toString());
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static List<Path> sources(String of) throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> folders = Files.find(Path.of(".."), 5, (folder, facts) -> folder.endsWith(of))) {
            for (Path folder : (Iterable<Path>) folders::iterator) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        return sources;
    }

    @Test
    void noThreadIsInterrupted() {
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "interrupts another thread",
                        call -> call.getTarget().getOwner().isEquivalentTo(java.util.concurrent.ExecutorService.class)
                                && call.getTarget().getName().equals("shutdownNow")))
                .check(CORE);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameStartingWith("Default")
                .orShould()
                .haveSimpleNameStartingWith("Abstract")
                .check(CORE);
    }

    @Test
    void thePublicSurfaceStaysWithinItsBudget() {
        List<String> types = CORE.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(JavaClass::isTopLevelClass)
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertTrue(types.size() <= PUBLIC_TYPES, types.size() + " public types: " + types);
    }

    @Test
    void everyPackageIsExportedByTheModule() throws Exception {
        String descriptor = Files.readString(Path.of("src/main/module/module-info.java"), StandardCharsets.UTF_8);
        List<String> exported = descriptor
                .lines()
                .filter(line -> line.startsWith("    exports "))
                .map(line -> line.substring("    exports ".length(), line.length() - 1))
                .toList();
        assertEquals(
                CORE.stream().map(JavaClass::getPackageName).distinct().sorted().toList(), exported);
    }
}
