using System.IO.Compression;
using System.Text;
using Looper.Core.Files;

namespace Looper.Core.Tests.Files;

public class CsvFileTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Plain_and_gzipped_files_read_alike(bool zipped)
    {
        using var file = CsvFile.Open(Bytes("a,b\n1,\"x, y\"\n2,\n", zipped));
        Assert.Equal(["a", "b"], file.Header);
        Assert.Equal(["1", "x, y"], file.Read()!);
        Assert.Equal(2, file.Line);
        Assert.Equal(["2", ""], file.Read()!);
        Assert.Null(file.Read());
    }

    [Theory, InlineData(""), InlineData("a\n")]
    public void A_file_without_rows_ends_at_once(string text)
    {
        using var file = CsvFile.Open(Bytes(text, zipped: false));
        Assert.Null(file.Read());
    }

    [Fact]
    public void A_missing_column_is_refused_with_the_names_there_are()
    {
        using var file = CsvFile.Open(Bytes("unit,spend\n", zipped: false));
        Assert.Equal(1, file.Column("spend", "--reward").Value);
        var refusal = file.Column("spnd", "--reward").Refusal!;
        Assert.Equal("--reward", refusal.Field);
        Assert.Contains("unit, spend", refusal.Reason, StringComparison.Ordinal);
    }

    [Theory, InlineData("a,b\n1,2\n1,5,3\n4,4\n", "3 cells"), InlineData("a,b\n1,2\n1\n4,4\n", "1 cell where")]
    public void A_row_whose_cells_may_have_moved_is_told_and_costs_only_itself(string text, string told)
    {
        using var file = CsvFile.Open(Bytes(text, zipped: false));
        Assert.Equal(["1", "2"], file.Read()!);
        Assert.NotNull(file.Read(out var fault));
        Assert.Contains(told, fault, StringComparison.Ordinal);
        Assert.Equal(["4", "4"], file.Read()!);
        Assert.Null(file.Read());
        using var strict = CsvFile.Open(Bytes(text, zipped: false));
        strict.Read();
        Assert.StartsWith("Line 3: ", Assert.Throws<InvalidDataException>(strict.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_that_is_never_closed_does_not_swallow_the_rest()
    {
        using var file = CsvFile.Open(Bytes("a,b\n1,2\n3,\"NL\n5,6\n7,8\n", zipped: false));
        Assert.NotNull(file.Read());
        Assert.Contains("line 3", Assert.Throws<InvalidDataException>(file.Read).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_row_that_never_ends_is_not_read_into_memory(bool zipped)
    {
        var text = "a,b\n1,2\n3,\"" + new string('x', 3 * CsvFile.MostRow) + "\n5,6\n";
        using var file = CsvFile.Open(Bytes(text, zipped));
        Assert.NotNull(file.Read());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var told = Assert.Throws<InvalidDataException>(file.Read).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 5L * CsvFile.MostRow); // its buffer doubles up to twice the limit
        Assert.Contains("row after line 2", told, StringComparison.Ordinal);
        Assert.Contains("16 MB", told, StringComparison.Ordinal);
    }

    [Theory, InlineData(0.5), InlineData(0.999)]
    public void A_gzip_that_was_cut_short_is_no_whole_file(double kept)
    {
        var whole = Bytes("a,b\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i},{i * 7919 % 1013}\n")), zipped: true).ToArray();
        int Rows(byte[] bytes)
        {
            using var file = CsvFile.Open(new MemoryStream(bytes));
            var rows = 0;
            while (file.Read() is not null) rows++;
            return rows;
        }
        Assert.Equal(50_000, Rows(whole));
        Assert.Equal(50_001, Rows([.. whole, .. Bytes("9,9\n", zipped: true).ToArray()])); // two in one are one
        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => Rows(whole[..(int)(whole.Length * kept)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cell_that_is_not_utf8_is_told_and_a_replacement_character_that_is_meant_is_kept()
    {
        using var file = CsvFile.Open(new MemoryStream([.. "a,b\n\uFFFD,2\n"u8, .. "caf"u8, 0xE9, .. ",2\n"u8]));
        Assert.Equal(["\uFFFD", "2"], file.Read()!);
        Assert.Contains("'a' is not UTF-8", Assert.Throws<InvalidDataException>(file.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_there_twice_is_not_guessed()
    {
        using var file = CsvFile.Open(Bytes("unit,spend,spend\n", zipped: false));
        Assert.Equal("file.column-twice", file.Column("spend", "--reward").Refusal!.Code);
    }

    private static MemoryStream Bytes(string text, bool zipped)
    {
        if (!zipped) return new MemoryStream(Encoding.UTF8.GetBytes(text));
        var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionMode.Compress, leaveOpen: true)) zip.Write(Encoding.UTF8.GetBytes(text));
        bytes.Position = 0;
        return bytes;
    }
}
