using System.Collections.Immutable;
using System.IO.Compression;
using CsvHelper;

namespace Looper.Core.Files;

/// <summary>A CSV file with a header, plain or gzipped, read once front to back. Every road into Looper that takes a CSV comes through here.</summary>
public sealed class CsvFile : IDisposable
{
    private static readonly CsvReaderOptions s_options = CsvReaderOptions.Default with { TrackLineNumbers = true, PoolStrings = true };
    private readonly CsvReader _reader;

    private CsvFile(Stream bytes)
    {
        _reader = CsvReader.Create(bytes, s_options, leaveOpen: false);
        _reader.ReadHeader();
        Header = [.. _reader.Headers];
    }

    /// <summary>Column names, in file order; empty for an empty file.</summary>
    public ImmutableArray<string> Header { get; }

    /// <summary>Line of the row last read, the header being line 1.</summary>
    public long Line => _reader.LineNumber;

    public static CsvFile Open(string path) => Open(File.OpenRead(path));

    /// <param name="bytes">Plain or gzipped, told apart by the first two bytes; needs no seeking; disposed with the file.</param>
    public static CsvFile Open(Stream bytes)
    {
        Span<byte> head = stackalloc byte[2];
        var got = bytes.ReadAtLeast(head, 2, throwOnEndOfStream: false);
        Stream whole = new PrefixedStream(head[..got].ToArray(), bytes);
        if (got == 2 && head[0] == 0x1F && head[1] == 0x8B) whole = new GZipStream(whole, CompressionMode.Decompress);
        return new CsvFile(whole);
    }

    /// <summary>Index of a column, or a refusal that names the file's columns.</summary>
    public Answered<int> Column(string name, string field)
    {
        var index = Header.IndexOf(name);
        return index >= 0
            ? index
            : new Refusal("file.column-unknown", $"The file has no column '{name}'. Its columns are {string.Join(", ", Header)}.", field);
    }

    /// <summary>The next row's cells, one per header column ("" where the row is short), or null at the end.</summary>
    public string[]? Read()
    {
        if (Header.IsEmpty || !_reader.Read()) return null;
        var row = new string[Header.Length];
        for (var i = 0; i < row.Length; i++) row[i] = i < _reader.FieldCount ? _reader.GetString(i) : "";
        return row;
    }

    public void Dispose() => _reader.Dispose();
}
