namespace Looper.Client.Delivery;

/// <summary>A file of the spool, one parcel a line. It is deleted with the last of them.</summary>
internal sealed class SpoolFile(string path)
{
    public string Path { get; } = path;

    /// <summary>Lines written to it.</summary>
    public int Lines { get; set; }

    /// <summary>Lines of it that still wait.</summary>
    public int Waiting { get; set; }
}
