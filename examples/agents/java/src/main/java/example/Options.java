package example;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Optional;
import java.util.Set;

/** What the command line says. */
record Options(String addr, String plan, String repo, Path source, Path target, int attempts,
    Duration maxWait, Optional<Duration> timeout, Duration deadline) {
  private static final Set<String> FLAGS = Set.of("--addr", "--plan", "--repo", "--source", "--target",
      "--attempts", "--max-wait", "--timeout", "--deadline");

  static Options parse(String[] args) {
    var given = new HashMap<String, String>();
    for (var at = 0; at < args.length; at += 2) {
      if (!FLAGS.contains(args[at])) throw new IllegalArgumentException("unknown flag " + args[at]);
      if (at + 1 == args.length) throw new IllegalArgumentException(args[at] + " lacks its value");
      given.put(args[at], args[at + 1]);
    }
    if (!given.containsKey("--source") || !given.containsKey("--target")) {
      throw new IllegalArgumentException("--source and --target are required");
    }
    var standard = Optional.ofNullable(System.getenv("HOOKD_ADDR")).orElse("unix:///run/hookd/hookd.sock");
    return new Options(given.getOrDefault("--addr", standard), given.getOrDefault("--plan", ""),
        given.getOrDefault("--repo", ""), Path.of(given.get("--source")).toAbsolutePath(),
        Path.of(given.get("--target")).toAbsolutePath(), Integer.parseInt(given.getOrDefault("--attempts", "3")),
        seconds(given.getOrDefault("--max-wait", "3600")),
        Optional.ofNullable(given.get("--timeout")).map(Options::seconds),
        seconds(given.getOrDefault("--deadline", "3600")));
  }

  private static Duration seconds(String text) {
    var seconds = Double.parseDouble(text);
    if (!(seconds >= 0 && seconds <= 1e6)) throw new IllegalArgumentException(text + " seconds are out of range");
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
