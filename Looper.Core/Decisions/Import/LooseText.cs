using System.IO.Compression;
using System.Text;

namespace Looper.Core.Decisions.Import;

/// <summary>Looks for a text in a file whatever else the file is: plain, or gzipped as far as it can be unpacked.</summary>
internal static class LooseText
{
    private const int AtOnce = 1 << 16;

    public static bool Holds(string path, string text, CancellationToken cancel)
    {
        using var file = File.OpenRead(path);
        var isZipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        using Stream bytes = isZipped ? new GZipStream(file, CompressionMode.Decompress) : file;
        var sought = Encoding.UTF8.GetBytes(text);
        var (window, held) = (new byte[AtOnce + sought.Length], 0);
        try
        {
            for (int got; (got = bytes.Read(window, held, AtOnce)) > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                var read = window.AsSpan(0, held + got);
                if (read.IndexOf(sought) >= 0) return true;
                held = Math.Min(read.Length, sought.Length - 1); // it may go on in the next part
                read[^held..].CopyTo(window);
            }
        }
        catch (InvalidDataException)
        {
            // damaged from here on: nobody can read what follows
        }
        return false;
    }
}
