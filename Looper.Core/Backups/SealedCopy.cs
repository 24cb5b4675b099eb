using System.Security.Cryptography;

namespace Looper.Core.Backups;

/// <summary>Copies and hashes files, flushed to the disk before anyone is told that they are there.</summary>
internal static class SealedCopy
{
    public static async Task<BackupFile> SealAsync(string folder, string path, CancellationToken cancel)
    {
        await using var file = new FileStream(Path.Combine(folder, path), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var hash = await SHA256.HashDataAsync(file, cancel);
        file.Flush(flushToDisk: true);
        return new(path, file.Length, Convert.ToHexStringLower(hash));
    }

    /// <returns>SHA-256 of the bytes that were written, in hexadecimal.</returns>
    public static async Task<string> CopyAsync(string from, string to, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[131_072];
        for (int got; (got = await source.ReadAsync(buffer, cancel)) > 0;)
        {
            hash.AppendData(buffer, 0, got);
            await target.WriteAsync(buffer.AsMemory(0, got), cancel);
        }
        target.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>For its owner alone: it will hold keys.</summary>
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
