using Looper.Core.Files;
using Looper.Core.Persistence;

namespace Looper.Core.Decisions.Import;

/// <summary>The files of imports, in the data directory: what was uploaded, until it has been read; how far its reading is; and the rows it refused.</summary>
public sealed class ImportFiles(DataDirectory directory)
{
    private const string Refused = ".refused.csv";

    private const string Name = "imports";

    private string Folder => directory.Folder(Name);

    /// <param name="name">As in <see cref="ImportInput.File"/>: made by <see cref="ImportActions.StartAsync"/>, never by a user.</param>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <inheritdoc cref="PathOf"/>
    public string RefusedOf(string name) => PathOf(name) + Refused;

    public ImportTrail Follow(string name) => new(PathOf(name) + ".at", RefusedOf(name));

    /// <summary>The upload has been read; the rows it refused stay for download.</summary>
    public void Remove(string name)
    {
        File.Delete(PathOf(name));
        File.Delete(PathOf(name) + ".at");
    }

    /// <summary>Removes what nobody has written to since then.</summary>
    public void RemoveOlderThan(DateTimeOffset moment)
    {
        foreach (var path in Directory.EnumerateFiles(Folder).Where(p => File.GetLastWriteTimeUtc(p) < moment.UtcDateTime)) File.Delete(path);
    }

    /// <summary>Uploads with a cell that is the unit's name: waiting, being read, or left by a run that failed or was cancelled.</summary>
    /// <returns>Their names, as in <see cref="ImportInput.File"/>. One that cannot be read as rows counts where the name stands anywhere in it.</returns>
    public List<string> UploadsWith(string unit, CancellationToken cancel)
    {
        if (!Directory.Exists(directory.File(Name))) return [];
        return [.. Directory.EnumerateFiles(Folder, "*.csv").Where(p => !p.EndsWith(Refused, StringComparison.Ordinal) && Holds(p, unit, cancel)).Select(p => Path.GetFileName(p))];
    }

    private static bool Holds(string path, string unit, CancellationToken cancel)
    {
        try
        {
            using var file = CsvFile.Open(path);
            while (file.Read(out _) is { } row)
            {
                cancel.ThrowIfCancellationRequested();
                if (row.Any(cell => cell == unit || cell.Trim() == unit)) return true;
            }
        }
        catch (InvalidDataException)
        {
            return LooseText.Holds(path, AsInFile(unit), cancel); // of a run that failed, or still on its way
        }
        catch (FileNotFoundException)
        {
            return false; // it has been read
        }
        return false;
    }

    // As a line of the file has it.
    private static string AsInFile(string unit) => unit.Replace("\"", "\"\"", StringComparison.Ordinal).Split('\r', '\n').MaxBy(line => line.Length)!;

    /// <summary>Removes each list of refused rows that speaks of the unit, whole.</summary>
    public void Erase(string unit, CancellationToken cancel)
    {
        if (!Directory.Exists(directory.File(Name))) return;
        foreach (var path in Directory.EnumerateFiles(Folder, "*" + Refused))
        {
            if (LooseText.Holds(path, AsInFile(unit), cancel)) File.Delete(path);
        }
    }
}
