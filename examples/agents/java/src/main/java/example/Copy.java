package example;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** The backup itself: a folder is copied as a tree. What it came to is in the fields. */
final class Copy extends SimpleFileVisitor<Path> {
  private final Path source;
  private final Path target;
  private final Path self;
  long files;
  long bytes;
  final List<String> leftOut = new ArrayList<>();

  private Copy(Path source, Path target) throws IOException {
    this.source = source;
    this.target = target;
    self = target.toRealPath();
  }

  /** Copies a folder into a new one; fails if the source is not there or the target cannot be written. */
  static Copy tree(Path source, Path target) throws IOException {
    Files.newDirectoryStream(source).close();
    var copy = new Copy(source, Files.createDirectories(target));
    Files.walkFileTree(source, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, copy);
    return copy;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
    if (folder.toRealPath().equals(self)) return FileVisitResult.SKIP_SUBTREE;
    Files.createDirectories(target.resolve(source.relativize(folder)));
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (!attributes.isRegularFile()) return leaveOut(file);
    FileChannel from;
    try {
      from = FileChannel.open(file);
    } catch (ClosedByInterruptException interrupted) {
      throw interrupted;
    } catch (IOException unreadable) {
      return leaveOut(file);
    }
    // An interrupt of this thread closes both.
    try (from; var to = FileChannel.open(target.resolve(source.relativize(file)),
        StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long copied = 0;
      for (long more; (more = from.transferTo(copied, 1 << 20, to)) > 0; ) copied += more;
      files++;
      bytes += copied;
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
    if (why instanceof FileSystemLoopException || !file.equals(source)) return leaveOut(file);
    throw why;
  }

  private FileVisitResult leaveOut(Path path) {
    leftOut.add(source.relativize(path).toString());
    return FileVisitResult.CONTINUE;
  }
}
