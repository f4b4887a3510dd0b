/** Audio in a directory. */
module dev.ttsjobs.storage.local {
    requires transitive dev.ttsjobs;
    requires static org.jspecify;

    exports dev.ttsjobs.storage.local;
}
