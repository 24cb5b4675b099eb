using System.IO.Compression;
using System.Text;
using Looper.Core.Files;

namespace Looper.Core.Tests.Files;

public class CsvFileTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Plain_and_gzipped_files_read_alike(bool zipped)
    {
        using var file = CsvFile.Open(Bytes("a,b\n1,\"x, y\"\n2\n", zipped));
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

    private static MemoryStream Bytes(string text, bool zipped)
    {
        if (!zipped) return new MemoryStream(Encoding.UTF8.GetBytes(text));
        var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionMode.Compress, leaveOpen: true)) zip.Write(Encoding.UTF8.GetBytes(text));
        bytes.Position = 0;
        return bytes;
    }
}
