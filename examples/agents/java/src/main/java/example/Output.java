package example;

import hookd.v1.HookOutput;
import hookd.v1.JournalEntry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What hooks write, line by line, fit for a terminal. */
final class Output {
  /** The longest line that is put together before it is shown, in bytes. */
  private static final int LONGEST_LINE = 32 * 1024;

  private static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);

  private final Map<Integer, String> hooks = new HashMap<>();
  private final Map<String, ByteArrayOutputStream> lines = new HashMap<>();

  /** Shows a line on standard error. Whoever wrote it must not steer the terminal. */
  static void log(String text) {
    ERR.println(text.replaceAll("[\\p{Cc}\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069&&[^\\t]]", "\ufffd"));
  }

  void show(JournalEntry entry) {
    switch (entry.getEntryCase()) {
      case HOOK_STARTED -> hooks.put(entry.getHookStarted().getIndex(), entry.getHookStarted().getHook());
      case HOOK_OUTPUT -> append(entry.getHookOutput());
      case HOOK_FINISHED -> {
        var index = entry.getHookFinished().getIndex();
        lines.forEach((key, line) -> {
          if (key.startsWith(index + " ") && line.size() > 0) flush(index, line);
        });
      }
      default -> {}
    }
  }

  private void append(HookOutput output) {
    var key = output.getIndex() + " " + output.getStreamValue();
    var line = lines.computeIfAbsent(key, k -> new ByteArrayOutputStream());
    for (var written : output.getData()) {
      if (written == '\n') flush(output.getIndex(), line);
      else line.write(written);
      if (line.size() >= LONGEST_LINE) flush(output.getIndex(), line);
    }
  }

  private void flush(int index, ByteArrayOutputStream line) {
    var text = line.toString(StandardCharsets.UTF_8);
    log(hooks.getOrDefault(index, "?") + " | " + (text.endsWith("\r") ? text.substring(0, text.length() - 1) : text));
    line.reset();
  }
}
