using System.Text.Json;

namespace Looper.Web.Commands.Files;

/// <summary>A file that a command makes. It is written beside its place and moved there when it is whole: a full disk or a Ctrl-C leaves no half of a table that
/// looks like a whole one, and what was there before stays until then.</summary>
internal static class OutputFile
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Asked before the work: what took an hour to learn is not lost to a misspelt folder, or to one that may not be written to.</summary>
    /// <param name="others">What the same command reads or writes, with the options that named it.</param>
    public static void Check(string path, string option, params ReadOnlySpan<(string Path, string Option)> others)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new FileFault($"{option}: the name is empty. Name a file.");
        foreach (var other in others)
            if (!IsStream(path) && Path.GetFullPath(other.Path) == Path.GetFullPath(path)) throw new FileFault($"{option}: {path} is the file of {other.Option}, which would be lost. Name another.");
        if (Directory.Exists(path)) throw new FileFault($"{option}: {path} is a folder. Name a file.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder)) throw new FileFault($"{option}: there is no folder {folder}.");
        if (IsStream(path)) return;
        try
        {
            File.Create(Beside(path)).Dispose();
            File.Delete(Beside(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new FileFault($"{option}: {path} cannot be written. {fault.Message}");
        }
    }

    public static async Task WriteAsync(string path, Func<TextWriter, Task> write)
    {
        if (IsStream(path))
        {
            await using var stream = new StreamWriter(path);
            await write(stream);
            return;
        }
        var place = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
        try
        {
            await using (var file = new StreamWriter(Beside(place))) await write(file);
            File.Move(Beside(place), place, overwrite: true);
        }
        catch
        {
            File.Delete(Beside(place));
            throw;
        }
    }

    public static Task WriteAsync(string path, object report, CancellationToken cancel) =>
        WriteAsync(path, file => file.WriteAsync(JsonSerializer.Serialize(report, s_json).AsMemory(), cancel));

    private static string Beside(string path) => $"{path}.{Environment.ProcessId}.partial";

    // Such as /dev/stdout: there is nothing to move a file over.
    private static bool IsStream(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
}
