using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Unicode;
using CsvHelper;

namespace Looper.Core.Files;

/// <summary>A CSV file with a header, plain or gzipped, read once front to back. Every road into Looper that takes a CSV comes through here. What it
/// cannot read for certain it refuses: a file that was cut short, or a row whose cells may have moved, must not pass for a whole one.</summary>
public sealed class CsvFile : IDisposable
{
    /// <summary>Longest row, in bytes: a quote that opens and is never closed would take the rest of a file of any size into memory before anybody is told.</summary>
    internal const int MostRow = 16 << 20;

    private readonly CsvReader _reader;
    private readonly Func<bool> _next;
    private readonly bool _isZipped;
    private long _openQuote; // line of a quote that is never closed; 0 without one

    /// <exception cref="InvalidDataException">It cannot be read; the message says why.</exception>
    private CsvFile(Stream bytes, bool isZipped)
    {
        _isZipped = isZipped;
        _reader = CsvReader.Create(bytes, CsvReaderOptions.Default with { TrackLineNumbers = true, PoolStrings = true, OnMalformedRecord = Note, MaxRecordSize = MostRow }, leaveOpen: false);
        _next = _reader.Read;
        Guarded(() =>
        {
            _reader.ReadHeader();
            return true;
        });
        Header = [.. _reader.Headers];
    }

    /// <summary>Column names, in file order; empty for an empty file.</summary>
    public ImmutableArray<string> Header { get; }

    /// <summary>Line of the row last read, the header being line 1.</summary>
    public long Line => _reader.LineNumber;

    /// <exception cref="InvalidDataException">It cannot be read; the message says why.</exception>
    public static CsvFile Open(string path) => Open(File.OpenRead(path));

    /// <param name="bytes">Plain or gzipped, told apart by the first two bytes; needs no seeking; disposed with the file.</param>
    /// <exception cref="InvalidDataException">It cannot be read; the message says why.</exception>
    public static CsvFile Open(Stream bytes)
    {
        Span<byte> head = stackalloc byte[2];
        var got = bytes.ReadAtLeast(head, 2, throwOnEndOfStream: false);
        Stream whole = new PrefixedStream(head[..got].ToArray(), bytes);
        var isZipped = got == 2 && head[0] == 0x1F && head[1] == 0x8B;
        return new CsvFile(isZipped ? new GZipStream(whole, CompressionMode.Decompress) : whole, isZipped);
    }

    /// <summary>Index of a column, or a refusal that names the file's columns.</summary>
    public Answered<int> Column(string name, string field)
    {
        var index = Header.IndexOf(name);
        if (index < 0) return new Refusal("file.column-unknown", $"The file has no column '{name}'. Its columns are {string.Join(", ", Header)}.", field);
        return Header.LastIndexOf(name) == index ? index : new Refusal("file.column-twice", $"The file has two columns '{name}'. Rename or remove one of them.", field);
    }

    /// <summary>The next row's cells, one per header column, or null at the end.</summary>
    /// <exception cref="InvalidDataException">The rest, or this row, cannot be read; the message says why.</exception>
    public string[]? Read()
    {
        var row = Read(out var fault);
        return fault is null ? row : throw new InvalidDataException($"Line {Line}: {fault}");
    }

    /// <summary>The same, where a row that is unfit is to cost only itself.</summary>
    /// <param name="fault">What is wrong with the row; null where it is sound.</param>
    /// <returns>The cells as far as they are there; "" for those that are not.</returns>
    /// <exception cref="InvalidDataException">The rest cannot be read; the message says why.</exception>
    public string[]? Read(out string? fault)
    {
        fault = null;
        if (Header.IsEmpty || !Guarded(_next)) return null;
        var row = new string[Header.Length];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = i < _reader.FieldCount ? _reader.GetString(i) : "";
            if (row[i].Contains('\uFFFD', StringComparison.Ordinal) && !Utf8.IsValid(_reader.GetSpan(i))) fault = $"the cell of '{Header[i]}' is not UTF-8. Save the file as UTF-8.";
        }
        if (_reader.FieldCount != Header.Length) fault = $"it has {(_reader.FieldCount == 1 ? "1 cell" : $"{_reader.FieldCount} cells")} where the header has {Header.Length}. Quote a cell that holds a separator, and leave no cell out.";
        return row;
    }

    public void Dispose() => _reader.Dispose();

    private void Note(CsvMalformedRecord record)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote) _openQuote = Math.Max(1, record.LineNumber);
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            var value = read();
            return _openQuote == 0 ? value : throw new InvalidDataException($"A quote that opens in line {_openQuote} is never closed. Close it, or double it where it is part of the text.");
        }
        catch (CsvFormatException fault) when (fault.Message.Contains(nameof(CsvReaderOptions.MaxRecordSize), StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The row after line {_reader.LineNumber} is longer than {MostRow >> 20} MB. Look for a quote there that opens and is never closed, or for bytes that are no text.", fault);
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
        catch (InvalidDataException fault) when (_isZipped && _openQuote == 0)
        {
            throw new InvalidDataException("It is gzipped, and was cut short or damaged: it cannot be unpacked to its end. Take the whole file.", fault);
        }
    }
}
