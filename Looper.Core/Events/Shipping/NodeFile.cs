namespace Looper.Core.Events.Shipping;

/// <summary>Which journal this is. Positions on the server are kept under it, so a restored journal must have another:
/// backups leave the file out, and whoever restores starts without one.</summary>
public static class NodeFile
{
    public const string Name = "node.id";

    public static Guid Read(string folder, Ids ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var file = Path.Combine(folder, Name);
        return File.Exists(file) && Guid.TryParse(File.ReadAllText(file), out var id) ? id : Renew(folder, ids);
    }

    /// <summary>For a journal that is not the one that shipped before: everything goes again, and is kept once.</summary>
    public static Guid Renew(string folder, Ids ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var (file, id) = (Path.Combine(folder, Name), ids.Next());
        using (var stream = new FileStream(file + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(id.ToString()));
            stream.Flush(flushToDisk: true);
        }
        File.Move(file + ".tmp", file, overwrite: true);
        return id;
    }
}
