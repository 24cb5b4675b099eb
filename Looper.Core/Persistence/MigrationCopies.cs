using System.Globalization;

namespace Looper.Core.Persistence;

/// <summary>The copies of <c>looper.db</c> from before its migrations. They hold what it held then, units that were erased since among it, so they are kept for as long as a new
/// version may have to be taken back, and no longer.</summary>
public sealed class MigrationCopies(DataDirectory directory)
{
    private const string Name = "backups", Begins = "looper-";

    /// <summary>Where one of this moment is to lie; nothing does yet.</summary>
    public string Next(DateTimeOffset now)
    {
        var copy = Path.Combine(directory.Folder(Name), string.Create(CultureInfo.InvariantCulture, $"{Begins}{now:yyyyMMdd-HHmmss}.db"));
        File.Delete(copy);
        return copy;
    }

    public void RemoveOlderThan(DateTimeOffset moment)
    {
        if (!Directory.Exists(directory.File(Name))) return;
        foreach (var path in Directory.EnumerateFiles(directory.File(Name), $"{Begins}*.db").Where(p => File.GetLastWriteTimeUtc(p) < moment.UtcDateTime)) File.Delete(path);
    }
}
